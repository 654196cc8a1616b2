"""How firmly a reported group hangs together: linking repeated with a part of the traits and accounts left out.

A delete-a-third jackknife: each third of the traits and of the members is left out once, and the rest grows as in
linking. A group that rests on few traits, or on few accounts that bring in the others, does not come back. Nothing is
drawn by chance. Only told groups are repeated, and only with traits that some of their members share, since a scan
has no time to link everything again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.memory import give_back
from stillwatch.link.cluster import Cluster, LinkSettings, grow, in_both
from stillwatch.model.finding import Stability
from stillwatch.weigh.bits import WeighSettings
from stillwatch.weigh.holding import FEWEST_HOLDERS, Holding, Holdings, Integers
from stillwatch.weigh.incidence import chosen

PARTS = 3
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd multiplier that makes the upper bits of a key depend on all of it (Fibonacci hashing; Knuth, 1973)."""
UPPER = np.uint64(33)
DIGITS = 4


def stability(
    clusters: Sequence[Cluster], holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Stability | None]:
    """The stability of each cluster; None for one too small to leave a third of it out."""
    if not clusters:
        return []
    shared = _shared(holdings, np.unique(np.concatenate([c.members for c in clusters])))
    back = np.zeros((PARTS, len(clusters)))
    joined = np.zeros((PARTS, len(clusters)))
    for part in range(PARTS):
        fewer = Holdings.side_by_side(
            _without(holding, near, part) for holding, near in zip(holdings, shared, strict=True)
        )
        for at, cluster in enumerate(clusters):
            back[part, at], joined[part, at] = _again(cluster.members, fewer, part, link, weighing)
        del fewer
        give_back()
    return [_stability(c, back[:, at], joined[:, at], link) for at, c in enumerate(clusters)]


def _shared(holdings: Holdings, members: Integers) -> list[Integers]:
    """Of each signal, the traits that enough of these principals hold to set anybody apart."""
    is_member = np.zeros(holdings.everyone, np.int64)
    is_member[members] = 1
    return [np.flatnonzero(_counted(h, is_member) >= FEWEST_HOLDERS) for h in holdings]


def _counted(holding: Holding, is_member: Integers) -> Integers:
    """How many members hold each trait; every trait has holders."""
    if not len(holding.keys):
        return np.zeros(0, np.int64)
    result: Integers = np.add.reduceat(is_member[holding.by_trait.others], holding.by_trait.starts[:-1])
    return result


def _without(holding: Holding, near: Integers, part: int) -> Holding:
    """The holding with those of its traits `near` that are not of that part."""
    kept = near[_part_of(holding.keys[near]) != part]
    by_trait = chosen(holding.by_trait, kept)
    return Holding(holding.signal, holding.family, by_trait, holding.support, holding.keys[kept])


def _part_of(keys: npt.NDArray[np.uint64]) -> Integers:
    with np.errstate(over="ignore"):
        mixed = keys * SPREAD >> UPPER
    return (mixed % np.uint64(PARTS)).astype(np.int64)


def _again(
    members: Integers, holdings: Holdings, part: int, link: LinkSettings, weighing: WeighSettings
) -> tuple[float, float]:
    """Which share of the members comes back without those of that part to start from, and how many others come."""
    start = members[np.arange(len(members)) % PARTS != part]
    grown = grow(start, holdings, link, weighing)
    if grown is None:
        return 0.0, 0.0
    back = len(in_both(members, grown.members)[0])
    return back / len(members), (len(grown.members) - back) / len(members)


def _stability(
    cluster: Cluster, back: npt.NDArray[np.float64], joined: npt.NDArray[np.float64], link: LinkSettings
) -> Stability | None:
    if len(cluster.members) - -(-len(cluster.members) // PARTS) < link.smallest:
        return None
    return Stability(
        repeats=PARTS,
        together=round(float(back.mean()), DIGITS),
        least_together=round(float(back.min()), DIGITS),
        most_strangers=round(float(joined.max()), DIGITS),
    )
