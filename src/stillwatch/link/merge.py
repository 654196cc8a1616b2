"""Like clusters joined: a spare pool is the pool that it replaces."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np

from stillwatch.link.cluster import ASKED, NEARLY_SAME, SECOND_BITS, Cluster, LinkSettings, grow
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.bits import Weighed, WeighSettings, weigh
from stillwatch.weigh.holding import Holdings, Integers

ANY_WITNESS = frozenset(WITNESSES.values())
MERGE_BITS = 8.0


def fits(
    weighed: Weighed, members: Integers, holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> bool:
    """Whether these members fit what a weighed community asks and, by a second witness, how it works.

    One actor may run two programs and hold two batches of cards: only what is asked can speak against.
    """
    at = np.searchsorted(weighed.rows, members)
    voices = {name: float(np.mean(bits[at])) for name, bits in weighed.witnesses.items()}
    for said in weighed.signals:
        name = WITNESSES[said.family]
        if name not in ASKED:
            voices[name] = max(
                voices[name], 0.0, float(np.mean(np.minimum(said.bits[at], weighing.for_bits)))
            )
    loud = {name for name, bits in voices.items() if bits >= link.voice_bits}
    is_asked = bool(loud & ASKED) or not _shows_what_is_asked(holdings)
    seconded = bool(loud) and sum(bits >= SECOND_BITS for bits in voices.values()) >= 2
    return seconded and is_asked and sum(voices.values()) >= MERGE_BITS


def _shows_what_is_asked(holdings: Holdings) -> bool:
    """Whether this log shows prompts or their shape; if not, what is asked can neither join nor part clusters."""
    return any(WITNESSES[holding.family] == "content" for holding in holdings)


def merge(
    clusters: list[Cluster], holdings: Holdings, link: LinkSettings, weighing: WeighSettings
) -> list[Cluster]:
    """Join clusters of which each fits the other: a spare pool shares text and program, not cards and addresses."""
    merged = dict(enumerate(clusters))
    meeting = Meeting(ASKED if _shows_what_is_asked(holdings) else ANY_WITNESS)
    for number, cluster in merged.items():
        meeting.add(number, cluster)
    waiting = list(merged)
    while waiting:
        at = waiting.pop(0)
        a, others = merged[at], meeting.of(at)
        met = np.concatenate([a.members, *(merged[other].members for other in others)])
        of_a = weigh(holdings, a.members, weighing, also=met) if others else a.weighed
        for other in others:
            b = merged[other]
            if not fits(of_a, b.members, holdings, link, weighing):
                continue
            if not fits(
                weigh(holdings, b.members, weighing, also=a.members), a.members, holdings, link, weighing
            ):
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
