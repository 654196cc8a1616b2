"""C1: do these accounts act for one party? Two witnesses must say so, each on its own.

The chance that at least one of the two is there by accident is bounded by the second most striking witness
(partial conjunction; Benjamini and Heller, 2008): p = (n - 1) * p_(2) for n witnesses. q-values over the clusters
of one scan follow Benjamini and Yekutieli (2001), which holds under any dependence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillwatch.link.cluster import Cluster
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.holding import Floats

LOWEST = -300.0


def witness_chances(cluster: Cluster) -> dict[str, float]:
    """log10 of each witness's chance: its most striking signal's, times its number of signals."""
    found: dict[str, list[float]] = {}
    for signal in cluster.weighed.signals:
        found.setdefault(WITNESSES[signal.family], []).append(signal.log10_chance)
    return {name: min(0.0, min(chances) + float(np.log10(len(chances)))) for name, chances in found.items()}


def log10_p_value(cluster: Cluster) -> float:
    """log10 of the partial-conjunction p-value that two witnesses speak by accident."""
    chances = sorted(witness_chances(cluster).values())
    if len(chances) < 2:
        return 0.0
    return float(max(LOWEST, min(0.0, chances[1] + np.log10(len(chances) - 1))))


def q_values(log10_p: Sequence[float]) -> Floats:
    """Benjamini-Yekutieli adjusted p-values, in the given order."""
    n = len(log10_p)
    order = np.argsort(log10_p, kind="stable")
    ranks = np.arange(1, n + 1)
    harmonic = float(np.sum(1.0 / ranks))
    adjusted = np.power(10.0, np.asarray(log10_p)[order]) * n * harmonic / ranks
    adjusted = np.minimum(1.0, np.minimum.accumulate(adjusted[::-1])[::-1])
    result = np.empty(n)
    result[order] = adjusted
    return result
