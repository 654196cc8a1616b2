"""Clusters: a candidate grows to the accounts that its own evidence speaks for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from stillwatch.errors import SettingsError
from stillwatch.link.partition import Partition
from stillwatch.weigh.bits import Weighed, WeighSettings, prior_bits, weigh
from stillwatch.weigh.holding import Floats, Holdings, Integers, Mask

ASKED = frozenset({"content", "token"})
VOICES = 2
"""Witnesses that membership needs."""
NEARLY_SAME = 0.9
RESTLESS = 0.05
NESTED = 0.8
COVERED = 0.6
SECOND_BITS = 1.0
"""What a second witness must say of each member on average: of a whole group that is much."""


@dataclass(frozen=True)
class LinkSettings:
    """When accounts count as linked.

    smallest: fewest principals of a cluster. voice_bits: what a witness must say to count as one of the
    two independent witnesses that membership needs. rounds: how often a cluster is weighed anew.
    overlap: clusters that share this part of the smaller one are one cluster. nested_bits: but one inside another
    stands if it fits its members so many bits better. loosest: a cluster whose inner graph has more modularity is
    split. stranger_bits: an account for which what the members ask speaks more than so many bits against is none of them.
    plain_bits: who asks what the members ask by so many bits is one of them without another witness, round a core.
    core_share: so many of those who ask so must have two witnesses to be that core.
    """

    smallest: int = 8
    voice_bits: float = 3.0
    rounds: int = 5
    overlap: float = 0.7
    loosest: float = 0.15
    stranger_bits: float = 2.0
    nested_bits: float = 1.0
    plain_bits: float = 7.0
    core_share: float = 0.15

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        if self.smallest < 3 or self.rounds < 1:
            raise SettingsError("link.smallest must be at least 3 and link.rounds at least 1")
        if not 0 < self.overlap <= 1:
            raise SettingsError(f"link.overlap is {self.overlap}; give a share between 0 and 1")


@dataclass(frozen=True, eq=False)
class Cluster:
    """Principals joined by evidence; not yet an accusation.

    `margin` has, for each principal in `weighed.rows`, the bits for membership minus the prior's bar,
    `prior_bits`. `start` is the community that was weighed, as long as only those were who might join it. `parts` has
    what its inner graph fell into, by the witnesses that were asked.
    """

    members: Integers
    margin: Floats
    weighed: Weighed
    start: Integers | None = None
    parts: dict[frozenset[str], Partition] = field(default_factory=dict, init=False)

    def strength(self) -> float:
        """Sum of the members' margins, in bits."""
        return float(self.margin[self.position()].sum())

    def position(self) -> Integers:
        """Where the members stand in `weighed.rows`."""
        return np.searchsorted(self.weighed.rows, self.members)

    def membership(self) -> Floats:
        """Posterior probability of membership of each member."""
        result: Floats = 1.0 / (1.0 + np.exp2(-np.clip(self.margin[self.position()], -50, 50)))
        return result


def grow(
    members: Integers,
    holdings: Holdings,
    link: LinkSettings,
    weighing: WeighSettings,
    *,
    known: Found | None = None,
) -> Cluster | None:
    """Weigh and re-assign until the members stay the same; None if too few are left, or on the way to one `known`.

    Who comes out just as they went in would do so again, bit for bit, and are not weighed again.
    """
    everyone = holdings.everyone
    seen: Integers | None = None
    cluster = None
    for _ in range(link.rounds):
        if len(members) < link.smallest or 2 * len(members) > everyone:
            return None
        if known is not None and known.covers(members):
            return None
        weighed = weigh(holdings, members, weighing, speaking=VOICES, joining=True)
        if not len(weighed.rows):
            return None
        cluster = _assigned(members, weighed, everyone, link)
        if np.array_equal(members, cluster.members):
            break
        members = cluster.members
        if seen is not None and _changed(seen, members) <= max(1, RESTLESS * len(seen)):
            break
        seen = members
    return cluster if cluster is not None and len(cluster.members) >= link.smallest else None


def in_full(cluster: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings) -> Cluster:
    """The cluster with everybody weighed who is near it: on the way there only those were who might join."""
    if cluster.start is None:
        return cluster
    weighed = weigh(holdings, cluster.start, weighing, speaking=VOICES)
    return replace(
        _assigned(cluster.start, weighed, holdings.everyone, link), members=cluster.members, start=None
    )


def _assigned(members: Integers, weighed: Weighed, everyone: int, link: LinkSettings) -> Cluster:
    """Who belongs to a community of such members, weighed as they are."""
    margin = weighed.total() - prior_bits(len(members), everyone)
    inside = (margin > 0) & _heard(weighed, margin, link) & ~_asks_otherwise(weighed, members, link)
    margin = np.where(inside, margin, np.minimum(margin, -1.0))
    return Cluster(weighed.rows[inside], margin, weighed, members)


def _heard(weighed: Weighed, margin: Floats, link: LinkSettings) -> Mask:
    """Who has two voices for membership; round a core of those also who asks plainly what the members ask.

    One operation that buys an exit, a card and a program for each account leaves only some of them alike by accident.
    """
    twice = weighed.voices(link.voice_bits) >= VOICES
    asked = weighed.witnesses.get("content")
    if asked is None:
        return twice
    plainly = (asked >= link.plain_bits) & (margin > 0)
    core = int(np.count_nonzero(plainly & twice))
    is_round_a_core = core >= link.smallest and core >= link.core_share * int(np.count_nonzero(plainly))
    return twice | plainly if is_round_a_core else twice


def _asks_otherwise(weighed: Weighed, members: Integers, link: LinkSettings) -> Mask:
    """Who asks nothing of what the members ask: on one relay, what is asked tells a harvest from its neighbours."""
    at = np.searchsorted(weighed.rows, members)
    against = np.zeros(len(weighed.rows), np.bool_)
    for name in ASKED:
        bits = weighed.witnesses.get(name)
        if bits is not None and float(np.mean(bits[at])) >= link.voice_bits:
            against |= bits < -link.stranger_bits
    return against


class Found:
    """Clusters found so far, and which principals they cover."""

    def __init__(self, everyone: int) -> None:
        """Start with none, among so many principals."""
        self.clusters: list[Cluster] = []
        self.everyone = everyone
        self._held = np.zeros(0, np.int64), np.zeros(0, np.int64)

    def add(self, cluster: Cluster) -> None:
        """Add one; who looks on meanwhile sees all before it."""
        members, numbers = self._held
        own = np.full(len(cluster.members), len(self.clusters))
        self._held = np.append(members, cluster.members), np.append(numbers, own)
        self.clusters.append(cluster)

    def covers(self, members: Integers) -> bool:
        """Whether one cluster holds most of these principals."""
        return bool(self.covering(members))

    def covering(self, members: Integers) -> list[int]:
        """Numbers of the clusters that hold most of these principals, in order."""
        held = np.bincount(self._holding(members), minlength=1)
        numbers: list[int] = np.flatnonzero(held >= COVERED * len(members)).tolist()
        return numbers

    def meeting(self, members: Integers) -> list[int]:
        """Numbers of the clusters that hold any of these principals, in order."""
        numbers: list[int] = np.unique(self._holding(members)).tolist()
        return numbers

    def _holding(self, members: Integers) -> Integers:
        """The number of a cluster for each of these principals that it holds."""
        held, numbers = self._held
        asked = np.zeros(self.everyone, np.bool_)
        asked[members] = True
        return numbers[asked[held]]


def in_both(a: Integers, b: Integers) -> tuple[Integers, Integers]:
    """Where the members that two sets share stand in either; both are in order, and the first is not empty."""
    at = np.minimum(a.searchsorted(b), len(a) - 1)
    (theirs,) = (a[at] == b).nonzero()
    return at[theirs], theirs


def _changed(before: Integers, after: Integers) -> int:
    """How many are in one of two sets alone."""
    return len(before) + len(after) - 2 * len(in_both(before, after)[0])


def same(a: Integers, b: Integers, least: float = NEARLY_SAME) -> bool:
    """Whether two sets of members are nearly one, by their Jaccard similarity."""
    both = len(in_both(a, b)[0])
    return both > least * (len(a) + len(b) - both)


def distinct(clusters: list[Cluster], link: LinkSettings) -> list[Cluster]:
    """Of clusters that share most of the smaller one's members the strongest, and those that fit better."""
    order = sorted(clusters, key=lambda c: (-c.strength(), c.members.tobytes()))
    kept: list[Cluster] = []
    for cluster in order:
        if all(_differs(cluster, other, link) for other in kept):
            kept.append(cluster)
    return kept


def _differs(cluster: Cluster, other: Cluster, link: LinkSettings) -> bool:
    mine, _ = in_both(cluster.members, other.members)
    shares_little = len(mine) < link.overlap * min(len(cluster.members), len(other.members))
    return shares_little or fits_better(cluster, other, link)


def fits_better(cluster: Cluster, other: Cluster, link: LinkSettings) -> bool:
    """Whether those whom two clusters share are more plainly the first one's, and the two are not nearly one."""
    mine, theirs = in_both(cluster.members, other.members)
    gain = cluster.margin[cluster.position()][mine] - other.margin[other.position()][theirs]
    return not same(cluster.members, other.members, NESTED) and float(np.mean(gain)) >= link.nested_bits
