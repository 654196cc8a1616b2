"""Who holds which key, counted part by part.

Keys are put into parts by their first mixed bits, each so small that a table of its keys stays in the processor's cache.
Asked for in the order of rows, each key would wait for memory five times.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.kernels import MIX_A
from stillwatch.fingerprint.often import ABSENT, place, power_of_two
from stillwatch.weigh.incidence import Floats, Incidence, Int32s, Integers

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.uint32]

A_PART = 1 << 14
"""Runs of a part, about."""
FIRST_BIT, HALF, LOWER = 64, np.uint64(32), np.uint64(0xFFFFFFFF)
NOBODY = np.uint32(LOWER)


class Held(NamedTuple):
    """Keys that enough parties hold, in no order, where the entries of each start, and the entries: a party in the upper half, in how many rows in the lower."""

    keys: Keys
    starts: Integers
    entries: Keys


class _Seen(NamedTuple):
    """Of each key of a part, by number: the key, how many parties hold it, and the last that did."""

    keys: Keys
    holders: Numbers
    last: Numbers


def shared_keys(keys: Keys, starts: Integers, least: int, room: Keys) -> tuple[Keys, Incidence, Floats]:
    """Keys that at least so many parties hold, in order; who holds each, in how many rows; and how many rows of each party have any.

    `keys` lie party by party, each party's from its start on. `room` has two words for each.
    """
    bits = max(1, (len(keys) // A_PART).bit_length())
    shift, parts = np.uint64(FIRST_BIT - bits), 1 << bits
    ends, support = _sized(keys, starts, shift, parts)
    runs = room[: 2 * ends[-1]].reshape(-1, 2)
    _put(keys, starts, shift, ends[:-1].copy(), runs)
    largest = int(np.diff(ends).max())
    found = _counted(runs, ends, largest, np.empty(power_of_two(2 * largest), np.int32), least)
    order = np.argsort(found.keys)
    held = Incidence(
        np.zeros(len(order) + 1, np.int64),
        np.empty(len(found.entries), np.int32),
        np.empty(len(found.entries), np.float32),
        len(starts) - 1,
    )
    _put_in_order(found, order, held)
    return found.keys[order], held, support


@nb.njit(cache=True, nogil=True)
def _sized(keys: Keys, starts: Integers, shift: np.uint64, parts: int) -> tuple[Integers, Floats]:
    """Where the runs of equal keys of each part will start, and how many rows of each party have a key."""
    ends, support = np.zeros(parts + 1, np.int64), np.zeros(len(starts) - 1)
    for party in range(len(support)):
        before = ABSENT
        for row in range(np.uint64(starts[party]), np.uint64(starts[party + 1])):
            key = keys[row]
            support[party] += key != ABSENT
            ends[(key * MIX_A >> shift) + np.uint64(1)] += (key != ABSENT) & (key != before)
            before = key
    return np.cumsum(ends), support


@nb.njit(cache=True, nogil=True)
def _put(keys: Keys, starts: Integers, shift: np.uint64, free: Integers, runs: Keys) -> None:
    """Write each run of equal keys where its part has room: the key, and whose run of how many rows."""
    for party in range(len(starts) - 1):
        row, end = np.uint64(starts[party]), np.uint64(starts[party + 1])
        while row < end:
            key, first = keys[row], row
            row += np.uint64(1)
            while row < end and keys[row] == key:
                row += np.uint64(1)
            if key != ABSENT:
                part = key * MIX_A >> shift
                at = np.uint64(free[part])
                runs[at, 0], runs[at, 1] = key, np.uint64(party) << HALF | (row - first)
                free[part] += 1


@nb.njit(cache=True, nogil=True)
def _counted(runs: Keys, ends: Integers, largest: int, table: Int32s, least: int) -> Held:
    """Keys with enough holders, and their entries. Both are written where runs lay that were read before."""
    seen = _Seen(np.empty(largest, np.uint64), np.empty(largest, np.uint32), np.empty(largest, np.uint32))
    number, entries = np.empty(largest, np.uint32), np.empty(largest, np.uint64)
    starts = np.empty(len(runs) // least + 1, np.int64)
    starts[0], traits, written = 0, 0, 0
    for part in range(len(ends) - 1):
        mine = runs[ends[part] : ends[part + 1]]
        distinct = _told_apart(mine, table, seen, number)
        free, kept = np.full(distinct, -1, np.int64), 0
        for one in range(distinct):
            if seen.holders[one] >= least:
                free[one] = kept
                kept += seen.holders[one]
        _gathered(mine, number, free, seen.last, entries)
        for one in range(distinct):
            if free[one] >= 0:
                runs[traits, 0] = seen.keys[one]
                traits += 1
                starts[traits] = starts[traits - 1] + seen.holders[one]
        runs[written : written + kept, 1] = entries[:kept]
        written += kept
    return Held(runs[:traits, 0], starts[: traits + 1], runs[:written, 1])


@nb.njit(cache=True, nogil=True)
def _told_apart(mine: Keys, table: Int32s, seen: _Seen, number: Numbers) -> int:
    """Number the keys of a part and count who holds them; how many keys there are."""
    room, distinct = 1024, 0
    while room < 2 * len(mine):
        room *= 2
    table[:room] = -1
    for at in range(np.uint64(len(mine))):
        key, party = mine[at, 0], np.uint32(mine[at, 1] >> HALF)
        slot = place(key, room)
        while table[slot] >= 0 and seen.keys[np.uint32(table[slot])] != key:
            slot = (slot + np.uint64(1)) & np.uint64(room - 1)
        if table[slot] < 0:
            table[slot] = distinct
            seen.keys[distinct], seen.holders[distinct], seen.last[distinct] = key, 0, NOBODY
            distinct += 1
        one = np.uint32(table[slot])
        seen.holders[one] += np.uint32(seen.last[one] != party)
        seen.last[one], number[at] = party, one
    return distinct


@nb.njit(cache=True, nogil=True)
def _gathered(mine: Keys, number: Numbers, free: Integers, last: Numbers, entries: Keys) -> None:
    """Write the entries of each key that has a place, its runs of one party added; `free` stays at or above 0 for those."""
    last[: len(free)] = NOBODY
    for at in range(np.uint64(len(mine))):
        one = number[at]
        to = free[one]
        if to < 0:
            continue
        party = np.uint32(mine[at, 1] >> HALF)
        if last[one] != party:
            last[one] = party
            entries[to] = mine[at, 1]
            free[one] += 1
        else:
            entries[to - 1] += mine[at, 1] & LOWER


@nb.njit(cache=True, nogil=True)
def _put_in_order(found: Held, order: Integers, held: Incidence) -> None:
    """Write the entries of the keys in that order."""
    to = 0
    for trait in range(len(order)):
        for at in range(found.starts[order[trait]], found.starts[order[trait] + 1]):
            held.others[to] = found.entries[at] >> HALF
            held.values[to] = found.entries[at] & LOWER
            to += 1
        held.starts[trait + 1] = to
