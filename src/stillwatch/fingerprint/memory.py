"""Memory from the system, and back to it.

An allocator keeps what is let go of between blocks that are still in use, as most of a log's columns are: batch after batch, what
stays and what goes lie side by side. Arrow's own allocators keep the most, and the C library gives such gaps back if it is asked.
A page that was given back costs more when it is touched again than most of what is computed on it, so that gaps are left for the
next array until many have gathered, unless memory is to be spared.

All this is the process's, and so it is kept here for all scans that run in it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from mmap import PAGESIZE
from pathlib import Path
from threading import Lock

import pyarrow as pa

from stillwatch.fingerprint.limit import memory_limit

ROOM = 1 << 30
"""Bytes of gaps that may gather before they are given back, and of the smallest array that the system is asked for by itself."""
PLENTY = 8 * ROOM
"""Where there is less memory than this, gaps are not left to gather."""
_LARGEST_OF_ITS_OWN = 1 << 25
"""Above it the C library asks the system for each array by itself, once it has met large ones; old ones take no greater bound (mallopt(3))."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_PAGES = Path("/proc/self/statm")


class _Info(ctypes.Structure):
    """What mallinfo2(3) tells; `free` are bytes that nobody uses, given back or not."""

    _fields_ = (
        *((name, ctypes.c_size_t) for name in ("a", "b", "c", "d", "e", "f", "g", "used")),
        ("free", ctypes.c_size_t),
        ("top", ctypes.c_size_t),
    )


class _Memory:
    """The scans inside, and what memory was like when gaps were last given back."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.inside: list[bool] = []
        self.before: pa.MemoryPool | None = None
        self.resident, self.free = 0, 0

    @property
    def is_spared(self) -> bool:
        """Nothing is kept where one scan spares memory, nor where there is none."""
        return any(self.inside) or not self.inside

    def enter(self, *, spared: bool) -> None:
        with self.lock:
            if not self.inside:
                self.before = pa.default_memory_pool()
                pa.set_memory_pool(pa.system_memory_pool())
            self.inside.append(spared)
            self._follow()

    def leave(self, *, spared: bool) -> None:
        with self.lock:
            self.inside.remove(spared)
            if not self.inside:
                pa.set_memory_pool(self.before)
            self._follow()

    def _follow(self) -> None:
        """Tell the C library: a bound for arrays of their own, or what it would itself have come to; and that threads share their gaps.

        In an arena of its own a thread has room for small arrays alone, touches pages anew that another one let go of, and leaves gaps.
        """
        _call("mallopt")(_ARENA_MAX, 1)
        allowed = not self.is_spared and _call("mallopt")(_MMAP_THRESHOLD, ROOM)
        if not allowed:
            _call("mallopt")(_MMAP_THRESHOLD, _LARGEST_OF_ITS_OWN)
        _call("mallopt")(_TRIM_THRESHOLD, ROOM if allowed else 2 * _LARGEST_OF_ITS_OWN)
        self.resident, self.free = _resident(), _free()

    def has_gaps(self) -> bool:
        """Whether there may be many: more lies free than did, or what lay free is resident again."""
        return self.is_spared or max(_free() - self.free, _resident() - self.resident) >= ROOM

    def give_back(self) -> None:
        _call("malloc_trim")(0)
        self.resident, self.free = _resident(), _free()


_memory = _Memory()


@contextmanager
def from_the_system(*, spared: bool = False) -> Iterator[None]:
    """In here Arrow takes its memory from the C library, as numpy does; `spared`, or where there is little, every gap is given back when asked.

    What the C library is told of large arrays, and that threads share their gaps, stays told.
    """
    spared = spared or memory_limit() < PLENTY
    _memory.enter(spared=spared)
    try:
        yield
    finally:
        _memory.leave(spared=spared)
        give_back()


def give_back() -> None:
    """Give gaps back if there may be many; where the C library cannot, nothing happens."""
    if _memory.has_gaps():
        _memory.give_back()


def _resident() -> int:
    """Bytes of memory that lie in no file; 0 where the system does not say as Linux does."""
    with suppress(OSError):
        _, resident, in_files, *_ = _PAGES.read_text("ascii").split()
        return (int(resident) - int(in_files)) * PAGESIZE
    return 0


def _free() -> int:
    """Bytes that the C library holds and nobody uses; 0 where it does not say."""
    with suppress(AttributeError):
        ask = ctypes.CDLL(None).mallinfo2
        ask.restype = _Info
        return int(ask().free)
    return 0


@cache
def _call(name: str) -> Callable[..., object]:
    found: Callable[..., object] | None = getattr(ctypes.CDLL(None), name, None)
    if found is None:
        return _nothing
    return found


def _nothing(*_given: int) -> None:
    """Not every C library has the call."""
