"""Several hypotheses, and looking more than once.

Holm's step-down holds the chance of any false rejection in a family at the level, under any dependence (Holm, 1979). A betting martingale is an
e-process: under the null its expectation is at most 1 at any time one may choose to stop, so that 1/level bounds the chance of ever reaching that
(Ville, 1939; Waudby-Smith and Ramdas, 2024).

Formulas: `holm`: the k-th smallest of m p-values times m - k + 1, made to rise; `log_wealth`: as in `assay.betting`; `from_p`: (1 - p + p log p) / (p log^2 p). Null hypotheses: those of the tests whose results go in.
Assumptions: `holm` none of how tests depend; a martingale that each bet is fair given all before it. Sources: Holm (1979); Ville (1939); Waudby-Smith and Ramdas (2024); Vovk and Wang (2021).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stillwatch.assay.models import Floats

STAKES = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
"""Shares of the largest stake that cannot ruin; the process is the mean of as many bets."""
LARGEST = 0.9
"""No stake is larger, however heavy its bet weighs."""
MOST_LOG = 700.0
"""Wealth beyond its exponential is told as that."""


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: compare each with the level of the family."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, highest = [1.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def martingale(hits: Sequence[bool], chances: Sequence[float]) -> Floats:
    """The e-process of hits whose chance is at most `chances` under the null, after each.

    E_t = mean over stakes s of prod_i (1 + s (x_i - q_i) / q_i): a bettor who puts a share s on each hit at fair odds.
    """
    wealth: Floats = np.exp(np.minimum(log_wealth(hits, chances), MOST_LOG))
    return wealth


def log_wealth(
    hits: Sequence[bool],
    chances: Sequence[float],
    *,
    weights: Floats | None = None,
    stakes: Sequence[float] = STAKES,
) -> Floats:
    """The logarithm of the same. `weights`, known before each bet is decided, raise a stake up to `LARGEST`."""
    x, q = np.asarray(hits, np.float64), np.asarray(chances, np.float64)
    staked = np.outer(stakes, np.ones(len(x)) if weights is None else weights)
    logs = np.log1p(np.minimum(staked, LARGEST) * ((x - q) / q)).cumsum(axis=1)
    wealth: Floats = np.logaddexp.reduce(logs, axis=0) - math.log(len(stakes))
    return wealth


def from_p(p_value: float) -> float:
    """An e-value from a p-value: (1 - p + p log p) / (p log^2 p), at most 1 on average (Vovk and Wang, 2021)."""
    if p_value >= 1:
        return 0.5
    log = math.log(max(p_value, 1e-300))
    return (1 - p_value + p_value * log) / (max(p_value, 1e-300) * log * log)
