"""Candidates to clusters: each grows to the accounts that its own evidence speaks for, and like ones are merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.errors import SettingsError
from stillwatch.link.candidate import candidates
from stillwatch.weigh.bits import Mask, Weighed, WeighSettings, weigh
from stillwatch.weigh.holding import Floats, Holding, Integers


@dataclass(frozen=True)
class LinkSettings:
    """When accounts count as linked.

    smallest: fewest principals of a cluster. voice_bits: what a witness must say to count as one of the
    two independent witnesses that membership needs. rounds: how often a cluster is weighed anew.
    overlap: clusters that share this part of the smaller one are one cluster.
    """

    smallest: int = 8
    voice_bits: float = 3.0
    rounds: int = 8
    overlap: float = 0.5

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        if self.smallest < 3 or self.rounds < 1:
            raise SettingsError("link.smallest must be at least 3 and link.rounds at least 1")
        if not 0 < self.overlap <= 1:
            raise SettingsError(f"link.overlap is {self.overlap}; give a share between 0 and 1")


@dataclass(frozen=True, eq=False)
class Cluster:
    """Principals joined by evidence; not yet an accusation.

    `margin` has one value for each of N principals: bits for membership minus the prior's bar, log2((N - s) / s).
    """

    members: Integers
    margin: Floats
    weighed: Weighed

    def membership(self) -> Floats:
        """Posterior probability of membership for each of N principals."""
        result: Floats = 1.0 / (1.0 + np.exp2(-np.clip(self.margin, -50, 50)))
        return result


def _mask(members: Integers, everyone: int) -> Mask:
    inside = np.zeros(everyone, np.bool_)
    inside[members] = True
    return inside


def grow(members: Integers, holdings: Sequence[Holding], link: LinkSettings, weighing: WeighSettings) -> Cluster | None:
    """Weigh and re-assign until the members stay the same; None if too few are left."""
    everyone = holdings[0].counts.shape[0]
    seen: set[bytes] = set()
    cluster = None
    for _ in range(link.rounds):
        if len(members) < link.smallest or 2 * len(members) > everyone:
            return None
        weighed = weigh(holdings, _mask(members, everyone), weighing)
        bar = np.log2((everyone - len(members)) / len(members))
        margin = weighed.total() - bar
        inside = (margin > 0) & (weighed.voices(link.voice_bits) >= 2)
        margin = np.where(inside, margin, np.minimum(margin, -1.0))
        cluster = Cluster(np.flatnonzero(inside), margin, weighed)
        members = cluster.members
        if members.tobytes() in seen:
            break
        seen.add(members.tobytes())
    return cluster if cluster is not None and len(cluster.members) >= link.smallest else None


def distinct(clusters: list[Cluster], overlap: float) -> list[Cluster]:
    """The strongest of each group of clusters that share most of the smaller one's members."""
    order = sorted(clusters, key=lambda c: (-float(c.margin[c.members].sum()), c.members.tobytes()))
    kept: list[Cluster] = []
    taken: list[set[int]] = []
    for cluster in order:
        mine = set(cluster.members.tolist())
        if all(len(mine & other) < overlap * min(len(mine), len(other)) for other in taken):
            kept.append(cluster)
            taken.append(mine)
    return kept


def link(holdings: Sequence[Holding], settings: LinkSettings, weighing: WeighSettings, *, seed: int) -> list[Cluster]:
    """All clusters of the log, strongest first."""
    starts = candidates(holdings, least=settings.smallest, seed=seed)
    grown: dict[bytes, Cluster] = {}
    for members in starts:
        cluster = grow(members, holdings, settings, weighing)
        if cluster is not None:
            grown.setdefault(cluster.members.tobytes(), cluster)
    return distinct(list(grown.values()), settings.overlap)


def assign(clusters: Sequence[Cluster], everyone: int) -> npt.NDArray[np.int64]:
    """The cluster that speaks loudest for each principal, -1 where none does."""
    best = np.full(everyone, 0.0)
    which = np.full(everyone, -1, np.int64)
    for number, cluster in enumerate(clusters):
        mine = np.zeros(everyone, np.bool_)
        mine[cluster.members] = True
        better = mine & (cluster.margin > best)
        best = np.where(better, cluster.margin, best)
        which[better] = number
    return which
