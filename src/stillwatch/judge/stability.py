"""How firmly a reported group hangs together: linking repeated with a part of the traits and accounts left out.

A delete-a-third jackknife: each third of the traits and of the members is left out once, and the rest grows as in
linking. A group that rests on few traits, or on few accounts that bring in the others, does not come back. Nothing is
drawn by chance. Only told groups are repeated, and only with traits that some of their members share, since a scan
has no time to link everything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.memory import give_back
from stillwatch.link.cluster import Cluster, LinkSettings, grow, in_both
from stillwatch.model.finding import Stability
from stillwatch.weigh.bits import WeighSettings
from stillwatch.weigh.holding import FEWEST_HOLDERS, Holdings, Integers, Mask
from stillwatch.weigh.incidence import counted_among

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
    alone = ~_shared(holdings, np.concatenate([c.members for c in clusters]))
    part_of = _part_of(np.concatenate([h.keys for h in holdings]))
    back = np.zeros((PARTS, len(clusters)))
    joined = np.zeros((PARTS, len(clusters)))
    with holdings.crew as crew:
        for part in range(PARTS):
            again = partial(_again, part, holdings.unseen(alone | (part_of == part)), link, weighing)
            back[part], joined[part] = zip(*crew.each(again, [c.members for c in clusters]), strict=True)
            del again
            give_back()
    holdings.rest()
    return [_stability(c, back[:, at], joined[:, at], link) for at, c in enumerate(clusters)]


def _shared(holdings: Holdings, members: Integers) -> Mask:
    """Which traits enough of these principals hold for them to set anybody apart."""
    is_member = np.zeros(holdings.everyone, np.bool_)
    is_member[members] = True
    enough: Mask = counted_among(holdings.by_trait, is_member) >= FEWEST_HOLDERS
    return enough


def _part_of(keys: npt.NDArray[np.uint64]) -> Integers:
    with np.errstate(over="ignore"):
        mixed = keys * SPREAD >> UPPER
    return (mixed % np.uint64(PARTS)).astype(np.int64)


def _again(
    part: int, holdings: Holdings, link: LinkSettings, weighing: WeighSettings, members: Integers
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
