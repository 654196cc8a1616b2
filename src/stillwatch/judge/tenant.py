"""One tenant of a pool: accounts that mostly serve other people, and carry the requests of one party besides.

A pool is judged by all that its accounts ask, and a tenant with a twentieth of the requests does not show in that. What
shows it is its frames: texts that set the pool apart, that many of its accounts send, and around which nearly every
prompt is another one. A prompt that people repeat is widely held as well, but few prompts are then distinct.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.judge.carriers import carriers
from stillwatch.judge.streams import Carried, Keys
from stillwatch.weigh.holding import Integers, Mask

FRAMES = frozenset({"shared_template", "shared_opening", "shared_ending"})
"""Signals of texts that stand around a changing slot."""


@dataclass(frozen=True)
class Bars:
    """What makes a text a frame: by how many parties and which part of them it is sent, and around how many prompts.

    `distinct` is the share of prompts around it that are distinct: a slot is filled, people repeat each other.
    `own` is the share of it that the tenant's parties send.
    """

    parties: int
    spread: float
    prompts: int
    distinct: float
    own: float


PLAIN = Bars(parties=8, spread=0.1, prompts=8, distinct=0.8, own=0.8)
"""A text that alone shows a tenant: `spread` is a part of the whole pool."""
ALIKE = Bars(parties=8, spread=0.5, prompts=30, distinct=0.2, own=0.95)
"""A text of a known tenant whose tasks come again: `spread` is a part of the tenant's own parties."""
ROUNDS = 8
GROUP_BITS, VALUE_BITS = np.uint64(24), np.uint64(40)
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd multiplier that makes the upper bits of a key depend on all of it (Fibonacci hashing; Knuth, 1973)."""


@dataclass(frozen=True, eq=False)
class Tenant:
    """Parties of a pool that carry a tenant, the rows of its frames through them, and the frames."""

    parties: Integers
    rows: Integers
    frames: tuple[Carried, ...]


def tenant(exchange: pa.Table, rows: Integers, party: Integers, frames: Sequence[Carried]) -> Tenant | None:
    """The tenant of a pool with requests at `rows`, each of a `party`; `frames` are texts that set the pool apart.

    None if no text of the pool is a frame of one party's.
    """
    read = exchange["prompt"].to_numpy()[rows] != 0
    pool, of = np.unique(party[read], return_inverse=True)
    asks = _Asks(exchange, rows[read], of, len(pool))
    plain, carrier = _settled([_kept(f, asks, np.ones(len(pool), np.bool_), PLAIN) for f in frames], asks)
    if not np.any(carrier):
        return None
    alike = [_kept(f, asks, carrier, ALIKE) for f in frames]
    own, carrier = _settled([_both(*pair) for pair in zip(plain, alike, strict=True)], asks)
    if not np.any(carrier):
        return None
    mine = _carries(own, asks) & carrier[of]
    return Tenant(pool[carrier], asks.rows[mine], tuple(f for f in own if len(f.keys)))


@dataclass(frozen=True, eq=False)
class _Asks:
    """The readable requests of a pool: rows of the exchange table, and the number of the party of each."""

    exchange: pa.Table
    rows: Integers
    of: Integers
    parties: int

    @cached_property
    def _columns(self) -> dict[str, Keys]:
        return {}

    def column(self, name: str) -> Keys:
        """The keys of a column of the exchange table."""
        if name not in self._columns:
            self._columns[name] = self.exchange[name].to_numpy()[self.rows]
        return self._columns[name]


def _settled(frames: list[Carried], asks: _Asks) -> tuple[list[Carried], Mask]:
    """Frames and the parties that carry them, in turn, until no frame is sent mostly by others."""
    carrier = np.zeros(asks.parties, np.bool_)
    asked = np.bincount(asks.of, minlength=asks.parties).astype(np.float64)
    for _ in range(ROUNDS):
        carried = np.bincount(asks.of[_carries(frames, asks)], minlength=asks.parties)
        carrier = carriers(carried.astype(np.float64), asked)
        kept = [_own(f, asks, carrier) for f in frames]
        if sum(len(f.keys) for f in kept) == sum(len(f.keys) for f in frames):
            break
        frames = kept
    return frames, carrier


def _carries(frames: Sequence[Carried], asks: _Asks) -> Mask:
    found = np.zeros(len(asks.rows), np.bool_)
    for frame in frames:
        found[_found(frame, asks)[2]] = True
    return found


def _both(one: Carried, other: Carried) -> Carried:
    return Carried(one.signal, one.column, np.union1d(one.keys, other.keys))


def _kept(frame: Carried, asks: _Asks, among: Mask, bars: Bars) -> Carried:
    """The frame with those of its keys that keep the bars, sent by the parties `among` all."""
    keys, which, at = _found(frame, asks)
    sent, own = _sent(which, asks.of[at], among, len(keys))
    parties = _distinct(which, asks.of[at], len(keys))
    prompts = _distinct(which, asks.column("prompt")[at], len(keys))
    fits = (parties >= max(bars.parties, bars.spread * np.count_nonzero(among))) & (prompts >= bars.prompts)
    fits &= (prompts >= bars.distinct * sent) & (own >= bars.own * sent)
    return Carried(frame.signal, frame.column, keys[fits])


def _own(frame: Carried, asks: _Asks, carrier: Mask) -> Carried:
    """The frame with those of its keys that the carriers send for the most part."""
    keys, which, at = _found(frame, asks)
    sent, own = _sent(which, asks.of[at], carrier, len(keys))
    return Carried(frame.signal, frame.column, keys[own >= PLAIN.own * sent])


def _found(frame: Carried, asks: _Asks) -> tuple[Keys, Integers, Integers]:
    """The frame's keys in order, the number of the key of each request that sends one, and where those requests are."""
    keys, values = np.sort(frame.keys), asks.column(frame.column)
    if not len(keys):
        return keys, np.zeros(0, np.int64), np.zeros(0, np.int64)
    place = np.minimum(keys.searchsorted(values), len(keys) - 1)
    at = np.flatnonzero(keys[place] == values)
    return keys, place[at], at


def _sent(which: Integers, of: Integers, among: Mask, keys: int) -> tuple[Integers, Integers]:
    """How many requests send each key, and how many of them come from the parties `among` all."""
    sent: Integers = np.bincount(which, minlength=keys)
    own: Integers = np.bincount(which[among[of]], minlength=keys)
    return sent, own


def _distinct(which: Integers, values: npt.NDArray[Any], groups: int) -> Integers:
    """How many distinct values each of so many groups has; values are told apart by 40 bits."""
    spread = values.astype(np.uint64) * SPREAD >> GROUP_BITS
    both = np.sort(which.astype(np.uint64) << VALUE_BITS | spread)
    first = both[np.diff(both, prepend=both[:1] ^ np.uint64(1)) != 0]
    count: Integers = np.bincount((first >> VALUE_BITS).astype(np.int64), minlength=groups)
    return count
