"""Memory from the system, and back to it.

An allocator keeps what is let go of between blocks that are still in use, as most of a log's columns are: batch after batch, what
stays and what goes lie side by side. Arrow's own allocators keep the most, and the C library gives such gaps back if it is asked.
A page that was given back costs more when it is touched again than most of what is computed on it, so that gaps are left for the
next array until many have gathered, unless memory is to be spared.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from mmap import PAGESIZE
from pathlib import Path

import pyarrow as pa

ROOM = 1 << 30
"""Bytes by which memory may grow before gaps are given back; no smaller array is taken from the system by itself."""
_LARGEST_OF_ITS_OWN = 1 << 25
"""Above it the C library takes an array from the system by itself, once it has met such arrays (M_MMAP_THRESHOLD of mallopt(3))."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_PAGES = Path("/proc/self/statm")


class _Gaps:
    """How far memory may grow before gaps are given back, and what was resident when they last were."""

    def __init__(self) -> None:
        self.room, self.resident = 0, 0

    def are_many(self) -> bool:
        return not self.room or _resident() - self.resident >= self.room

    def gone(self) -> None:
        self.resident = _resident() if self.room else 0


_gaps = _Gaps()


@contextmanager
def from_the_system(*, spared: bool = False) -> Iterator[None]:
    """In here Arrow takes its memory from the C library, as numpy does; `spared`, every gap is given back when asked."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    _keep(0 if spared else ROOM)
    try:
        yield
    finally:
        pa.set_memory_pool(before)
        _keep(0)
        give_back()


def give_back() -> None:
    """Give gaps back if there may be many; where the C library cannot, nothing happens."""
    if _gaps.are_many():
        _call("malloc_trim")(0)
        _gaps.gone()


def _keep(room: int) -> None:
    """Let memory grow by so many bytes before gaps are given back."""
    _gaps.room = room
    _gaps.gone()
    set_to = _call("mallopt")
    set_to(_MMAP_THRESHOLD, room or _LARGEST_OF_ITS_OWN)
    set_to(_TRIM_THRESHOLD, room or 2 * _LARGEST_OF_ITS_OWN)


def _resident() -> int:
    """Bytes of memory that lie in no file; 0 where the system does not say as Linux does."""
    try:
        _, resident, in_files, *_ = _PAGES.read_text("ascii").split()
    except OSError:
        return 0
    return (int(resident) - int(in_files)) * PAGESIZE


@cache
def _call(name: str) -> Callable[..., object]:
    found = getattr(ctypes.CDLL(None), name, None)
    return _nothing if found is None else found


def _nothing(*_given: int) -> None:
    """Not every C library has the call."""
