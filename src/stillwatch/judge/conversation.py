"""Conversations: each is one account's, and is held for one party and one purpose, that of what opens it.

What follows an opening is often anybody's ("go on", "why?", the output of a tool), whoever opened it for whatever purpose.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.codes import plain_table
from stillwatch.fingerprint.door import combine
from stillwatch.fingerprint.text import Keys
from stillwatch.weigh.holding import Integers, Mask

ALONE = 2
"""Messages of a request that brings no earlier ones along."""
COLUMNS = ("account", "ts", "conversation", "turns")
"""Columns from which one sees which requests open a conversation."""


def numbers(exchange: pa.Table, rows: Integers) -> Integers:
    """A number from 0 for the conversation of each request at `rows`, one of its own where none is known.

    A program may put one id on all that it asks: a request that brings no earlier message along begins another
    conversation, or one with others of the same moment, so that the order of rows does not matter.
    """
    key, when, turns = _told(exchange.select(COLUMNS).take(pa.array(rows)))
    alone = _alone(turns)
    order = np.lexsort((~alone, when, key))
    key, when, alone = key[order], when[order], alone[order]
    changed = np.diff(key, prepend=~key[:1]) != 0
    begins = changed | (key == 0) | (alone & (np.diff(when, prepend=when[:1]) != 0))
    found = np.empty(len(rows), np.int64)
    found[order] = np.cumsum(begins) - 1
    return found


def opens(exchange: pa.Table) -> Mask:
    """Which requests open a conversation: they bring no earlier message along, or are the first of theirs.

    Where nothing is known of a request, it counts as an opening.
    """
    key, when, turns = _told(exchange)
    opening: Mask = _alone(turns) | np.where(key != 0, when == _first(key, when), turns == 0)
    return opening


def _told(exchange: pa.Table) -> tuple[Keys, Integers, Integers]:
    """For each request a key of its account's conversation, 0 where none is known, its time, and its messages or 0."""
    told = plain_table(exchange.select(COLUMNS))
    account = told["account"].to_numpy().astype(np.uint64) + np.uint64(1)
    key = combine(told["conversation"].to_numpy(), account)
    return key, told["ts"].to_numpy(), told["turns"].fill_null(0).to_numpy()


def _alone(turns: Integers) -> Mask:
    """Which requests bring no earlier message along: two may be a system prompt and a question."""
    alone: Mask = (turns > 0) & (turns <= ALONE)
    return alone


def _first(key: Keys, when: Integers) -> Integers:
    """The earliest time of each key's requests, for each request."""
    order = np.argsort(key)
    starts = np.flatnonzero(np.diff(key[order], prepend=~key[order[:1]]))
    first = np.empty_like(when)
    if len(starts):
        earliest = np.minimum.reduceat(when[order], starts)
        first[order] = np.repeat(earliest, np.diff(np.append(starts, len(order))))
    return first
