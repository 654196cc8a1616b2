"""One tenant of a pool: accounts that mostly serve other people, and carry the requests of one party besides.

A pool is judged by all that its accounts ask, and a tenant with a twentieth of the requests does not show in that. What
shows it is its frames: texts that set the pool apart, that many of its accounts send, and around which nearly every
prompt is another one. A prompt that people repeat is widely held as well, but few prompts are then distinct.

A conversation is one party's: the tenant's requests are all of the conversations in which its frames stand. What an agent
program hands back to the model comes in frames too, but amid what its user asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.judge.carriers import carriers
from stillwatch.judge.conversation import COLUMNS, around
from stillwatch.judge.gather import at_rows
from stillwatch.judge.numbering import distinct
from stillwatch.judge.sought import sought
from stillwatch.judge.streams import Carried, Keys
from stillwatch.weigh.holding import Floats, Integers, Mask

FRAMES = frozenset({"shared_template", "shared_opening", "shared_ending"})
"""Signals of texts that stand around a changing slot."""
READ = (*COLUMNS, "prompt")
"""What is read of a pool's requests beside its frames."""


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
LONG = Bars(parties=8, spread=0.5, prompts=200, distinct=0.2, own=0.8)
"""A text that alone shows a tenant who asks so much that its tasks come again."""
ALIKE = Bars(parties=8, spread=0.5, prompts=30, distinct=0.2, own=0.95)
"""A text of a known tenant whose tasks come again: `spread` is a part of the tenant's own parties."""
ROUNDS = 8
GROUP_BITS, VALUE_BITS = np.uint64(24), np.uint64(40)
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd multiplier that makes the upper bits of a key depend on all of it (Fibonacci hashing; Knuth, 1973)."""
NOISE, PURE_NOISE = 0.3, 0.05
"""What others show of a carrier's share at most: of texts that may be anybody's, and of those that are the tenant's."""


@dataclass(frozen=True, eq=False)
class Tenant:
    """Parties of a pool that carry a tenant, the rows of its conversations through them, and its frames.

    Of the pool's own assistant `is_all` is true: all that its parties ask is asked of that.
    """

    parties: Integers
    rows: Integers
    frames: tuple[Carried, ...]
    is_all: bool = False


@dataclass(frozen=True, eq=False)
class _Texts:
    """The texts of one signal that a pool sends.

    `at` are the places of the requests that send one, `which` the text of each and `of` its party. `sent`, `parties`
    and `prompts` are, for each of the `keys`, its requests, and how many parties and distinct prompts they have.
    """

    signal: Carried
    keys: Keys
    at: Integers
    which: Integers
    of: Integers
    sent: Integers
    parties: Integers
    prompts: Integers

    def own(self, carrier: Mask) -> Integers:
        """How many requests with each text come from carriers."""
        count: Integers = np.bincount(self.which[carrier[self.of]], minlength=len(self.keys))
        return count

    def keep(self, among: Mask, bars: Bars) -> Mask:
        """Which texts keep the bars, of all that the parties `among` all send."""
        spread = max(bars.parties, bars.spread * np.count_nonzero(among))
        fits = (self.parties >= spread) & (
            self.prompts >= np.maximum(bars.prompts, bars.distinct * self.sent)
        )
        kept: Mask = fits & (self.own(among) >= bars.own * self.sent)
        return kept


def tenant(exchange: pa.Table, rows: Integers, party: Integers, frames: Sequence[Carried]) -> Tenant | None:
    """The tenant of a pool with requests at `rows`, each of a `party`; `frames` are texts that set the pool apart.

    None if no text of the pool is a frame of one party's.
    """
    prompt = at_rows(exchange["prompt"], rows)
    read = prompt != 0
    pool, of = _numbered(party[read])
    prompt, shown = prompt[read], rows[read]
    texts = [_texts(f, at_rows(exchange[f.column], shown), of, prompt) for f in frames]
    asked = np.bincount(of, minlength=len(pool)).astype(np.float64)
    anybody = np.ones(len(pool), np.bool_)
    plain = [t.keep(anybody, PLAIN) | t.keep(anybody, LONG) for t in texts]
    plain, carrier = _settled(texts, plain, of, asked)
    if not np.any(carrier):
        return None
    more = [keep | t.keep(carrier, ALIKE) for t, keep in zip(texts, plain, strict=True)]
    own, _ = _settled(texts, more, of, asked)
    carries = _carries(texts, own, len(of))
    carrier = carriers(_count(of[carries], len(pool)), asked, PURE_NOISE)
    if not np.any(carrier):
        return None
    kept = [
        Carried(t.signal.signal, t.signal.column, t.keys[keep]) for t, keep in zip(texts, own, strict=True)
    ]
    framed = np.zeros(len(rows), np.bool_)
    framed[np.flatnonzero(read)[carries & carrier[of]]] = True
    told = around(exchange, rows, framed)
    return Tenant(pool[carrier], rows[told], tuple(f for f in kept if len(f.keys)))


def _numbered(party: Integers) -> tuple[Integers, Integers]:
    """The parties in order, and the place of each row's among them."""
    is_there = np.zeros(int(party.max(initial=-1)) + 1, np.bool_)
    is_there[party] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[party]


def _texts(frame: Carried, values: Keys, of: Integers, prompt: Keys) -> _Texts:
    keys = np.sort(frame.keys)
    place = sought(values, keys)
    at = np.flatnonzero(place >= 0)
    which = place[at].astype(np.int64)
    sent: Integers = np.bincount(which, minlength=len(keys))
    parties, prompts = _distinct(which, of[at], len(keys)), _distinct(which, prompt[at], len(keys))
    return _Texts(frame, keys, at, which, of[at], sent, parties, prompts)


def _settled(
    texts: Sequence[_Texts], kept: list[Mask], of: Integers, asked: Floats
) -> tuple[list[Mask], Mask]:
    """Texts kept and the parties that carry them, in turn, until no text is sent mostly by others."""
    carrier = np.zeros(len(asked), np.bool_)
    for _ in range(ROUNDS):
        carried = _count(of[_carries(texts, kept, len(of))], len(asked))
        carrier = carriers(carried, asked, NOISE)
        fewer = [keep & (t.own(carrier) >= PLAIN.own * t.sent) for t, keep in zip(texts, kept, strict=True)]
        if all(np.array_equal(*pair) for pair in zip(fewer, kept, strict=True)):
            break
        kept = fewer
    return kept, carrier


def _carries(texts: Sequence[_Texts], kept: Sequence[Mask], requests: int) -> Mask:
    """Which requests send a text that is kept."""
    found = np.zeros(requests, np.bool_)
    for text, keep in zip(texts, kept, strict=True):
        found[text.at[keep[text.which]]] = True
    return found


def _count(of: Integers, parties: int) -> Floats:
    return np.bincount(of, minlength=parties).astype(np.float64)


def _distinct(which: Integers, values: npt.NDArray[Any], groups: int) -> Integers:
    """How many distinct values each of so many groups has; values are told apart by 40 bits."""
    spread = values.astype(np.uint64) * SPREAD >> GROUP_BITS
    both, _ = distinct(which.astype(np.uint64) << VALUE_BITS | spread)
    count: Integers = np.bincount((both >> VALUE_BITS).astype(np.int64), minlength=groups)
    return count
