"""Clusters inside a cluster: a harvest that runs on a pool, or in a program, which serves others too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stillwatch.link.cluster import (
    ASKED,
    NESTED,
    SECOND_BITS,
    Cluster,
    Found,
    LinkSettings,
    fits_better,
    in_both,
    same,
)
from stillwatch.link.split import asks_as_one
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings

PLAINLY = 2
"""So many means set a part plainly apart, whatever faint part of what it asks the rest asks too."""


def carve(
    clusters: Sequence[Cluster],
    found: Sequence[Cluster],
    holdings: Holdings,
    link: LinkSettings,
    weighing: WeighSettings,
) -> list[Cluster]:
    """The clusters without those inside them, and of all `found` those that stand apart from the rest of one.

    A pool and its tenant share addresses and programs, so that the union is the strongest cluster. What only a part
    asks, with means of its own, is that part's.
    """
    known, parted = Found(holdings.everyone), list(clusters)
    for cluster in clusters:
        known.add(cluster)
    for one in range(len(clusters)):
        for other in known.meeting(parted[one].members):
            if other == one or not _is_inside(parted[one], parted[other], link):
                continue
            if fits_better(parted[other], parted[one], link):
                parted[one] = _without(parted[one], parted[other])
            else:
                parted[other] = _without(parted[other], parted[one])
    kept = set(map(id, clusters))
    others = [c for c in found if id(c) not in kept]
    for inner in sorted(others, key=lambda c: (-c.strength(), c.members.tobytes())):
        for number in known.meeting(inner.members):
            outer = parted[number]
            is_apart = _shares(inner, outer, link) and stands_apart(inner, outer, holdings, link, weighing)
            if is_apart and not (fits_better(outer, inner, link) and asks_as_one(outer, holdings, link)):
                parted[number] = _without(outer, inner)
                parted.append(inner)
                known.add(inner)
                break
    return [c for c in parted if len(c.members) >= link.smallest]


def _without(outer: Cluster, inner: Cluster) -> Cluster:
    return replace(outer, members=np.setdiff1d(outer.members, inner.members))


def _shares(inner: Cluster, outer: Cluster, link: LinkSettings) -> bool:
    if not len(inner.members):
        return False
    return len(in_both(inner.members, outer.members)[0]) >= link.overlap * len(inner.members)


def _is_inside(inner: Cluster, outer: Cluster, link: LinkSettings) -> bool:
    return _shares(inner, outer, link) and not same(inner.members, outer.members, NESTED)


def stands_apart(
    inner: Cluster, outer: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> bool:
    """Whether the rest of the outer neither asks what the inner asks nor shares some other means that sets it apart.

    Customers of a pool ask a little of what everybody asks in the program they use: where two means or more speak
    plainly against the rest, it may ask that much.
    """
    rest = np.setdiff1d(outer.members, inner.members)
    if len(rest) < link.smallest:
        return False
    weighed = weigh(holdings, inner.members, weighing, also=rest)
    own, theirs = np.searchsorted(weighed.rows, inner.members), np.searchsorted(weighed.rows, rest)
    said = {
        name: float(bits[theirs].mean())
        for name, bits in weighed.witnesses.items()
        if float(bits[own].mean()) >= link.voice_bits
    }
    asked = min((bits for name, bits in said.items() if name in ASKED), default=np.inf)
    means = [bits for name, bits in said.items() if name not in ASKED]
    plainly = sum(bits < -link.voice_bits for bits in means)
    return (asked < 0 and min(means, default=np.inf) < 0) or (asked < SECOND_BITS and plainly >= PLAINLY)
