"""T4, canary: whether the suspect gives the answers that a secret key chose among equally correct ones.

Formula: a trigger has m alternatives, of which HMAC(key, account set, trigger) mod m was served. The suspect's choice is the alternative that its sampled
answers name most often; a tie, or none, is a miss. p = P[Bin(n, 1/m) >= hits]; where m differs between triggers, the exact
distribution of the sum.

Null hypothesis: the suspect is independent of our key. Then P(hit) = sum_a q(a) / m = 1/m (or less, by ties) whatever it prefers, so that the test is
exact.

Assumptions: HMAC is a random function to whoever lacks the key; each trigger is counted once.

Source: canaries as in Carlini et al., The Secret Sharer (2019); the keyed choice with its exact null is ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillwatch.assay.models import Floats
from stillwatch.assay.tails import binomial


@dataclass(frozen=True)
class Hits:
    """Hits among triggers."""

    hits: int
    triggers: int
    p_value: float
    floor: float


def chosen(answers: Sequence[str], alternatives: Sequence[str]) -> int | None:
    """Which alternative the answers name most often, if one does; an answer speaks for the one that it names first."""
    counts = np.zeros(len(alternatives), np.int64)
    for answer in answers:
        named = first_named(answer, alternatives)
        if named is not None:
            counts[named] += 1
    best = np.flatnonzero(counts == counts.max())
    return int(best[0]) if counts.max() > 0 and len(best) == 1 else None


def first_named(answer: str, alternatives: Sequence[str]) -> int | None:
    """The alternative that stands first in the answer as whole words; the longer one where two begin together."""
    places = [
        (found.start(), -len(alternative), index)
        for index, alternative in enumerate(alternatives)
        if (found := re.search(rf"(?<!\w){re.escape(alternative)}(?!\w)", answer, re.IGNORECASE))
    ]
    return min(places)[2] if places else None


def canary(choices: Sequence[int | None], secret: Sequence[int], sizes: Sequence[int]) -> Hits:
    """Hits of the choices on the secret answers among `sizes` alternatives each."""
    hits = sum(choice == answer for choice, answer in zip(choices, secret, strict=True))
    return Hits(hits, len(secret), tail(hits, sizes), tail(len(secret), sizes))


def tail(hits: int, sizes: Sequence[int]) -> float:
    """P[at least that many hits] if each trigger is hit with chance 1 / size."""
    if len(set(sizes)) <= 1:
        return binomial(hits, len(sizes), 1 / sizes[0]) if sizes else 1.0
    spread: Floats = np.ones(1)
    for size in sizes:
        spread = np.convolve(spread, [1 - 1 / size, 1 / size])
    return float(min(spread[hits:].sum(), 1.0))
