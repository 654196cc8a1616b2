"""Equal keys told apart from others, in a third of the time that sorting them takes: a number for each row, the same for equal keys.

Keys are first put into parts by their first mixed bits, each so small that a table of its keys stays in the processor's
cache.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.kernels import MIX_A
from stillwatch.fingerprint.often import place
from stillwatch.fingerprint.text import Keys
from stillwatch.weigh.incidence import Int32s

A_PART = 1 << 15
"""Rows of a part, about."""
FIRST_BIT = 64


def numbers_of(keys: Keys) -> tuple[Int32s, int]:
    """For each row a number from 0 for its key, and how many distinct keys there are."""
    number, known = numbered(keys)
    return number, len(known)


def numbered(keys: Keys) -> tuple[Int32s, Keys]:
    """The same, with the distinct keys themselves."""
    bits = max(1, (len(keys) // A_PART).bit_length())
    return _numbered(keys, np.uint64(FIRST_BIT - bits), 1 << bits)


@nb.njit(cache=True, nogil=True)
def _numbered(keys: Keys, shift: np.uint64, parts: int) -> tuple[Int32s, Keys]:
    """The same; indices are without a sign, which spares a look at whether they count from the end."""
    starts, mine, rows = _parted(keys, shift, parts)
    table, known = np.empty(0, np.int32), np.empty(len(keys), np.uint64)
    number, found = np.empty(len(keys), np.int32), 0
    for part in range(parts):
        room = _room(2 * (starts[part + 1] - starts[part]))
        if room > len(table):
            table = np.empty(room, np.int32)
        table[:room] = -1
        for at in range(np.uint64(starts[part]), np.uint64(starts[part + 1])):
            key = mine[at]
            slot = place(key, room)
            while table[slot] >= 0 and known[np.uint32(table[slot])] != key:
                slot = (slot + np.uint64(1)) & np.uint64(room - 1)
            if table[slot] < 0:
                table[slot], known[found] = found, key
                found += 1
            number[rows[at]] = table[slot]
    return number, known[:found].copy()


@nb.njit(cache=True, nogil=True)
def _room(least: int) -> int:
    """The first power of two from 1024 on that is at least so many."""
    room = 1024
    while room < least:
        room *= 2
    return room


@nb.njit(cache=True, nogil=True)
def _parted(
    keys: Keys, shift: np.uint64, parts: int
) -> tuple[npt.NDArray[np.int64], Keys, npt.NDArray[np.uint32]]:
    """Where each part starts, and the keys and rows part by part."""
    starts = np.zeros(parts + 1, np.int64)
    for key in keys:
        starts[(key * MIX_A >> shift) + np.uint64(1)] += 1
    starts = np.cumsum(starts)
    free, mine, rows = starts.copy(), np.empty(len(keys), np.uint64), np.empty(len(keys), np.uint32)
    for row in range(np.uint64(len(keys))):
        part = keys[row] * MIX_A >> shift
        at = np.uint64(free[part])
        mine[at], rows[at] = keys[row], row
        free[part] += 1
    return starts, mine, rows


def distinct(keys: Keys) -> tuple[Keys, npt.NDArray[np.int64]]:
    """The distinct keys, and how often each comes."""
    number, known = numbered(keys)
    return known, np.bincount(number, minlength=len(known))
