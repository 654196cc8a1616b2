"""The e-processes of T3 and T4 in `assay.py`: how often one that is looked at as it goes calls an innocent, and by which look a student is found."""

from __future__ import annotations

import numpy as np

from stillwatch.assay.betting import on_green, on_hits
from stillwatch.assay.radioactivity import Tuples
from stillwatch.assay.tails import binomial

LOOKS = 10
GAMMA = 0.25


def at_green(tuples: Tuples, is_green: np.ndarray, texts: int) -> dict[str, float]:
    """T3, looked at after each part of the texts; beside it the textbook binomial over distinct tuples, looked at as often."""
    looks = np.arange(texts) * LOOKS // texts + 1
    bets = on_green(tuples, is_green.astype(np.float64), looks, gamma=GAMMA, weighting="every")
    first = np.unique(tuples.place, return_index=True)[1]
    came = looks[tuples.text[first]]
    best = min(
        binomial(int(is_green[came <= at].sum()), int((came <= at).sum()), GAMMA)
        for at in range(1, LOOKS + 1)
    )
    return {"T3 e-process, looked at ten times": bets.p_value, "peer: textbook binomial, distinct, looked at ten times": best}  # fmt: skip


def at_hits(hits: list[bool], sizes: list[int]) -> dict[str, float]:
    """T4, looked at after each trigger; beside it the exact tail, looked at as often."""
    bets = on_hits(hits, sizes, list(range(len(hits))))
    best = min(binomial(sum(hits[:at]), at, 1 / sizes[0]) for at in range(1, len(hits) + 1))
    return {"T4 e-process, looked at after each trigger": bets.p_value, "peer: T4 canary, looked at after each trigger": best}  # fmt: skip
