"""Unions of strangers: clusters that fall into parts which do not know each other.

A profile is a list of traits, and whoever holds one of them fits it. So a union of groups, each with exits, programs
and sign-ups of its own, holds together as well as each of its groups does, though nothing joins one to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stillwatch.link.cluster import Cluster, Found, LinkSettings, grow
from stillwatch.link.partition import partition
from stillwatch.link.split import inner_graph
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings, Integers

ANY_WITNESS = frozenset(WITNESSES.values())


def told_apart(
    clusters: Sequence[Cluster], holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Cluster]:
    """The clusters without the parts that are strangers to the rest, which become what they grow to by themselves."""
    known, parted = Found(holdings.everyone), []
    for cluster in clusters:
        parties = _parties(cluster, holdings, link, weighing)
        strange = [p for p in parties if _is_strange(p, cluster.members, holdings, link, weighing)]
        parted += strange
        if not strange:
            known.add(cluster)
        elif len(strange) < len(parties):
            left = np.setdiff1d(cluster.members, np.concatenate(strange))
            known.add(replace(cluster, members=left))
    for members in parted:
        grown = grow(members, holdings, link, weighing)
        if grown is not None and not known.covers(grown.members):
            known.add(grown)
    return known.clusters


def _parties(
    cluster: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Integers]:
    """The groups that a cluster falls into by all that its members share, those together of which one speaks for another."""
    found = partition(inner_graph(cluster, holdings, ANY_WITNESS))
    groups = [cluster.members[g] for g in found.groups if len(g) >= link.smallest]
    if len(groups) < 2 or found.modularity <= link.loosest:
        return []
    party = np.arange(len(groups))
    for one, group in enumerate(groups):
        for other, bits in enumerate(_said(group, groups, holdings, weighing)):
            if bits >= link.voice_bits:
                party[party == party[other]] = party[one]
    return [
        np.sort(np.concatenate([groups[at] for at in np.flatnonzero(party == number)]))
        for number in np.unique(party)
    ]


def _is_strange(
    part: Integers, members: Integers, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> bool:
    """Whether no witness of the rest of the members speaks for the part, and none of the part's for the rest."""
    rest = np.setdiff1d(members, part)
    if not len(rest):
        return False
    (of_part,), (of_rest,) = (
        _said(rest, [part], holdings, weighing),
        _said(part, [rest], holdings, weighing),
    )
    return max(of_part, of_rest) < link.voice_bits


def _said(
    members: Integers, groups: Sequence[Integers], holdings: Holdings, weighing: WeighSettings
) -> list[float]:
    """The most that a witness of a community says of each of these groups, on average over it."""
    weighed = weigh(holdings, members, weighing, also=np.sort(np.concatenate(groups)))
    at = [np.searchsorted(weighed.rows, group) for group in groups]
    return [max((float(bits[a].mean()) for bits in weighed.witnesses.values()), default=0.0) for a in at]
