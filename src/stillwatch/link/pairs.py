"""What members of a cluster have in common: one hand has the same means everywhere, many circles side by side have their own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stillwatch.link.cluster import Cluster
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.holding import Holdings
from stillwatch.weigh.incidence import Int32s

MOST_PAIRED = 400
"""So many members, evenly spaced, are paired."""


def in_common(holdings: Holdings, cluster: Cluster, witness: str) -> float:
    """The share of pairs of members that have a trait in common of those of a witness that set the cluster apart."""
    everybody = cluster.members
    if len(everybody) < 2:
        return 0.0
    paired = everybody[np.linspace(0, len(everybody) - 1, min(len(everybody), MOST_PAIRED)).astype(np.int64)]
    place = np.full(holdings.everyone, -1)
    place[paired] = np.arange(len(paired))
    shared = np.zeros((len(paired), len(paired)), np.bool_)
    for holders in _holders(holdings, cluster, witness):
        held = place[holders]
        held = held[held >= 0]
        shared[np.ix_(held, held)] = True
    pairs = np.count_nonzero(np.triu(shared, 1))
    return pairs / (len(paired) * (len(paired) - 1) / 2)


def _holders(holdings: Holdings, cluster: Cluster, witness: str) -> Iterator[Int32s]:
    """Who holds each of the traits of that witness that set the cluster apart."""
    for said in cluster.weighed.signals:
        if WITNESSES[said.family] == witness:
            held = holdings.by_signal[said.signal].by_trait
            for trait in said.traits.tolist():
                yield held.others[held.starts[trait] : held.starts[trait + 1]]
