"""Conversations: each is one account's, and is held for one party and one purpose, that of what opens it.

What follows an opening is often anybody's ("go on", "why?", the output of a tool), whoever opened it for whatever purpose.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.door import combine
from stillwatch.fingerprint.text import Keys
from stillwatch.weigh.holding import Integers, Mask

COLUMNS = ("account", "ts", "conversation", "turns")
"""Columns from which one sees which requests open a conversation."""


def keys(conversation: Keys, holder: npt.NDArray[np.int64]) -> Keys:
    """One key for the conversation of each request, 0 where none is known; the same id of two holders is two conversations."""
    return combine(conversation, holder.astype(np.uint64) + np.uint64(1))


def numbers(exchange: pa.Table, rows: Integers) -> Integers:
    """A number from 0 for the conversation of each request at `rows`, one of its own where none is known."""
    at = pa.array(rows)
    key = keys(exchange["conversation"].take(at).to_numpy(), exchange["account"].take(at).to_numpy())
    alone = key == 0
    found: Integers = np.unique(key, return_inverse=True)[1]
    found[alone] = len(rows) + np.arange(np.count_nonzero(alone))
    return np.unique(found, return_inverse=True)[1]


def opens(exchange: pa.Table) -> Mask:
    """Which requests open a conversation: of one message, or the first of theirs; where no more is known, any."""
    when = exchange["ts"].to_numpy()
    key = keys(exchange["conversation"].to_numpy(), exchange["account"].to_numpy())
    turns = exchange["turns"].fill_null(0).to_numpy()
    alone: Mask = (turns == 1) | np.where(key != 0, when == _first(key, when), turns == 0)
    return alone


def _first(key: Keys, when: Integers) -> Integers:
    """The earliest time of each key's requests, for each request."""
    order = np.lexsort((when, key))
    starts = np.flatnonzero(np.diff(key[order], prepend=~key[order[:1]]))
    first = np.empty_like(when)
    first[order] = np.repeat(when[order[starts]], np.diff(np.append(starts, len(order))))
    return first
