"""One tenant of a pool: accounts that mostly serve other people, and carry the requests of one party besides.

A pool is judged by all that its accounts ask, and a tenant with a twentieth of the requests does not show in that. What
shows it is its frames: texts that set the pool apart, that many of its accounts send, and around which nearly every
prompt is another one. A prompt that people repeat is widely held as well, but few prompts are then distinct.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

    def column(self, name: str) -> Keys:
        values: Keys = self.exchange[name].to_numpy()[self.rows]
        return values


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
        found |= np.isin(asks.column(frame.column), frame.keys)
    return found


def _both(one: Carried, other: Carried) -> Carried:
    return Carried(one.signal, one.column, np.union1d(one.keys, other.keys))


def _kept(frame: Carried, asks: _Asks, among: Mask, bars: Bars) -> Carried:
    """The frame with those of its keys that keep the bars, sent by the parties `among` all."""
    keys, which, at = _found(frame, asks)
    sent, own = _sent(which, asks.of[at], among, len(keys))
    parties, prompts = _distinct(which, asks.of[at]), _distinct(which, asks.column("prompt")[at])
    fits = (parties >= max(bars.parties, bars.spread * np.count_nonzero(among))) & (prompts >= bars.prompts)
    fits &= (prompts >= bars.distinct * sent) & (own >= bars.own * sent)
    return Carried(frame.signal, frame.column, keys[fits])


def _own(frame: Carried, asks: _Asks, carrier: Mask) -> Carried:
    """The frame with those of its keys that the carriers send for the most part."""
    keys, which, at = _found(frame, asks)
    sent, own = _sent(which, asks.of[at], carrier, len(keys))
    return Carried(frame.signal, frame.column, keys[own >= PLAIN.own * sent])


def _found(frame: Carried, asks: _Asks) -> tuple[Keys, Integers, Integers]:
    """The frame's keys that the pool sends, the number of each request's key, and where those requests are."""
    values = asks.column(frame.column)
    at = np.flatnonzero(np.isin(values, frame.keys))
    keys, which = np.unique(values[at], return_inverse=True)
    return keys, which, at


def _sent(which: Integers, of: Integers, among: Mask, keys: int) -> tuple[Integers, Integers]:
    """How many requests send each key, and how many of them come from the parties `among` all."""
    sent: Integers = np.bincount(which, minlength=keys)
    own: Integers = np.bincount(which[among[of]], minlength=keys)
    return sent, own


def _distinct(which: Integers, values: npt.NDArray[Any]) -> Integers:
    """How many distinct values each group has."""
    order = np.lexsort((values, which))
    group, value = which[order], values[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (group[1:] != group[:-1]) | (value[1:] != value[:-1])
    count: Integers = np.bincount(group[first], minlength=int(which.max(initial=-1)) + 1)
    return count
