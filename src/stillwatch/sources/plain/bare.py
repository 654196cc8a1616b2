"""How compiled code is made that takes arrays and makes none.

numba counts who holds each array, at each call and even where an array is only looked into, which takes longer than many
of the calls. Code that makes no arrays need not count. The option that says so is numba's own and may go away; code is
slower then, and the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numba as nb
from numba.core.options import DefaultOptions

_P = ParamSpec("_P")
_R = TypeVar("_R")

_compiled: Any = nb.njit
_uncounted = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}
bare: Callable[[Callable[_P, _R]], Callable[_P, _R]] = _compiled(cache=True, nogil=True, **_uncounted)
