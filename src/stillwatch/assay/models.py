"""The model as the unit: whether the suspect is beyond what one more independent model would give.

With one reference and thousands of prompts a paired test rejects innocents at 17 % where 5 % was asked for, since models differ
among each other by more than prompts do. So three forms stand side by side, and the second is the one to state as an error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillwatch.assay.tails import binomial, student

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Beyond:
    """A share of prompts among those of models that are known to be independent of the teacher."""

    share: float
    p_worst: float
    """The largest of the paired p-values against each of them (intersection-union)."""
    p_model: float
    """Beyond the prediction interval of one more model, if models are normally spread."""
    p_rank: float
    """The same by rank, without a spread; its floor is 1 / (K + 1)."""
    models: int


def predicted(value: float, others: Sequence[float]) -> float:
    """P[t_{K-1} >= (x - mean) / (s sqrt(1 + 1/K))]: Student's prediction interval for one more draw.

    Null hypothesis: x and the K others are draws of one normal distribution. Where they have no spread, nothing can be said.
    """
    k = len(others)
    spread = float(np.std(others, ddof=1)) if k > 1 else 0.0
    if spread == 0:
        return 1.0
    return student((value - float(np.mean(others))) / (spread * math.sqrt(1 + 1 / k)), k - 1)


def ranked(value: float, others: Sequence[float]) -> float:
    """(1 + #{other >= x}) / (K + 1): exact if x and the others could be exchanged."""
    return (1 + sum(other >= value for other in others)) / (1 + len(others))


def paired_shares(ours: Mask, theirs: Mask) -> float:
    """P[Bin(b + c, 1/2) >= b] with b where only ours holds, c where only theirs does (McNemar, exact, one-sided)."""
    only_ours, only_theirs = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    return binomial(only_ours, only_ours + only_theirs, 0.5)


def beyond(ours: Mask, theirs: Sequence[Mask]) -> Beyond:
    """The share of prompts on which something holds of the suspect, among the shares of other models."""
    share, shares = float(ours.mean()), [float(one.mean()) for one in theirs]
    return Beyond(
        share=share,
        p_worst=max((paired_shares(ours, one) for one in theirs), default=1.0),
        p_model=predicted(share, shares),
        p_rank=ranked(share, shares),
        models=len(theirs),
    )
