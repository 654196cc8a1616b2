"""From candidates to the clusters of a log, and who belongs to which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillwatch.fingerprint.memory import give_back
from stillwatch.link.candidate import candidates
from stillwatch.link.cluster import Cluster, Found, LinkSettings, distinct, grow, in_full
from stillwatch.link.merge import merge
from stillwatch.link.nested import carve
from stillwatch.link.split import take_apart
from stillwatch.link.strangers import without_strangers
from stillwatch.weigh.bits import WeighSettings
from stillwatch.weigh.holding import Holdings, Integers


@dataclass(frozen=True, eq=False)
class Linked:
    """Clusters, the accounts of each, and of each account the number of its cluster or -1."""

    clusters: list[Cluster]
    accounts: list[Integers]
    of_account: Integers


def linked(
    holdings: Holdings, principal: Integers, settings: LinkSettings, weighing: WeighSettings
) -> Linked:
    """The clusters of the log, with their accounts."""
    clusters = link(holdings, settings, weighing) if holdings else []
    of_account = np.zeros(0, np.int64)
    if len(principal):
        of_account = assign(clusters, int(principal.max()) + 1)[principal]
    return Linked(clusters, [np.flatnonzero(of_account == at) for at in range(len(clusters))], of_account)


def link(holdings: Holdings, settings: LinkSettings, weighing: WeighSettings) -> list[Cluster]:
    """All clusters of the log, strongest first.

    A candidate that a cluster already found mostly covers is not tried again.
    """
    found = Found(holdings.everyone)
    for members in candidates(holdings, least=settings.smallest):
        cluster = grow(members, holdings, settings, weighing, known=found)
        if cluster is not None:
            take_apart(cluster, found, holdings, link=settings, weighing=weighing)
            give_back()
    clusters = distinct(found.clusters, settings)
    apart = carve(clusters, found.clusters, holdings, settings, weighing)
    apart = without_strangers(apart, holdings, settings, weighing)
    apart = carve(merge(apart, holdings, settings, weighing), (), holdings, settings, weighing)
    return [in_full(cluster, holdings, settings, weighing) for cluster in apart]


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
