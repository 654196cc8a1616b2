"""Unions taken apart: what a cluster falls into if its parts ask for different things."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from stillwatch.link.ahead import in_turn
from stillwatch.link.candidate import ENDS_ALIKE
from stillwatch.link.cluster import (
    ASKED,
    COVERED,
    Cluster,
    Found,
    LinkSettings,
    distinct,
    grow,
    in_both,
    same,
)
from stillwatch.link.partition import Partition, partition
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings, Integers
from stillwatch.weigh.incidence import Incidence, turned
from stillwatch.weigh.kernels import entries_of, multiply, part_of

DEEPEST_SPLIT = 3
MOST_PARTS = 6
SMALLEST_UNION = 5
NEARLY_ALL = 0.8
TELLING_APART = (ASKED, frozenset(WITNESSES.values()))


def take_apart(
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


def parts_of(cluster: Cluster, holdings: Holdings, witnesses: frozenset[str]) -> Partition:
    """What the inner graph of a cluster falls into, which is looked for once."""
    if witnesses not in cluster.parts:
        graph = inner_graph(cluster, holdings, witnesses)
        cluster.parts[witnesses] = partition(graph, turned(graph, holdings.scratch.turned_room))
    return cluster.parts[witnesses]


def inner_graph(cluster: Cluster, holdings: Holdings, witnesses: AbstractSet[str]) -> Incidence:
    """Members and the profile traits that they hold; an edge weighs the share of requests times the lift in bits.

    It lies where the next one will.
    """
    first = dict(zip((h.signal for h in holdings), holdings.first.tolist(), strict=False))
    joining = (s for s in cluster.weighed.signals if s.signal != ENDS_ALIKE)
    said = [s for s in joining if WITNESSES[s.family] in witnesses]
    traits = np.concatenate([np.zeros(0, np.int64), *(first[s.signal] + s.traits for s in said)])
    table, scratch, members = holdings.table, holdings.scratch, cluster.members
    columns, share = scratch.room.of(entries_of(table, members))
    starts, held = part_of(table, scratch.space, members, traits, (columns, share))
    columns, share = columns[: starts[-1]], share[: starts[-1]]
    elsewhere = table.trait_start[traits + 1] - table.trait_start[traits] - held + 1.0
    lift = np.log2(np.maximum(2.0, held / len(members) * holdings.everyone / elsewhere))
    multiply(share, columns, lift)
    return Incidence(starts, columns, share, max(1, len(traits)))


def split(cluster: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings) -> list[Cluster]:
    """The clusters that a union falls into; the cluster alone if it is one operation.

    Families, classes and separate campaigns can be joined by a few popular traits. What they ask tells them apart
    first, all traits together second. Inside one operation the traits criss-cross, so that the parts, left to grow,
    grow back to the whole.
    """
    if len(cluster.members) < SMALLEST_UNION * link.smallest:
        return [cluster]
    for witnesses in TELLING_APART:
        parts = parts_of(cluster, holdings, witnesses)
        if parts.modularity <= link.loosest:
            continue
        largest = sorted((g for g in parts.groups if len(g) >= link.smallest), key=len, reverse=True)[
            :MOST_PARTS
        ]
        grown = _grown([cluster.members[part] for part in largest], cluster, holdings, link, weighing)
        if asks_as_one(cluster, holdings, link) and not _fit_better(grown, cluster):
            continue
        apart = [g for g in grown if _is_apart(g, cluster, holdings, link, weighing)]
        if len(apart) == len(grown) and _explain(grown, cluster):
            return distinct(grown, link)
        standing = distinct([cluster, *apart], link)
        if len(standing) > 1:
            return standing
    return [cluster]


def _is_apart(
    part: Cluster, whole: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> bool:
    """Whether what a part asks, or all that it has in common, speaks against the rest of the whole; a part that holds all of it is none."""
    rest = np.setdiff1d(whole.members, part.members)
    if same(part.members, whole.members) or not len(rest):
        return False
    weighed = weigh(holdings, part.members, weighing, also=rest)
    at = np.searchsorted(weighed.rows, rest)
    said = {name: float(bits[at].mean()) for name, bits in weighed.witnesses.items()}
    asked = min((bits for name, bits in said.items() if name in ASKED), default=0.0)
    return asked < -link.stranger_bits or sum(said.values()) < 0


def asks_as_one(cluster: Cluster, holdings: Holdings, link: LinkSettings) -> bool:
    """Whether what is asked speaks for nearly all members of a cluster, and parts none of them from the others."""
    at = cluster.position()
    asked = (cluster.weighed.witnesses.get(name) for name in sorted(ASKED))
    speaks = (bits is not None and np.mean(bits[at] >= link.voice_bits) >= NEARLY_ALL for bits in asked)
    return any(speaks) and parts_of(cluster, holdings, ASKED).modularity <= link.loosest


def _fit_better(parts: Sequence[Cluster], whole: Cluster) -> bool:
    """Whether the members of a whole that parts have taken fit these better."""
    best = np.full(len(whole.members), -np.inf)
    for part in parts:
        theirs, mine = in_both(part.members, whole.members)
        best[mine] = np.maximum(best[mine], part.margin[part.position()][theirs])
    taken = np.isfinite(best)
    return bool(np.mean((best - whole.margin[whole.position()])[taken]) > 0) if taken.any() else True


def _explain(parts: Sequence[Cluster], whole: Cluster) -> bool:
    """Whether most of the whole is found in its parts: what leaves most members alone is no union of these parts."""
    members = np.concatenate([np.zeros(0, np.int64), *(part.members for part in parts)])
    return bool(np.isin(whole.members, members).mean() >= COVERED)


def _grown(
    parts: Sequence[Integers], whole: Cluster, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Cluster]:
    """What the parts of a whole grow to, each once; a part on its way to what another became is given up."""
    apart, grown = Found(holdings.everyone), []

    def grow_part(members: Integers, known: Found) -> Cluster | None:
        return grow(members, holdings, link, weighing, known=known)

    for cluster in in_turn(parts, grow_part, apart, holdings.crew):
        if cluster is not None:
            grown.append(cluster)
            if not same(cluster.members, whole.members):
                apart.add(cluster)
    return grown
