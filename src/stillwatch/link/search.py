"""From candidates to the clusters of a log, and who belongs to which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillwatch.link.candidate import candidates
from stillwatch.link.cluster import Cluster, Found, LinkSettings, distinct, grow
from stillwatch.link.merge import merge
from stillwatch.link.nested import carve
from stillwatch.link.split import take_apart
from stillwatch.weigh.bits import WeighSettings
from stillwatch.weigh.holding import Holdings, Integers


def link(holdings: Holdings, settings: LinkSettings, weighing: WeighSettings) -> list[Cluster]:
    """All clusters of the log, strongest first.

    A candidate that a cluster already found mostly covers is not tried again.
    """
    found = Found(holdings.everyone)
    for members in candidates(holdings, least=settings.smallest):
        cluster = grow(members, holdings, settings, weighing, known=found)
        if cluster is not None:
            take_apart(cluster, found, holdings, link=settings, weighing=weighing)
    clusters = distinct(found.clusters, settings)
    apart = carve(clusters, found.clusters, holdings, settings, weighing)
    return carve(merge(apart, holdings, settings, weighing), (), holdings, settings, weighing)


def assign(clusters: Sequence[Cluster], everyone: int) -> Integers:
    """The cluster that speaks loudest for each principal, -1 where none does."""
    best = np.full(everyone, 0.0)
    which = np.full(everyone, -1, np.int64)
    for number, cluster in enumerate(clusters):
        margin = cluster.margin[cluster.position()]
        better = margin > best[cluster.members]
        best[cluster.members[better]] = margin[better]
        which[cluster.members[better]] = number
    return which
