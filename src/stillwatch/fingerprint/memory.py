"""Memory that was let go of, back to the system.

An allocator keeps what is let go of between blocks that are still in use, as most of a log's columns are: batch after batch, what
stays and what goes lie side by side. Arrow's own allocators keep the most, and the C library gives such gaps back if it is asked.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pyarrow as pa


@contextmanager
def from_the_system() -> Iterator[None]:
    """In here Arrow takes its memory from the C library, as numpy does."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def give_back() -> None:
    """Give gaps back; where the C library cannot, nothing happens."""
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    found = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return _nothing if found is None else found


def _nothing(_kept: int) -> None:
    """Not every C library has the call."""
