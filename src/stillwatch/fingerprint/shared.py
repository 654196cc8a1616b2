"""The template of each request: of its text anchors the one that the most accounts share, exactly.

Anchors are looked at part by part, a part being those whose mixed key begins with the same bits. What is counted of a part
stays in the processor's cache, where tables for all anchors wait for memory at every look. Parts are written and read back
in the order of the rows, so that no anchor has to say which row it is of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.kept import InMemory, Kept
from stillwatch.fingerprint.kernels import ANCHORS, MIX_A
from stillwatch.fingerprint.often import ABSENT, place, power_of_two, tally
from stillwatch.fingerprint.text import Keys

U = np.uint64
Integers = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]

SHARED_BY = 3
"""An anchor counts as shared from this many accounts on."""


class Cut(NamedTuple):
    """About how many anchors a part has, and how many parts are looked at in one round.

    The places where the parts of a round are written stay in the cache too, and every round uses the same room.
    """

    anchors: int = 1 << 19
    parts: int = 128


class Round(NamedTuple):
    """What is looked at together: the keys of its anchors and their accounts, part after part.

    `starts` is where each part begins. Parts of other rounds, and what is no anchor, all begin at the last place, which is for
    nothing.
    """

    keys: Keys
    accounts: Integers
    starts: Places


def templates(
    anchors: list[Keys],
    account: Integers,
    kept: Kept | None = None,
    cut: Cut = Cut(),  # noqa: B008  it is frozen
) -> Keys:
    """The most widely shared anchor of each request, the first of equals; 0 where none is shared by `SHARED_BY` accounts.

    `anchors` come in batches of shape (n, 8), which together have a row for each account of `account`; the list is empty
    after it.
    """
    sizes = _sizes(anchors, (len(account) * ANCHORS // cut.anchors).bit_length())
    rounds = [slice(first, first + cut.parts) for first in range(0, len(sizes) - 1, cut.parts)]
    most = max(int(sizes[:-1][some].sum()) for some in rounds)
    room = (kept or InMemory()).room(most + 1, 3).reshape(-1)
    best, template = (
        np.full(len(account), SHARED_BY * ANCHORS - 1, np.int64),
        np.zeros(len(account), np.uint64),
    )
    asked = np.empty(int(account.max(initial=-1)) + 1, np.int32)
    for some in rounds:
        one = _round(room, most, sizes, some)
        free = one.starts.copy()
        for batch, rows in _batches(anchors):
            _write(batch, account[rows], one, free)
        for start, size in zip(one.starts[:-1][some].tolist(), sizes[:-1][some].tolist(), strict=True):
            _hold(one.keys[start : start + size], one.accounts[start : start + size], asked)
        one.keys[most] = 0
        free = one.starts.copy()
        for batch, rows in _batches(anchors):
            _choose(batch, one, free, best[rows], template[rows])
    anchors.clear()
    return template


def _batches(anchors: list[Keys]) -> Iterator[tuple[Keys, slice]]:
    """Each batch, and the rows that it is of."""
    end = 0
    for batch in anchors:
        start, end = end, end + len(batch)
        yield batch, slice(start, end)


def _sizes(anchors: list[Keys], bits: int) -> Places:
    """How many anchors each part has that begins with so many bits; at the end how many are absent."""
    sizes = np.zeros((1 << bits) + 1, np.int64)
    for batch in anchors:
        _count_parts(batch, sizes)
    return sizes


def _round(room: Integers, most: int, sizes: Places, some: slice) -> Round:
    """The room that all rounds use, and where some parts begin in it."""
    starts = np.full(len(sizes), most, np.int64)
    starts[:-1][some] = np.cumsum(sizes[:-1][some]) - sizes[:-1][some]
    return Round(room[: 2 * most + 2].view(np.uint64), room[2 * most + 2 :], starts)


@nb.njit(cache=True, nogil=True, inline="always")
def _part(key: np.uint64, parts: int) -> np.uint64:
    """The part of an anchor among so many, a power of two; one after them for none."""
    told = (key * MIX_A >> U(32)) * U(parts) >> U(32)
    return U(parts) if key == ABSENT else told


@nb.njit(cache=True, nogil=True)
def _count_parts(anchors: Keys, sizes: Places) -> None:
    for row in range(len(anchors)):
        for a in range(ANCHORS):
            sizes[_part(anchors[row, a], len(sizes) - 1)] += 1


@nb.njit(cache=True, nogil=True)
def _write(anchors: Keys, account: Integers, one: Round, free: Places) -> None:
    """Write each anchor of the round at the free place of its part.

    Nothing branches, since which part comes next cannot be foretold: others are written to the last place.
    """
    last = len(one.keys) - 1
    for row in range(len(anchors)):
        for a in range(ANCHORS):
            part = _part(anchors[row, a], len(free) - 1)
            at = free[part]
            one.keys[U(at)], one.accounts[U(at)] = anchors[row, a], account[row]
            free[part] = at + int(one.starts[part] != last)


@nb.njit(cache=True, nogil=True)
def _choose(anchors: Keys, one: Round, free: Places, best: Places, template: Keys) -> None:
    """Read, in the same order, how many accounts hold each anchor, and take those that more hold than the `best` of their row.

    `best` is that number eight times, with the anchors that come after it in the row, so that the first of equals is kept.
    """
    last = len(one.keys) - 1
    for row in range(len(anchors)):
        most, chosen = best[row], template[row]
        for a in range(ANCHORS):
            part = _part(anchors[row, a], len(free) - 1)
            at = free[part]
            free[part] = at + int(one.starts[part] != last)
            mine = np.int64(one.keys[U(at)]) * ANCHORS + (ANCHORS - 1 - a)
            chosen = anchors[row, a] if mine > most else chosen
            most = max(mine, most)
        best[row], template[row] = most, chosen


def _hold(keys: Keys, accounts: Integers, asked: Integers) -> None:
    """Put in the place of each key of a part how many accounts hold it, 0 if fewer than `SHARED_BY`.

    Most anchors come once. A first look, with a byte for each, leaves them out.
    """
    times, slots = np.zeros(power_of_two(len(keys)), np.uint8), np.empty(len(keys), np.int32)
    room = power_of_two(2 * tally(keys, SHARED_BY, times))
    while not _slots(keys, times, np.zeros(room, np.uint64), slots):
        room *= 2
    _count(slots, accounts, room, asked, keys)


@nb.njit(cache=True, nogil=True)
def _slots(keys: Keys, times: npt.NDArray[np.uint8], table: Keys, slots: Integers) -> bool:
    """Give every key that comes often its place in the table, from 1 on, the others 0; whether there was room."""
    free = len(table) // 4 * 3
    for i in range(len(keys)):
        slots[i] = 0
        if times[place(keys[i], len(times))] < SHARED_BY:
            continue
        slot = place(keys[i], len(table))
        while table[slot] != ABSENT and table[slot] != keys[i]:
            slot = (slot + U(1)) & U(len(table) - 1)
        free -= table[slot] == ABSENT
        if free < 0:
            return False
        table[slot] = keys[i]
        slots[i] = slot + U(1)
    return True


@nb.njit(cache=True, nogil=True)
def _count(slots: Integers, accounts: Integers, room: int, asked: Integers, keys: Keys) -> None:
    """Bring the accounts of each slot together, count each once, and write to `keys` how many there are.

    `asked` says of each account for which slot it was last met.
    """
    ends, ordered = np.zeros(room + 2, np.int32), np.empty(len(slots), np.int32)
    for slot in slots:
        ends[slot + 1] += 1
    ends = np.cumsum(ends)
    for i in range(len(slots)):
        ordered[ends[slots[i]]] = accounts[i]
        ends[slots[i]] += 1
    asked[:] = 0
    holders = np.zeros(room + 1, np.uint64)
    for slot in range(1, room + 1):
        count = 0
        for account in ordered[ends[slot - 1] : ends[slot]]:
            count += asked[account] != slot
            asked[account] = slot
        holders[slot] = count if count >= SHARED_BY else 0
    for i in range(len(slots)):
        keys[i] = holders[slots[i]]
