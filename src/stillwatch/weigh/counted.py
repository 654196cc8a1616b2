"""Who holds which value of a column, counted where the column lies: the same holding as a query's answer gives.

The rows are turned once to lie party by party, so that what a party holds is counted in one go and no table of pairs is
made. Where a column is held as codes, a code is its value's slot. Of keys, a first look, with a byte for each, leaves out
what too few can hold, and the others get a slot each. Why not a query: docs/adr/0047.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.often import ABSENT, place, power_of_two
from stillwatch.weigh.holding import FEWEST_HOLDERS, Holding
from stillwatch.weigh.incidence import Incidence, Int32s, Integers

Keys = npt.NDArray[np.uint64]


class Slots(NamedTuple):
    """Keys by slot, and how many parties hold each."""

    keys: Keys
    holders: Int32s


class _Slotted(NamedTuple):
    """What each row's value is, by its slot, party by party; and of how many rows of each party something is known.

    A slot that nobody is said to hold counts for nothing.
    """

    slots: npt.NDArray[Any]
    found: Slots
    support: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Turned:
    """Where each row of a table goes when the rows are put party by party, and where each party's rows start."""

    to: Int32s
    starts: Integers


def party_by_party(account: npt.NDArray[np.int32], principal: Integers) -> Turned:
    """The rows of these accounts, by the principal of each."""
    parties = int(principal.max()) + 1 if len(principal) else 0
    return Turned(*_places(account, principal, parties))


def counted(column: pa.ChunkedArray, rows: Turned, *, signal: str, family: str) -> Holding:
    """The holding of a signal whose traits are the values of that column, 0 where a row has none."""
    slots, found, support = (_by_code if pa.types.is_dictionary(column.type) else _by_key)(column, rows)
    shared = np.flatnonzero(found.holders >= FEWEST_HOLDERS)
    shared = shared[np.argsort(found.keys[shared])]
    held = _entries(slots, rows.starts, shared, found.holders)
    return Holding(signal, family, held, support, found.keys[shared])


def _by_code(column: pa.ChunkedArray, rows: Turned) -> _Slotted:
    """Of a column whose parts are codes, which are made to be of the same values if they are not."""
    column = column.unify_dictionaries()
    values = column.chunk(0).dictionary.to_numpy()
    codes = _turned([part.indices.to_numpy() for part in column.chunks], rows)
    absent = np.flatnonzero(values == ABSENT)
    holders, support = _holders(codes, rows.starts, len(values), int(absent[0]) if len(absent) else -1)
    return _Slotted(codes, Slots(values, holders), support)


def _by_key(column: pa.ChunkedArray, rows: Turned) -> _Slotted:
    """Of a column whose parts are keys."""
    keys = _turned([part.to_numpy() for part in column.chunks], rows)
    support, runs = _seen(keys, rows.starts)
    times = np.zeros(power_of_two(2 * runs), np.uint8)
    room = power_of_two(2 * _tally(keys, rows.starts, FEWEST_HOLDERS, times))
    slots = np.empty(len(keys), np.int32)
    found = Slots(np.zeros(room, np.uint64), np.zeros(room, np.int32))
    while not _fill(keys, rows.starts, times, found, slots):
        room *= 2
        found = Slots(np.zeros(room, np.uint64), np.zeros(room, np.int32))
    return _Slotted(slots, found, support)


def _turned(parts: Sequence[npt.NDArray[Any]], rows: Turned) -> npt.NDArray[Any]:
    """What stands in all parts, party by party."""
    turned = np.empty(len(rows.to), parts[0].dtype if parts else np.uint64)
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
def _holders(
    codes: npt.NDArray[Any], starts: Integers, values: int, absent: int
) -> tuple[Int32s, npt.NDArray[np.float64]]:
    """How many parties hold each of so many values, nobody the one that is `absent`; and of how many rows of each party one is known."""
    holders, last = np.zeros(values, np.int32), np.full(values, -1, np.int32)
    support = np.zeros(len(starts) - 1)
    for party in range(len(support)):
        for row in range(starts[party], starts[party + 1]):
            code = codes[row]
            support[party] += code != absent
            if last[code] != party:
                last[code] = party
                holders[code] += 1
    if absent >= 0:
        holders[absent] = 0
    return holders, support


@nb.njit(cache=True, nogil=True)
def _seen(keys: Keys, starts: Integers) -> tuple[npt.NDArray[np.float64], int]:
    """How many rows of each party have a key, and how often a key differs from the one before it."""
    support, runs = np.zeros(len(starts) - 1), 0
    for party in range(len(support)):
        before = ABSENT
        for row in range(starts[party], starts[party + 1]):
            support[party] += keys[row] != ABSENT
            runs += keys[row] != before
            before = keys[row]
    return support, runs


@nb.njit(cache=True, nogil=True)
def _tally(keys: Keys, starts: Integers, least: int, times: npt.NDArray[np.uint8]) -> int:
    """Count, up to `least`, who holds keys, at their places of `times`; a little too often. Places that got there."""
    reached = 0
    for party in range(len(starts) - 1):
        before = ABSENT
        for row in range(starts[party], starts[party + 1]):
            key = keys[row]
            if key != ABSENT and key != before:  # noqa: PLR1714  compiled
                at = place(key, len(times))
                if times[at] < least:
                    times[at] += np.uint8(1)
                    reached += times[at] == least
            before = key
    return reached


@nb.njit(cache=True, nogil=True)
def _fill(keys: Keys, starts: Integers, times: npt.NDArray[np.uint8], found: Slots, slots: Int32s) -> bool:
    """Give each key that enough may hold a slot, the others -1, and count its holders; False if there is too little room."""
    last = np.full(len(found.keys), -1, np.int32)
    free = len(found.keys) // 4 * 3
    for party in range(len(starts) - 1):
        before, slot = ABSENT, -1
        for row in range(starts[party], starts[party + 1]):
            key = keys[row]
            if key != before:
                before, slot = key, -1
                if key != ABSENT and times[place(key, len(times))] >= FEWEST_HOLDERS:
                    slot = _slot(key, found.keys)
                    free -= found.keys[slot] == ABSENT
                    if free < 0:
                        return False
                    found.keys[slot] = key
                    if last[slot] != party:
                        last[slot] = party
                        found.holders[slot] += 1
            slots[row] = slot
    return True


@nb.njit(cache=True, nogil=True)
def _slot(key: np.uint64, keys: Keys) -> int:
    """Where the key is, or else where it may be put."""
    at = place(key, len(keys))
    while keys[at] != ABSENT and keys[at] != key:
        at = (at + np.uint64(1)) & np.uint64(len(keys) - 1)
    return int(np.int64(at))


@nb.njit(cache=True, nogil=True)
def _entries(slots: npt.NDArray[Any], starts: Integers, shared: Integers, holders: Int32s) -> Incidence:
    """Who holds the keys of the slots `shared`, in that order, in how many rows."""
    row_starts = np.zeros(len(shared) + 1, np.int64)
    free = np.full(len(holders), -1, np.int64)
    for trait in range(len(shared)):
        free[shared[trait]] = row_starts[trait]
        row_starts[trait + 1] = row_starts[trait] + holders[shared[trait]]
    others, values = np.empty(row_starts[-1], np.int32), np.zeros(row_starts[-1], np.int32)
    last = np.full(len(holders), -1, np.int32)
    for party in range(len(starts) - 1):
        for row in range(starts[party], starts[party + 1]):
            slot = slots[row]
            if slot >= 0 and free[slot] >= 0:
                if last[slot] != party:
                    last[slot] = party
                    others[free[slot]] = party
                    free[slot] += 1
                values[free[slot] - 1] += 1
    return Incidence(row_starts, others, values.astype(np.float32), len(starts) - 1)
