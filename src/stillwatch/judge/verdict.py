"""The verdict ladder: agreements first, then distillation within the budget, then relay, then coordinated.

A cluster is called distillation only if two witnesses link it, one of them of content or behaviour and one of
coordination, and if its traffic builds a training set with a probability that the budget allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from stillwatch.judge.agreement import Agreements
from stillwatch.judge.budget import JudgeSettings, within_budget
from stillwatch.judge.coordination import log10_p_value, q_values
from stillwatch.judge.purpose import Purpose
from stillwatch.link.cluster import Cluster
from stillwatch.model.finding import Verdict
from stillwatch.weigh.holding import Floats, Integers, Mask

CONTENT = frozenset({"content", "token", "behaviour"})
COORDINATION = frozenset({"network", "product", "identity", "token"})
VOICE_BITS = 2.0
CORE_BITS, CORE_SHARE = 3.0, 0.15
"""A witness also speaks for a cluster if it says so much of that share of the members, `LEAST_ACCOUNTS` at least."""
BEHAVIOUR = (
    "no_human_rhythm", "level_load", "conversations", "extended_thinking", "thinking_pool", "stored_reasoning",
    "spliced_pool", "disguised_pool", "demanded_pool",
)  # fmt: skip
BEHAVIOUR_BITS = 2.0
LEAST_ACCOUNTS = 10
SUREST = 0.99
"""No probability of a campaign, or of belonging to it, is stated above this: the scale was set on simulated traffic."""
LARGEST_Q = 0.01
MOST_EXPLAINED = 0.5
RELAY_PRODUCT_BITS = 5.0
RELAY_LEVEL, RELAY_PERSONAS, RELAY_CONVERSATIONS, RELAY_FRAMED = 0.65, 1.5, 0.3, 0.6
RELAY_HOURS, RELAY_OCTAVES = 0.4, 0.25
"""Many people behind an account fill more hours of the day than one crew, and use more than others on its plan: freelancers of an
agency, a hackathon and its fresh accounts do not."""
LEAST_VOICES, LEAST_COORDINATED, LEAST_COORDINATED_BITS = 3, 20, -4.0
"""A coordinated group is reported if it is large and not plainly people at work or study."""
LEAST_IN_COMMON = 2.0
"""And if two members have something in common by so many witnesses on average: else it is many circles side by side."""

InCommon = Callable[[Cluster, str], float]
"""The share of pairs of a cluster's members that have in common what a witness says of it."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A cluster with its verdict. `accounts` are positions; `membership` is one probability for each."""

    cluster: Cluster
    number: int
    verdict: Verdict
    accounts: Integers
    membership: Floats
    q_value: float
    probability: float
    bits: float


@dataclass(frozen=True, eq=False)
class Standing:
    """How clusters stand before any agreement is looked at: one value for each.

    `is_candidate` says whether a cluster may be distillation by who speaks for it, by its q-value and by its size.
    """

    q_value: Floats
    probability: Floats
    is_candidate: Mask


def standing(
    clusters: Sequence[Cluster], accounts: Sequence[Integers], purpose: Purpose, agreed: Agreements
) -> Standing:
    """Where the clusters stand. `accounts` are the account positions of each; those that agreements explain are not among whom it might be."""
    q = q_values([log10_p_value(c) for c in clusters]) if clusters else np.zeros(0)
    candidate = [
        q[i] <= LARGEST_Q and len(a) >= LEAST_ACCOUNTS and _is_spoken_for(c, behaviour=_behaves(i, purpose))
        for i, (c, a) in enumerate(zip(clusters, accounts, strict=True))
    ]
    might = sum(may and not is_covered(a, agreed) for may, a in zip(candidate, accounts, strict=True))
    return Standing(q, purpose.probability(among=might), np.array(candidate, np.bool_))


def witnesses(cluster: Cluster) -> set[str]:
    """Witnesses that speak for the cluster, by the mean over its members."""
    at = cluster.position()
    return {name for name, bits in cluster.weighed.witnesses.items() if float(bits[at].mean()) >= VOICE_BITS}


def judge(
    clusters: Sequence[Cluster],
    accounts: Sequence[Integers],
    principal: Integers,
    *,
    purpose: Purpose,
    agreed: Agreements,
    settings: JudgeSettings,
    in_common: InCommon,
    leads: AbstractSet[int] = frozenset(),
) -> list[Judged]:
    """Verdicts for all clusters that earn one. `accounts` are the account positions of each cluster.

    Of `leads` it is told at least that they are coordinated, unless agreements explain them.
    """
    stands = standing(clusters, accounts, purpose, agreed)
    q, probability = stands.q_value, stands.probability
    reported = within_budget(eligible(stands, accounts, agreed), settings)
    judged = []
    for number, (cluster, held) in enumerate(zip(clusters, accounts, strict=True)):
        mine = held[~agreed.may_distil[held]]
        if q[number] > LARGEST_Q or len(mine) < LEAST_ACCOUNTS:
            continue
        other: Verdict | None = None
        if not reported[number] and float(agreed.explained[mine].mean()) < MOST_EXPLAINED:
            other = _other(cluster, mine, number, purpose, in_common)
            other = "coordinated" if other is None and number in leads else other
        verdict: Verdict | None = "distillation" if reported[number] else other
        if verdict is None:
            continue
        certain = min(SUREST, float(probability[number])) if verdict == "distillation" else 1.0
        judged.append(
            Judged(
                cluster=cluster,
                number=number,
                verdict=verdict,
                accounts=mine,
                membership=membership(cluster, principal[mine]) * certain,
                q_value=float(q[number]),
                probability=float(probability[number]),
                bits=float(purpose.total[number]),
            )
        )
    return judged


def eligible(stands: Standing, accounts: Sequence[Integers], agreed: Agreements) -> Floats:
    """Probability of each cluster that may be distillation and that no agreement explains; 0 for all others."""
    return np.where(is_tried(stands, accounts, agreed), stands.probability, 0.0)


def is_tried(stands: Standing, accounts: Sequence[Integers], agreed: Agreements) -> Mask:
    """Which clusters may be distillation and are explained by no agreement: the innocent ones are what can go wrong."""
    covered = np.array([is_covered(a, agreed) for a in accounts], np.bool_)
    return stands.is_candidate & ~covered


def is_covered(accounts: Integers, agreed: Agreements) -> bool:
    """Whether agreements on file, of whatever kind, cover at least half of those accounts."""
    covered = agreed.may_distil[accounts] | agreed.explained[accounts]
    return 2 * int(np.count_nonzero(covered)) >= len(accounts)


def membership(cluster: Cluster, principals: Integers) -> Floats:
    """Probability of membership of each of those principals, all of them members."""
    return cluster.membership()[np.searchsorted(cluster.members, principals)]


def _behaves(number: int, purpose: Purpose) -> bool:
    """Whether behaviour alone speaks for extraction: rhythm, load and conversations that are nobody's daily use."""
    return float(sum(purpose.bits[name][number] for name in BEHAVIOUR)) >= BEHAVIOUR_BITS


def _core_witnesses(cluster: Cluster) -> set[str]:
    """Witnesses that speak for some of the members."""
    at = cluster.position()
    least = max(LEAST_ACCOUNTS, CORE_SHARE * len(at))
    heard = {
        name: int(np.count_nonzero(bits[at] >= CORE_BITS)) for name, bits in cluster.weighed.witnesses.items()
    }
    return {name for name, members in heard.items() if members >= least}


def _is_spoken_for(cluster: Cluster, *, behaviour: bool) -> bool:
    voices = witnesses(cluster) | _core_witnesses(cluster) | ({"behaviour"} if behaviour else set())
    content, coordination = voices & CONTENT, voices & COORDINATION
    return bool(content and coordination) and len(content | coordination) >= 2


def _other(
    cluster: Cluster, accounts: Integers, number: int, purpose: Purpose, in_common: InCommon
) -> Verdict | None:
    voices = witnesses(cluster)
    product = cluster.weighed.witnesses["product"] if "product" in voices else None
    is_program = product is not None and product[cluster.position()].mean() >= RELAY_PRODUCT_BITS
    if is_program and voices & {"network", "identity"} and _serves_strangers(number, purpose):
        return "relay"
    is_group = len(accounts) >= LEAST_COORDINATED and purpose.total[number] >= LEAST_COORDINATED_BITS
    return "coordinated" if is_group and _is_of_one_hand(cluster, voices, in_common) else None


def _is_of_one_hand(cluster: Cluster, voices: AbstractSet[str], in_common: InCommon) -> bool:
    """Whether three witnesses speak, and two members taken at random have something in common by two of them."""
    if len(voices) < LEAST_VOICES:
        return False
    return sum(in_common(cluster, name) for name in sorted(voices)) >= LEAST_IN_COMMON


def _serves_strangers(number: int, purpose: Purpose) -> bool:
    """Level load over the pool; many kinds of people behind each account, at many hours and more than its plan is for, who ask again and share no frame.

    What could not be measured does not speak against it, but the load must have been.
    """

    def known(name: str, otherwise: float) -> float:
        value = purpose.measured.get(name)
        return otherwise if value is None or np.isnan(value[number]) else float(value[number])

    return (
        known("level_load", 0.0) >= RELAY_LEVEL
        and known("many_personas", RELAY_PERSONAS) >= RELAY_PERSONAS
        and known("no_human_rhythm", RELAY_HOURS) >= RELAY_HOURS
        and known("plan_mismatch", RELAY_OCTAVES) >= RELAY_OCTAVES
        and known("conversations", RELAY_CONVERSATIONS) >= RELAY_CONVERSATIONS
        and known("framed_prompts", 0.0) <= RELAY_FRAMED
    )
