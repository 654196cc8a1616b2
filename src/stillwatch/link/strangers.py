"""Unions of strangers: clusters that fall into parts which do not know each other.

A profile is a list of traits, and whoever holds one of them fits it. So a union of groups, each with exits, programs
and sign-ups of its own, holds together as well as each of its groups does, though nothing joins one to another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillwatch.link.cluster import Cluster, Found, LinkSettings, fits_better, grow
from stillwatch.link.split import parts_of
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings, Integers

ANY_WITNESS = frozenset(WITNESSES.values())


def without_strangers(
    clusters: Sequence[Cluster], holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Cluster]:
    """The clusters that have no strangers among their parts; of the others each stranger, and what is left, becomes what it grows to by itself."""
    known, parted = Found(holdings.everyone), []
    strangers = holdings.crew.each(lambda c: _strangers(c, holdings, link, weighing), clusters)
    for cluster, strange in zip(clusters, strangers, strict=True):
        if strange:
            parted += [np.setdiff1d(cluster.members, np.concatenate(strange)), *strange]
        else:
            known.add(cluster)
    for members in parted:
        grown = grow(members, holdings, link, weighing)
        if grown is not None and not _is_known(grown, known, link):
            known.add(grown)
    return known.clusters


def _is_known(cluster: Cluster, known: Found, link: LinkSettings) -> bool:
    """Whether one of those known holds most of a cluster and fits it as well; a looser union may hold it too."""
    covering = (known.clusters[number] for number in known.covering(cluster.members))
    return not all(fits_better(cluster, other, link) for other in covering)


def _strangers(
    cluster: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Integers]:
    """The groups of a cluster that are strangers to the rest of it."""
    groups = _groups(cluster, holdings, link, weighing)
    return [g for g in groups if _is_strange(g, cluster.members, holdings, link, weighing)]


def _groups(
    cluster: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Integers]:
    """The groups that a cluster falls into by all that its members share, those together of which one speaks for another."""
    found = parts_of(cluster, holdings, ANY_WITNESS)
    parts = [cluster.members[g] for g in found.groups if len(g) >= link.smallest]
    if len(parts) < 2 or found.modularity <= link.loosest:
        return []
    group = np.arange(len(parts))
    for one, part in enumerate(parts):
        for other, bits in enumerate(_said(part, parts, holdings, weighing)):
            if bits >= link.voice_bits:
                group[group == group[other]] = group[one]
    return [
        np.sort(np.concatenate([parts[at] for at in np.flatnonzero(group == number)]))
        for number in np.unique(group)
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
