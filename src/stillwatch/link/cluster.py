"""Candidates to clusters: each grows to the accounts that its own evidence speaks for, and like ones are merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from stillwatch.errors import SettingsError
from stillwatch.link.candidate import candidates
from stillwatch.link.partition import partition
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.bits import Weighed, WeighSettings, prior_bits, weigh
from stillwatch.weigh.holding import Floats, Holdings, Integers, Mask
from stillwatch.weigh.kernels import part_of

DEEPEST_SPLIT = 3
MOST_PARTS = 6
SMALLEST_UNION = 5
ASKED = frozenset({"content", "token"})
ANY_WITNESS = frozenset(WITNESSES.values())
MERGE_BITS = 8.0
TELLING_APART = (frozenset({"content", "token"}), frozenset(WITNESSES.values()))
NEARLY_SAME = 0.9
RESTLESS = 0.05
NESTED = 0.8
COVERED = 0.6


@dataclass(frozen=True)
class LinkSettings:
    """When accounts count as linked.

    smallest: fewest principals of a cluster. voice_bits: what a witness must say to count as one of the
    two independent witnesses that membership needs. rounds: how often a cluster is weighed anew.
    overlap: clusters that share this part of the smaller one are one cluster. nested_bits: but one inside another
    stands if it fits its members so many bits better. loosest: a cluster whose inner graph has more modularity is
    split. stranger_bits: an account for which what the members ask speaks more than so many bits against is none of them.
    """

    smallest: int = 8
    voice_bits: float = 3.0
    rounds: int = 5
    overlap: float = 0.7
    loosest: float = 0.15
    stranger_bits: float = 2.0
    nested_bits: float = 1.0

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
    log2((N - s) / s). `modularity` is that of the inner graph.
    """

    members: Integers
    margin: Floats
    weighed: Weighed
    modularity: float = 0.0

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
    """Weigh and re-assign until the members stay the same; None if too few are left, or on the way to one `known`."""
    everyone = holdings.everyone
    seen: Integers | None = None
    cluster = None
    for _ in range(link.rounds):
        if len(members) < link.smallest or 2 * len(members) > everyone:
            return None
        if known is not None and known.covers(members):
            return None
        weighed = weigh(holdings, members, weighing)
        margin = weighed.total() - prior_bits(len(members), everyone)
        inside = (
            (margin > 0) & (weighed.voices(link.voice_bits) >= 2) & ~_asks_otherwise(weighed, members, link)
        )
        members = weighed.rows[inside]
        cluster = Cluster(members, np.where(inside, margin, np.minimum(margin, -1.0)), weighed)
        if seen is not None and len(np.setxor1d(members, seen, assume_unique=True)) <= max(
            1, RESTLESS * len(seen)
        ):
            break
        seen = members
    return cluster if cluster is not None and len(cluster.members) >= link.smallest else None


def _asks_otherwise(weighed: Weighed, members: Integers, link: LinkSettings) -> Mask:
    """Who asks nothing of what the members ask: on one relay, what is asked tells a harvest from its neighbours."""
    at = np.searchsorted(weighed.rows, members)
    against = np.zeros(len(weighed.rows), np.bool_)
    for name in ASKED:
        bits = weighed.witnesses.get(name)
        if bits is not None and float(np.mean(bits[at])) >= link.voice_bits:
            against |= bits < -link.stranger_bits
    return against


def inner_graph(cluster: Cluster, holdings: Holdings, witnesses: AbstractSet[str]) -> sparse.csr_matrix:
    """Members and the profile traits that they hold; an edge weighs the share of requests times the lift in bits."""
    first = dict(zip((h.signal for h in holdings), holdings.first.tolist(), strict=False))
    said = [s for s in cluster.weighed.signals if WITNESSES[s.family] in witnesses]
    traits = np.concatenate([np.zeros(0, np.int64), *(first[s.signal] + s.traits for s in said)])
    table, members = holdings.table, cluster.members
    starts, column, share = part_of(table, holdings.space, members, traits)
    held = np.bincount(column, minlength=len(traits))
    elsewhere = table.trait_start[traits + 1] - table.trait_start[traits] - held + 1.0
    lift = np.log2(np.maximum(2.0, held / len(members) * holdings.everyone / elsewhere))
    shape = (len(members), max(1, len(traits)))
    return sparse.csr_matrix((share * lift[column], column, starts), shape=shape)


def split(cluster: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings) -> list[Cluster]:
    """The clusters that a union falls into; the cluster alone if it is one operation.

    Families, classes and separate campaigns can be joined by a few popular traits. What they ask tells them apart
    first, all traits together second. Inside one operation the traits criss-cross, so that the parts, left to grow,
    grow back to the whole.
    """
    if len(cluster.members) < SMALLEST_UNION * link.smallest:
        return [cluster]
    for witnesses in TELLING_APART:
        parts = partition(inner_graph(cluster, holdings, witnesses))
        cluster = replace(cluster, modularity=parts.modularity)
        if parts.modularity <= link.loosest:
            continue
        largest = sorted((g for g in parts.groups if len(g) >= link.smallest), key=len, reverse=True)[
            :MOST_PARTS
        ]
        grown = _grown([cluster.members[part] for part in largest], cluster, holdings, link, weighing)
        apart = [g for g in grown if not same(g.members, cluster.members)]
        if len(apart) == len(grown):
            return distinct(grown, link)
        standing = distinct([cluster, *apart], link)
        if len(standing) > 1:
            return standing
    return [cluster]


def _grown(
    parts: Sequence[Integers], whole: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Cluster]:
    """What the parts of a whole grow to, each once; a part on its way to what another became is given up."""
    apart, grown = Found(), []
    for members in parts:
        cluster = grow(members, holdings, link, weighing, known=apart)
        if cluster is not None:
            grown.append(cluster)
            if not same(cluster.members, whole.members):
                apart.add(cluster)
    return grown


def same(a: Integers, b: Integers, least: float = NEARLY_SAME) -> bool:
    """Whether two sets of members are nearly one, by their Jaccard similarity."""
    both = len(np.intersect1d(a, b, assume_unique=True))
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
    both, mine, theirs = np.intersect1d(
        cluster.members, other.members, assume_unique=True, return_indices=True
    )
    if len(both) < link.overlap * min(len(cluster.members), len(other.members)):
        return True
    gain = cluster.margin[cluster.position()][mine] - other.margin[other.position()][theirs]
    return not same(cluster.members, other.members, NESTED) and float(np.mean(gain)) >= link.nested_bits


def link(holdings: Holdings, settings: LinkSettings, weighing: WeighSettings) -> list[Cluster]:
    """All clusters of the log, strongest first.

    A candidate that a cluster already found mostly covers is not tried again.
    """
    found = Found()
    for members in candidates(holdings, least=settings.smallest):
        cluster = grow(members, holdings, settings, weighing, known=found)
        if cluster is not None:
            _take_apart(cluster, found, holdings, link=settings, weighing=weighing)
    return merge(distinct(found.clusters, settings), holdings, settings, weighing)


def _take_apart(
    cluster: Cluster,
    found: Found,
    holdings: Holdings,
    *,
    link: LinkSettings,
    weighing: WeighSettings,
) -> None:
    """Add what a cluster falls into to those `found`, part by part, until the parts stand."""
    waiting = [(cluster, 0, False)]
    while waiting:
        whole, depth, nested = waiting.pop()
        if not nested and found.covers(whole.members):
            continue
        parts = split(whole, holdings, link, weighing)
        stands = [part for part in parts if same(part.members, whole.members)]
        for part in stands or ([whole] if depth == DEEPEST_SPLIT else []):
            found.add(part)
        if depth < DEEPEST_SPLIT:
            waiting += [(part, depth + 1, bool(stands)) for part in parts if part not in stands]


class Found:
    """Clusters found so far, and which principals they cover."""

    def __init__(self) -> None:
        """Start with none."""
        self.clusters: list[Cluster] = []
        self._of: dict[int, list[int]] = {}

    def add(self, cluster: Cluster) -> None:
        """Add one."""
        for member in cluster.members.tolist():
            self._of.setdefault(member, []).append(len(self.clusters))
        self.clusters.append(cluster)

    def covers(self, members: Integers) -> bool:
        """Whether one cluster holds most of these principals."""
        counts = Counter(number for member in members.tolist() for number in self._of.get(member, ()))
        return bool(counts) and counts.most_common(1)[0][1] >= COVERED * len(members)


def fits(a: Cluster, b: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings) -> bool:
    """Whether the members of `b` fit what `a` asks and, by a second witness, how `a` works.

    One actor may run two programs and hold two batches of cards: only what is asked can speak against.
    """
    weighed = weigh(holdings, a.members, weighing, also=b.members)
    at = np.searchsorted(weighed.rows, b.members)
    voices = {name: float(np.mean(bits[at])) for name, bits in weighed.witnesses.items()}
    for said in weighed.signals:
        name = WITNESSES[said.family]
        if name not in ASKED:
            voices[name] = max(
                voices[name], 0.0, float(np.mean(np.minimum(said.bits[at], weighing.for_bits)))
            )
    loud = {name for name, bits in voices.items() if bits >= link.voice_bits}
    is_asked = bool(loud & ASKED) or not _has_text(holdings)
    return len(loud) >= 2 and is_asked and sum(voices.values()) >= MERGE_BITS


def _has_text(holdings: Holdings) -> bool:
    """Whether anything of what is asked can be seen in this log; if not, it can neither join nor part clusters."""
    return any(WITNESSES[holding.family] == "content" for holding in holdings)


def merge(
    clusters: list[Cluster], holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Cluster]:
    """Join clusters of which each fits the other: a spare pool shares text and program, not cards and addresses."""
    merged = dict(enumerate(clusters))
    meeting = Meeting(ASKED if _has_text(holdings) else ANY_WITNESS)
    for number, cluster in merged.items():
        meeting.add(number, cluster)
    waiting = list(merged)
    while waiting:
        at = waiting.pop(0)
        for other in meeting.of(at):
            a, b = merged[at], merged[other]
            if not fits(a, b, holdings, link, weighing) or not fits(b, a, holdings, link, weighing):
                continue
            both = np.union1d(a.members, b.members)
            grown = grow(both, holdings, link, weighing)
            if grown is not None and len(np.intersect1d(grown.members, both)) >= NEARLY_SAME * len(both):
                meeting.remove(other)
                meeting.remove(at)
                del merged[other]
                merged[at] = grown
                meeting.add(at, grown)
                waiting = [at, *(w for w in waiting if w != other)]
                break
        else:
            meeting.remove(at)
    return sorted(merged.values(), key=lambda c: (-c.strength(), c.members.tobytes()))


class Meeting:
    """Which clusters share a profile trait of what is asked and one of another witness: others cannot fit each other."""

    def __init__(self, asked: AbstractSet[str]) -> None:
        """Start with none."""
        self._asked = asked
        self._traits: dict[int, dict[tuple[str, int], str]] = {}
        self._clusters: dict[tuple[str, int], set[int]] = {}

    def add(self, number: int, cluster: Cluster) -> None:
        """Add a cluster under a number."""
        self._traits[number] = {
            (said.signal, trait): WITNESSES[said.family]
            for said in cluster.weighed.signals
            for trait in said.traits.tolist()
        }
        for trait in self._traits[number]:
            self._clusters.setdefault(trait, set()).add(number)

    def remove(self, number: int) -> None:
        """Take the cluster with that number out."""
        for trait in self._traits.pop(number):
            self._clusters[trait].discard(number)

    def of(self, number: int) -> list[int]:
        """The numbers of the others that this one meets, in order."""
        met: dict[int, set[str]] = {}
        for trait, witness in self._traits[number].items():
            for other in self._clusters[trait]:
                met.setdefault(other, set()).add(witness)
        del met[number]
        return sorted(other for other, shared in met.items() if len(shared) >= 2 and shared & self._asked)


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
