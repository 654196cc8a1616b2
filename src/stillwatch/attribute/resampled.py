"""How far an attribution hangs on which accounts were seen: it is weighed again with other accounts of the same campaign.

A bootstrap over accounts, since what one account does in many conversations is one observation. How often an account is drawn
follows from its id and the number of the draw (a Poisson bootstrap), so that the same log gives the same interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stillwatch.attribute.compare import Again
from stillwatch.attribute.rivals import lacks, shares
from stillwatch.attribute.weighed import Weighed, nats_of
from stillwatch.fingerprint.text import Keys

DRAWS = 200
TAIL = 0.025
"""The interval leaves out so large a part of the draws on either side."""
_OFTEN = np.cumsum(np.exp(-1.0) / np.array([1, 1, 2, 6, 24, 120, 720, 5040]))
"""Poisson with a mean of one: how often an account is in a draw."""
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""SplitMix64: what mixes a key and the number of a draw until nothing of either shows."""


class Interval(NamedTuple):
    """Between what bounds a probability lies in most draws."""

    low: float
    high: float


def intervals(weighed: Sequence[Sequence[Weighed]], accounts: Keys) -> list[Interval]:
    """For each actor; `accounts` are keys of the campaign's accounts, in the order of what the comparisons hold."""
    drawn = np.array([_drawn(weighed, counts) for counts in _counts(weighed, accounts)])
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL], axis=0, method="inverted_cdf")
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def _counts(weighed: Sequence[Sequence[Weighed]], accounts: Keys) -> list[dict[int, tuple[int, int]]]:
    """By draw and comparison: accounts that show it, and those where it could be seen."""
    again = [line.again for mine in weighed for family in mine for line in family.lines if line.again]
    if not again:
        return [{}]
    masks = np.array([*(a.holds for a in again), *(a.seen for a in again)], np.float32)
    found = []
    for draw in range(DRAWS):
        counts = np.rint(masks @ _often(accounts, draw)).astype(np.int64).reshape(2, -1)
        found.append({id(a): (int(h), int(s)) for a, h, s in zip(again, *counts, strict=True)})
    return found


def _often(accounts: Keys, draw: int) -> npt.NDArray[np.float32]:
    mixed = accounts + np.uint64(_STEP * (draw + 1) % (1 << 64))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    chance = ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53
    return np.searchsorted(_OFTEN, chance, side="right").astype(np.float32)


def _drawn(weighed: Sequence[Sequence[Weighed]], counts: dict[int, tuple[int, int]]) -> tuple[float, ...]:
    """The probability of each actor in one draw."""
    own, copied = [], []
    for mine in weighed:
        nats = [(f.told, _nats(f, counts)) for f in mine if f.told.counts]
        own.append(sum(n for _, n in nats))
        copied.append(sum(n for family, n in nats if not lacks(family)))
    return shares(own, copied).actors


def _nats(family: Weighed, counts: dict[int, tuple[int, int]]) -> float:
    return nats_of(
        [
            _again(line.again, counts) if line.again else (line.told.is_shown, line.told.nats)
            for line in family.lines
        ]
    )


def _again(again: Again, counts: dict[int, tuple[int, int]]) -> tuple[bool | None, float]:
    return again.with_counts(*counts[id(again)])
