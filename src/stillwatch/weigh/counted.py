"""Who holds which value of a column, counted where the column lies: the same holding as a query's answer gives.

The rows are turned once to lie party by party, so that what a party holds is counted in one go. Where a column is held as
codes, a code has its place in a table; keys are counted part by part (`parted.py`). Why not a query: docs/adr/0047.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.often import ABSENT
from stillwatch.weigh.holding import FEWEST_HOLDERS, Holding
from stillwatch.weigh.incidence import Floats, Incidence, Int32s, Integers
from stillwatch.weigh.parted import HALF, LOWER, Keys, shared_keys


@dataclass(frozen=True, eq=False)
class Turned:
    """Where each row of a table goes when the rows are put party by party, and where each party's rows start.

    One column after another is turned and counted in the same room: new memory costs as much as the counting.
    """

    to: Int32s
    starts: Integers

    @cached_property
    def turned(self) -> Keys:
        """Room for a column's values party by party."""
        return np.empty(len(self.to), np.uint64)

    @cached_property
    def room(self) -> Keys:
        """Room to count in, two words for each row."""
        return np.empty(2 * len(self.to), np.uint64)


def party_by_party(account: npt.NDArray[np.int32], principal: Integers) -> Turned:
    """The rows of these accounts, by the principal of each."""
    parties = int(principal.max()) + 1 if len(principal) else 0
    return Turned(*_places(account, principal, parties))


def counted(column: pa.ChunkedArray, rows: Turned, *, signal: str, family: str) -> Holding:
    """The holding of a signal whose traits are the values of that column, 0 where a row has none."""
    keys, held, support = (_by_code if pa.types.is_dictionary(column.type) else _by_key)(column, rows)
    return Holding(signal, family, held, support, keys)


def _by_code(column: pa.ChunkedArray, rows: Turned) -> tuple[Keys, Incidence, Floats]:
    """Of a column whose parts are codes, which are made to be of the same values if they are not."""
    column = column.unify_dictionaries()
    values = column.chunk(0).dictionary.to_numpy()
    codes = _turned([part.indices.to_numpy() for part in column.chunks], rows)
    absent = np.flatnonzero(values == ABSENT)
    absent_code = int(absent[0]) if len(absent) else -1
    ends, holders, support = _pairs(codes, rows.starts, len(values), absent_code, rows.room)
    shared = np.flatnonzero(holders >= FEWEST_HOLDERS)
    shared = shared[np.argsort(values[shared])]
    return values[shared], _entries(rows.room, ends, shared, holders), support


def _by_key(column: pa.ChunkedArray, rows: Turned) -> tuple[Keys, Incidence, Floats]:
    """Of a column whose parts are keys."""
    keys = _turned([part.to_numpy() for part in column.chunks], rows)
    return shared_keys(keys, rows.starts, FEWEST_HOLDERS, rows.room)


def _turned(parts: Sequence[npt.NDArray[Any]], rows: Turned) -> npt.NDArray[Any]:
    """What stands in all parts, party by party, until the next column is turned."""
    turned = rows.turned.view(parts[0].dtype if parts else np.uint64)[: len(rows.to)]
    start = 0
    for part in parts:
        _put(part, rows.to[start : start + len(part)], turned)
        start += len(part)
    return turned


@nb.njit(cache=True, nogil=True)
def _places(account: npt.NDArray[np.int32], principal: Integers, parties: int) -> tuple[Int32s, Integers]:
    starts = np.zeros(parties + 1, np.int64)
    for one in account:
        starts[principal[one] + 1] += 1
    starts = np.cumsum(starts)
    free, to = starts.copy(), np.empty(len(account), np.int32)
    for row in range(len(account)):
        party = principal[account[row]]
        to[row] = free[party]
        free[party] += 1
    return to, starts


@nb.njit(cache=True, nogil=True)
def _put(part: npt.NDArray[Any], to: Int32s, turned: npt.NDArray[Any]) -> None:
    for row in range(len(part)):
        turned[to[row]] = part[row]


@nb.njit(cache=True, nogil=True)
def _pairs(
    codes: npt.NDArray[Any], starts: Integers, values: int, absent: int, pairs: Keys
) -> tuple[Integers, Int32s, Floats]:
    """Write, party by party, each code that it has, in the upper half, and of how many rows, in the lower.

    Where each party's pairs end, how many parties hold each of so many values, nobody the one that is `absent`, and of
    how many rows of each party one is known. A code is written down each time, and overwritten by the next if it was met before.
    """
    times, holders = np.zeros(values, np.uint32), np.zeros(values, np.int32)
    ends, support, found = np.zeros(len(starts), np.int64), np.zeros(len(starts) - 1), np.uint64(0)
    for party in range(len(support)):
        first = found
        for row in range(np.uint64(starts[party]), np.uint64(starts[party + 1])):
            code = np.uint32(codes[row])
            before = times[code]
            pairs[found] = code
            found += np.uint64(before == 0)
            times[code] = before + np.uint32(1)
        for at in range(first, found):
            code = np.uint32(pairs[at])
            pairs[at] = np.uint64(code) << HALF | np.uint64(times[code])
            holders[code] += 1
            support[party] += times[code] * (code != absent)
            times[code] = 0
        ends[party + 1] = found
    if absent >= 0:
        holders[absent] = 0
    return ends, holders, support


@nb.njit(cache=True, nogil=True)
def _entries(pairs: Keys, ends: Integers, shared: Integers, holders: Int32s) -> Incidence:
    """Who holds the codes `shared`, in that order, in how many rows."""
    starts = np.zeros(len(shared) + 1, np.int64)
    free = np.full(len(holders), -1, np.int64)
    for trait in range(len(shared)):
        free[shared[trait]] = starts[trait]
        starts[trait + 1] = starts[trait] + holders[shared[trait]]
    others, values = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    for party in range(len(ends) - 1):
        for at in range(np.uint64(ends[party]), np.uint64(ends[party + 1])):
            code = np.uint32(pairs[at] >> HALF)
            to = free[code]
            if to >= 0:
                others[to], values[to] = party, pairs[at] & LOWER
                free[code] = to + 1
    return Incidence(starts, others, values, len(ends) - 1)
