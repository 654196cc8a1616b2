"""Who holds what, as compressed rows: three arrays, and the two compiled loops that make and turn them.

Why not a library's sparse matrices: docs/adr/0023.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]
"""Floats, or half as wide."""


class Incidence(NamedTuple):
    """Entries row by row: row r holds `others` (in order, of `width`) and `values` from starts[r] up to starts[r + 1]."""

    starts: Integers
    others: Int32s
    values: Numbers
    width: int


class Room:
    """Room for the entries of one table after another: new memory costs as much as filling it."""

    def __init__(self) -> None:
        """Start with none."""
        self._others, self._values = np.empty(0, np.int32), np.empty(0)

    def of(self, entries: int) -> tuple[Int32s, Floats]:
        """Two arrays of that length, which the next to ask gets as well."""
        if entries > len(self._others):
            most = max(entries, 2 * len(self._others))
            self._others, self._values = np.empty(most, np.int32), np.empty(most)
        return self._others[:entries], self._values[:entries]


def turned(held: Incidence, room: Room | None = None) -> Incidence:
    """The same entries by what they hold: rows become the others. They lie in the `room`, if one is given."""
    others, values = (Room() if room is None else room).of(len(held.others))
    return Incidence(_turned(held, others, values), others, values, len(held.starts) - 1)


@nb.njit(cache=True, nogil=True)
def _turned(held: Incidence, others: Int32s, values: Floats) -> Integers:
    """Write the entries by what they hold; where each starts."""
    starts = np.zeros(held.width + 1, np.int64)
    for other in held.others:
        starts[np.uint32(other) + np.uint64(1)] += 1
    starts = np.cumsum(starts)
    place = starts[:-1].copy()
    for row in range(len(held.starts) - 1):
        for at in range(np.uint64(held.starts[row]), np.uint64(held.starts[row + 1])):
            other = np.uint32(held.others[at])
            to = np.uint64(place[other])
            others[to], values[to] = row, held.values[at]
            place[other] = to + np.uint64(1)
    return starts


@nb.njit(cache=True, nogil=True)
def gathered(row: Integers, other: Integers, value: Floats, height: int, width: int) -> Incidence:
    """Loose entries by row, those of one place added."""
    order = np.arange(len(row))
    for key, room in ((other, width), (row, height)):
        place = np.zeros(room + 1, np.int64)
        for entry in key:
            place[entry + 1] += 1
        place = np.cumsum(place)
        sorted_order = np.empty(len(row), np.int64)
        for entry in order:
            sorted_order[place[key[entry]]] = entry
            place[key[entry]] += 1
        order = sorted_order
    starts = np.zeros(height + 1, np.int64)
    others, values = np.empty(len(row), np.int32), np.empty(len(row))
    found, last_row = 0, -1
    for entry in order:
        if found > 0 and row[entry] == last_row and others[found - 1] == other[entry]:
            values[found - 1] += value[entry]
            continue
        others[found], values[found] = other[entry], value[entry]
        last_row = row[entry]
        starts[last_row + 1] += 1
        found += 1
    return Incidence(np.cumsum(starts), others[:found], values[:found], width)


@nb.njit(cache=True, nogil=True)
def chosen(held: Incidence, rows: Integers) -> Incidence:
    """Some of the rows."""
    starts = np.zeros(len(rows) + 1, np.int64)
    for i in range(len(rows)):
        starts[i + 1] = starts[i] + held.starts[rows[i] + 1] - held.starts[rows[i]]
    others, values = np.empty(starts[-1], held.others.dtype), np.empty(starts[-1], held.values.dtype)
    for i in range(len(rows)):
        first, end = held.starts[rows[i]], held.starts[rows[i] + 1]
        others[starts[i] : starts[i + 1]] = held.others[first:end]
        values[starts[i] : starts[i + 1]] = held.values[first:end]
    return Incidence(starts, others, values, held.width)


@nb.njit(cache=True, nogil=True)
def counted_among(held: Incidence, asked: Mask) -> Integers:
    """How many of those others that are asked for each row holds."""
    count = np.zeros(len(held.starts) - 1, np.int64)
    for row in range(len(count)):
        for at in range(np.uint64(held.starts[row]), np.uint64(held.starts[row + 1])):
            count[row] += asked[np.uint32(held.others[at])]
    return count


def stacked(parts: list[Incidence]) -> Incidence:
    """The rows of one after those of another, all of one width."""
    ends = np.cumsum([0, *(len(part.others) for part in parts)])
    starts = [part.starts[:-1] + end for part, end in zip(parts, ends[:-1], strict=True)]
    return Incidence(
        np.concatenate([*starts, ends[-1:]]),
        np.concatenate([part.others for part in parts]),
        np.concatenate([part.values for part in parts]),
        parts[0].width,
    )
