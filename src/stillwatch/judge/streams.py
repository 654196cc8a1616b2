"""Which exchanges of a cluster's accounts belong to the extraction, and which to other people on the same accounts.

An account is not a unit here: a relay's account carries a campaign's requests beside its ordinary customers'. Each
exchange shows, for some signals, whether it carries the cluster's profile. Two latent classes explain what is
seen: extraction, with rates learned from the cluster, and other traffic, with the rates of everybody outside. A
conversation is one party's as a whole: what follows an opening that carries a template often carries nothing itself.

Source: latent class analysis with two classes by expectation maximisation (Dempster, Laird and Rubin, 1977).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.judge.conversation import numbers
from stillwatch.judge.gather import at_rows, rows_at
from stillwatch.judge.sought import sought
from stillwatch.weigh.holding import Floats, Integers
from stillwatch.weigh.incidence import Int32s

Keys = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.int8]
CARRIES, UNSEEN = 1, 2

TELLING = ("template", "tool")
"""Families of what the asker writes. How a request travels says nothing here: a relay carries all alike."""

TEXT = ("template", "opening", "ending", "prompt", "meaning")
"""Columns that a request without words cannot show."""

MOST_PATTERNS = 1 << 16
"""So many patterns of what an exchange shows are looked up in a table."""
ROUNDS = 60
RESTING = 1e-6
"""Rates and the share that move less from one round to the next have settled."""


@dataclass(frozen=True, eq=False)
class Carried:
    """One signal at the level of exchanges: its column and the profile's keys."""

    signal: str
    column: str
    keys: Keys


@dataclass(frozen=True, eq=False)
class Streams:
    """Extraction probability of each of the cluster's exchanges; `rows` are positions in the exchange table.

    `is_split` says whether anything could tell the exchanges apart; `conversation`, if it is known, is the number of each one's.
    """

    rows: Integers
    extraction: Floats
    share: float
    is_split: bool = True
    conversation: Int32s | None = None


def split(exchange: pa.Table, rows: Integers, outside_rows: Integers, carried: Sequence[Carried]) -> Streams:
    """Split the exchanges at `rows`; `outside_rows` is a sample of everybody else's."""
    if not carried or not len(rows):
        return Streams(rows, np.full(len(rows), 1.0), 1.0, is_split=False)
    inside = _flags(exchange, rows, carried)
    base = np.array([_rate(flags) for flags in _flags(exchange, outside_rows, carried)])
    most = 3 ** len(carried)
    code: npt.NDArray[Any] = np.zeros(len(rows), np.int32 if most <= MOST_PATTERNS else np.int64)
    for flags in inside:
        code *= 3
        code += flags
    patterns, where = _patterns(code, most)
    digits = np.stack([(patterns // 3**p) % 3 for p in range(len(carried) - 1, -1, -1)], axis=1)
    conversation = numbers(exchange, rows)
    posterior, share = _two_classes(digits, where, conversation, base)
    return Streams(rows, posterior, share, conversation=conversation)


def _flags(exchange: pa.Table, rows: Integers, carried: Sequence[Carried]) -> list[Flags]:
    """For each signal of each row: 0 does not carry, 1 carries, 2 could not be seen."""
    words = rows_at(exchange.select(["words"]), rows)["words"]
    without_text = np.where(words.is_valid().to_numpy(), np.int8(0), np.int8(UNSEEN))
    found: list[Flags] = []
    for one in carried:
        values = at_rows(exchange[one.column], rows)
        flags = without_text.copy() if one.column in TEXT else (values == 0).astype(np.int8) * np.int8(UNSEEN)
        flags[sought(values, one.keys) >= 0] = CARRIES
        found.append(flags)
    return found


def _rate(flags: Flags) -> float:
    seen = flags != UNSEEN
    return float((np.sum(flags == CARRIES) + 0.5) / (seen.sum() + 2.0))


def _patterns(code: npt.NDArray[Any], most: int) -> tuple[Integers, Int32s]:
    """The distinct codes, which are below `most`, in order, and for each row the place of its code among them."""
    if most > MOST_PATTERNS:
        distinct, place = np.unique(code.astype(np.int64), return_inverse=True)
        return distinct, place.astype(np.int32)
    is_there = np.zeros(most, np.bool_)
    is_there[code] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there, dtype=np.int32) - np.int32(1))[code]


@nb.njit(cache=True, nogil=True)
def _summed(value: Floats, of: Int32s, by: Int32s, most: int) -> Floats:
    """For each number below `most` the sum over rows that are `by` it, in their order, of the value that a row is `of`."""
    total = np.zeros(most)
    for row in range(len(of)):
        total[by[row]] += value[of[row]]
    return total


def _two_classes(digits: Integers, where: Int32s, group: Int32s, base: Floats) -> tuple[Floats, float]:
    """Posterior of each row, and the share of all rows in the first class.

    `digits` says what a pattern shows of each signal, `where` gives the pattern of each row and `group` its conversation.
    """
    seen, has = digits != 2, digits == 1
    other_log = (np.where(has, np.log(base), np.log1p(-base)) * seen).sum(axis=1)
    rate = np.maximum(0.7, base)
    share = 0.7
    each = np.zeros(0)
    groups = int(group.max()) + 1
    for _ in range(ROUNDS):
        mine_log = (np.where(has, np.log(rate), np.log1p(-rate)) * seen).sum(axis=1)
        odds = np.log(share) - np.log1p(-share) + _summed(mine_log - other_log, where, group, groups)
        each = 1.0 / (1.0 + np.exp(-np.clip(odds, -40, 40)))
        weight = _summed(each, group, where, len(digits))[:, None]
        found = ((weight * has).sum(axis=0) + 1.0) / ((weight * seen).sum(axis=0) + 2.0)
        found = np.clip(np.maximum(found, base), 1e-4, 1 - 1e-4)
        part = float(np.clip((float(each.sum()) + 1.0) / (len(each) + 2.0), 1e-3, 1 - 1e-3))
        if abs(part - share) + float(np.abs(found - rate).max()) < RESTING:
            break
        rate, share = found, part
    posterior = each[group]
    return posterior, float(posterior.mean())
