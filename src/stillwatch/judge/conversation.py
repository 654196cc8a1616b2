"""Conversations: each is one account's, and is held for one party and one purpose, that of what opens it.

What follows an opening is often anybody's ("go on", "why?", the output of a tool), whoever opened it for whatever purpose.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.codes import plain, plain_table
from stillwatch.fingerprint.door import with_numbers
from stillwatch.fingerprint.text import Keys
from stillwatch.judge.gather import rows_at
from stillwatch.judge.numbering import numbers_of
from stillwatch.judge.ordered import by_key
from stillwatch.judge.sought import sought
from stillwatch.weigh.holding import Integers, Mask
from stillwatch.weigh.incidence import Int32s

ALONE = 2
"""Messages of a request that brings no earlier ones along."""
COLUMNS = ("account", "ts", "conversation", "turns")
"""Columns from which one sees which requests open a conversation."""


def numbers(exchange: pa.Table, rows: Integers) -> Int32s:
    """A number from 0 for the conversation of each request at `rows`, one of its own where none is known.

    A program may put one id on all that it asks: a request that brings no earlier message along begins another
    conversation, or one with others of the same moment, so that the order of rows does not matter.
    """
    key, when, turns = _told(rows_at(exchange.select(COLUMNS), rows))
    alone = _alone(turns)
    order, key, when, alone = _in_time(by_key(key), key, when, alone)
    later = np.empty(len(rows), np.bool_)
    later[:1] = False
    np.not_equal(when[1:], when[:-1], out=later[1:])
    begins = later
    begins &= alone
    begins |= key == 0
    begins[:1] = True
    begins[1:] |= key[1:] != key[:-1]
    found = np.empty(len(rows), np.int32)
    found[order] = np.cumsum(begins, dtype=np.int32) - np.int32(1)
    return found


def around(exchange: pa.Table, rows: Integers, chosen: Mask) -> Mask:
    """Which of the requests at `rows` are of a conversation in which one stands that is chosen; only those of its id are numbered."""
    key = _key(rows_at(exchange.select(["account", "conversation"]), rows))
    near = np.flatnonzero(sought(key, np.unique(key[chosen])) >= 0)
    number = numbers(exchange, rows[near])
    of_chosen = np.zeros(int(number.max(initial=-1)) + 1, np.bool_)
    of_chosen[number[chosen[near]]] = True
    found = np.zeros(len(rows), np.bool_)
    found[near] = of_chosen[number]
    return found


def opens(exchange: pa.Table) -> Mask:
    """Which requests open a conversation: they bring no earlier message along, or are the first of theirs.

    Where nothing is known of a request, it counts as an opening.
    """
    key, when, turns = _told(exchange)
    opening: Mask = _opening(key, *numbers_of(key), when, turns)
    return opening


def _told(exchange: pa.Table) -> tuple[Keys, Integers, Integers]:
    """For each request a key of its account's conversation, 0 where none is known, its time, and its messages or 0."""
    told = plain_table(exchange.select(COLUMNS))
    return _key(told), told["ts"].to_numpy(), told["turns"].fill_null(0).to_numpy()


def _key(exchange: pa.Table) -> Keys:
    """For each request a key of its account's conversation, 0 where none is known."""
    key: Keys = with_numbers(
        plain(exchange["conversation"]).to_numpy(), plain(exchange["account"]).to_numpy()
    )
    return key


def _in_time(
    order: Integers, keys: Keys, times: Integers, alone: Mask
) -> tuple[Integers, Keys, Integers, Mask]:
    """Rows in the order of keys, those of one key in the order of time, at one time first what brings nothing along; and all three so.

    A log is nearly in the order of time as it comes, so that few keys need to be put in order again.
    """
    key, when, first = keys[order], times[order], alone[order]
    same = key[1:] == key[:-1]
    later = when[1:] > when[:-1]
    later |= (when[1:] == when[:-1]) & (first[:-1] | ~first[1:])
    wrong = np.flatnonzero(same & ~later)
    if len(wrong):
        of_key = np.cumsum(np.append([True], ~same), dtype=np.int32)
        to_sort = np.zeros(int(of_key[-1]) + 1, np.bool_)
        to_sort[of_key[wrong]] = True
        again = np.flatnonzero(to_sort[of_key])
        rows = order[again]
        rows = rows[np.lexsort((~alone[rows], times[rows], keys[rows]))]
        order[again], key[again], when[again], first[again] = rows, keys[rows], times[rows], alone[rows]
    return order, key, when, first


def _alone(turns: Integers) -> Mask:
    """Which requests bring no earlier message along: two may be a system prompt and a question."""
    alone: Mask = (turns > 0) & (turns <= ALONE)
    return alone


@nb.njit(cache=True, nogil=True)
def _opening(key: Keys, number: Int32s, numbers: int, when: Integers, turns: Integers) -> Mask:
    """Which requests stand alone, or are the earliest of their key's `number`; without a key, those of which nothing is known."""
    earliest = np.full(numbers, np.iinfo(np.int64).max)
    for row in range(np.uint64(len(key))):
        at = np.uint32(number[row])
        earliest[at] = min(earliest[at], when[row])
    opening = np.empty(len(key), np.bool_)
    for row in range(np.uint64(len(key))):
        first = when[row] == earliest[np.uint32(number[row])]
        opening[row] = 0 < turns[row] <= ALONE or (first if key[row] != 0 else turns[row] == 0)
    return opening
