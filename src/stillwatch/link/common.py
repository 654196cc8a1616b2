"""What members of a cluster have in common: one hand has the same means everywhere, many circles side by side have their own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillwatch.link.cluster import Cluster
from stillwatch.link.split import inner_graph
from stillwatch.weigh.holding import Holdings

MOST_PAIRED = 400
"""So many members, evenly spaced, are paired: more would change the share by a hundredth."""


def in_common(holdings: Holdings, cluster: Cluster, witness: str) -> float:
    """The share of pairs of members that have a trait in common of those of a witness that set the cluster apart."""
    everybody = cluster.members
    if len(everybody) < 2:
        return 0.0
    paired = everybody[np.linspace(0, len(everybody) - 1, min(len(everybody), MOST_PAIRED)).astype(np.int64)]
    graph = inner_graph(replace(cluster, members=paired), holdings, {witness})
    held = np.zeros((len(paired), graph.width), np.float32)
    held[np.repeat(np.arange(len(paired)), np.diff(graph.starts)), graph.others] = 1.0
    shared = held[:, held.sum(0) > 1]
    pairs = np.count_nonzero(np.triu(shared @ shared.T, 1))
    return pairs / (len(paired) * (len(paired) - 1) / 2)
