"""Which ids were seen before, exactly, in about twelve bytes a row.

Every id is hashed to 128 bits. Half of them choose its place in an open-addressing table, the other
half are kept there and compared. An id is taken for another only if the kept 64 bits are equal *and*
the two meet within a few places of each other, so among 16 million different ids the probability that
one row is wrongly rejected is about 16e6 * 3 / 2**64, or 3e-12. Keeping all 128 bits, or the ids
themselves, would cost two to five times the memory for nothing that could be observed. The hash is
fixed, not seeded, so that a scan gives the same result every time; a row rejected as a duplicate is
kept in `rejected.jsonl` like any other.

A full table is left as it is and a new one is opened beside it, because the places of the kept halves
cannot be computed again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.fingerprint.vectors import WORD, eight
from stillwatch.sources.check import text_buffers

_FULLEST = 0.7
_SMALLEST = 1 << 16

_FREE = np.uint64(0)

_M1 = np.uint64(0x9E3779B97F4A7C15)
_M2 = np.uint64(0xC2B2AE3D27D4EB4F)
_M3 = np.uint64(0xFF51AFD7ED558CCD)
_M4 = np.uint64(0xC4CEB9FE1A85EC53)


class Seen:
    """The ids seen so far; ask `again` batch after batch."""

    def __init__(self, expected: int = 0) -> None:
        """Make room for `expected` ids; more than that are welcome, at a little cost."""
        self._tables = [_new_table(expected)]
        self._used = [0]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(table.nbytes for table in self._tables)

    def again(self, ids: pa.Array) -> NDArray[np.bool_]:
        """True for each id that was seen in an earlier batch or earlier in this one."""
        offsets, text = text_buffers(ids)
        places, kept = _hashes(offsets, text)
        again: NDArray[np.bool_] = np.zeros(len(ids), dtype=np.bool_)
        for table in self._tables[:-1]:
            _look_up(table, places, kept, again)
        if self._used[-1] + len(ids) > _FULLEST * len(self._tables[-1]):
            if self._used[-1]:
                _look_up(self._tables[-1], places, kept, again)
                self._tables.append(_new_table(sum(self._used) + len(ids)))
                self._used.append(0)
            else:
                self._tables[-1] = _new_table(len(ids))
        self._used[-1] += _insert(self._tables[-1], places, kept, again)
        return again

    def take_new(self, parts: Sequence[pa.Array]) -> bool:
        """Whether none of these ids was seen, which are then taken as seen; if one was, none of them is."""
        taken: list[tuple[pa.Array, NDArray[np.bool_]]] = []
        for ids in parts:
            taken.append((ids, self.again(ids)))
            if taken[-1][1].any():
                break
        else:
            return True
        while taken:
            self._forget(*taken.pop())
        return False

    def _forget(self, ids: pa.Array, again: NDArray[np.bool_]) -> None:
        """Let go of the ids of the batch that came last, but for those that were seen before it."""
        places, kept = _hashes(*text_buffers(ids))
        for at, table in enumerate(self._tables):
            self._used[at] -= _take_out(table, places, kept, again)


def _new_table(ids: int) -> NDArray[np.uint64]:
    return np.zeros(max(_SMALLEST, int(ids / _FULLEST) + 1), dtype=np.uint64)


@numba.njit(cache=True, nogil=True, inline="always")
def _mixed(value: np.uint64) -> np.uint64:
    value ^= value >> np.uint64(33)
    value *= _M3
    value ^= value >> np.uint64(29)
    value *= _M4
    return value ^ (value >> np.uint64(32))


@numba.njit(cache=True, nogil=True)
def _hashes(
    offsets: NDArray[np.int32], text: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Two independent 64-bit hashes of every row; the second is never 0, which marks a free place."""
    rows = len(offsets) - 1
    first, second = np.empty(rows, dtype=np.uint64), np.empty(rows, dtype=np.uint64)
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        one = np.uint64(end - start) * _M1
        two = one ^ _M2
        for at in range(start, end, WORD):
            if at + WORD <= end:
                word = eight(text, np.uint64(at))
            else:
                word = np.uint64(0)
                for byte in range(at, end):
                    word = (word << np.uint64(8)) | np.uint64(text[byte])
            one = (one ^ word) * _M1
            one ^= one >> np.uint64(32)
            two = (two + word) * _M2
            two ^= two >> np.uint64(29)
        first[row] = _mixed(one)
        second[row] = max(_mixed(two), np.uint64(1))
    return first, second


@numba.njit(cache=True, nogil=True)
def _place(hashed: np.uint64, size: int) -> np.int64:
    """The hash scaled to the table, which need not be a power of two."""
    return np.int64(((hashed >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32))


@numba.njit(cache=True, nogil=True)
def _look_up(
    table: NDArray[np.uint64], places: NDArray[np.uint64], kept: NDArray[np.uint64], again: NDArray[np.bool_]
) -> None:
    size = len(table)
    for row in range(len(kept)):
        at = _place(places[row], size)
        while table[at] != _FREE and table[at] != kept[row]:
            at += 1
            if at == size:
                at = np.int64(0)
        again[row] |= table[at] == kept[row]


@numba.njit(cache=True, nogil=True)
def _insert(
    table: NDArray[np.uint64], places: NDArray[np.uint64], kept: NDArray[np.uint64], again: NDArray[np.bool_]
) -> int:
    """Insert what is new, mark what is not; how many were new."""
    size, added = len(table), 0
    for row in range(len(kept)):
        if again[row]:
            continue
        at = _place(places[row], size)
        while table[at] != _FREE and table[at] != kept[row]:
            at += 1
            if at == size:
                at = np.int64(0)
        if table[at] == _FREE:
            table[at] = kept[row]
            added += 1
        else:
            again[row] = True
    return added


@numba.njit(cache=True, nogil=True)
def _take_out(
    table: NDArray[np.uint64], places: NDArray[np.uint64], kept: NDArray[np.uint64], done: NDArray[np.bool_]
) -> int:
    """Free the places of the rows that are not `done`, and mark these; the last first, for each may lie behind one before it."""
    size, freed = len(table), 0
    for row in range(len(kept) - 1, -1, -1):
        at = _place(places[row], size)
        while not done[row] and table[at] != _FREE:
            if table[at] == kept[row]:
                table[at] = _FREE
                done[row] = True
                freed += 1
            at = at + 1 if at + 1 < size else np.int64(0)
    return freed
