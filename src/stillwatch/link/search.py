"""From candidates to the clusters of a log, and who belongs to which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import call
from typing import Any

import numpy as np

from stillwatch.fingerprint.memory import give_back
from stillwatch.link.ahead import in_turn
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
    clusters = link(holdings, settings, weighing)
    of_account = np.zeros(0, np.int64)
    if len(principal):
        of_account = assign(clusters, int(principal.max()) + 1)[principal]
    return Linked(clusters, [np.flatnonzero(of_account == at) for at in range(len(clusters))], of_account)


def link(holdings: Holdings, settings: LinkSettings, weighing: WeighSettings) -> list[Cluster]:
    """All clusters of the log, strongest first."""
    if not holdings:
        return []
    with holdings.crew as crew:
        found = _found(holdings, settings, weighing)
        clusters = distinct(found.clusters, settings)
        apart = carve(clusters, found.clusters, holdings, settings, weighing)
        apart = without_strangers(apart, holdings, settings, weighing)
        apart = carve(merge(apart, holdings, settings, weighing), (), holdings, settings, weighing)
        return list(crew.each(lambda cluster: in_full(cluster, holdings, settings, weighing), apart))


def _found(holdings: Holdings, settings: LinkSettings, weighing: WeighSettings) -> Found:
    """What candidates grow to, taken apart; one that a cluster already found mostly covers is not tried again."""

    def attempt(members: Integers, known: Found) -> list[Cluster]:
        cluster = grow(members, holdings, settings, weighing, known=known)
        if cluster is not None:
            take_apart(cluster, known, holdings, link=settings, weighing=weighing)
            give_back()
        return known.clusters

    beside: tuple[Callable[[], Any], ...] = (
        lambda: candidates(holdings, least=settings.smallest),
        lambda: holdings.table,
    )
    starts, _ = holdings.crew.each(call, beside)
    found = Found(holdings.everyone)
    for added in in_turn(starts, attempt, found, holdings.crew):
        for cluster in added:
            found.add(cluster)
    return found


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
