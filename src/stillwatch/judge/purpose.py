"""C2: whether the joint traffic builds a training set.

Each measurement of a cluster is compared with what clusters of innocent look-alikes show (relays, classes, agencies,
one company's accounts, users of one agent framework), not with everybody. The weights were set on simulated clusters
(docs/explanation/how-finding-works.md). A measurement that is missing says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from stillwatch.judge import assigned, demanded, served, slots, strangers, thinking
from stillwatch.judge.assigned import POOL_CONVERSATIONS, assignment
from stillwatch.judge.bans import SOME_BANS_MOST, TALK_WORTH, bans
from stillwatch.judge.demanded import demanded_pool
from stillwatch.judge.served import disguised_pool
from stillwatch.judge.slots import corpus_day_and_night, poor_slots
from stillwatch.judge.strangers import NOBODY_BANNED, strangers_by_day
from stillwatch.judge.thinking import POOL_CONTROL_BITS, held, thinking_pool
from stillwatch.link.cluster import Cluster
from stillwatch.weigh.holding import Floats, Mask

PLATT = (3.2, -0.85)
"""Slope and offset that turn bits into the log odds (base 2) of extraction; Platt (1999), where simulated clusters of six other hands part (docs/adr/0077)."""

MEASURED_DIGITS = 6
"""Sums of fractions over threads differ in their last digits; nothing is decided on those."""


@dataclass(frozen=True)
class Feature:
    """One measurement's part: bits = weight * (x - middle), kept between `least` and `most`.

    x is the logit of a share (kept between `low` and `high`) or the value itself. `ordinary` is what groups of
    innocent look-alikes show at the median.
    """

    signal: str
    middle: float
    weight: float
    ordinary: float
    least: float = -5.0
    most: float = 3.0
    low: float = 0.02
    high: float = 0.98
    is_share: bool = True

    def bits(self, value: Floats) -> Floats:
        """Bits for extraction; 0 where nothing was measured."""
        kept = np.clip(value, self.low, self.high)
        x = np.log(kept / (1 - kept)) if self.is_share else kept
        raw = np.clip(self.weight * (x - self.middle), self.least, self.most)
        return np.where(np.isnan(value), 0.0, raw)


PRIOR_BITS = -1.3
UNREAD_BITS = -4.6
"""Where nothing of what is asked can be seen, a relay of ordinary people cannot be told from a harvest by it."""
SHAPED_BITS, SHAPED_FROM = -1.5, 3.0
"""Where the shape of requests says that much of each member, it can be told, if less surely than from a prompt."""
TALK_BITS = -0.9
"""Where most requests continue a conversation, or it is not known, it is a relay's customers who talk more often than a harvest that does."""
UNASKED_BITS, UNREAD_SAYS = -2.5, 1.0
"""Where what is asked and when, taken together, speaks against a harvest, and only how many ask and how evenly speaks for one; so many bits of it are asked for where no prompt is seen."""
FEATURES: tuple[Feature, ...] = (
    Feature("framed_prompts", 0.6, 2.0, 0.3, least=-4.0, most=4.5),
    Feature("conversations", -0.3, -0.32, 0.75, least=-1.1, most=0.4),
    Feature("no_human_rhythm", 1.0, 0.95, 0.45, least=-3.0, most=2.7),
    Feature("level_load", 0.85, 2.15, 0.55, least=-4.1, most=2.5, low=0.2, high=0.87),
    Feature("fresh_prompts", 0.0, 6.0, 0.8, least=-7.5, most=0.0),
    Feature("extended_thinking", -0.6, 0.75, 0.25, least=-1.0, most=2.0),
    Feature("asks_for_training_value", -2.9, 0.25, 0.02, least=-0.8, most=1.3),
    Feature("training_value", -1.39, 2.4, 0.4, least=-5.0, most=0.0, low=0.01),
    Feature("churn", -1.73, 3.5, 0.02, least=0.0, most=7.0, low=0.15, high=0.6),
    Feature("poor_slots", 0.0, -2.1, 1.0, least=-5.0, most=0.0, low=0.0, high=3.0, is_share=False),
    Feature("common_control", 5.0, 0.07, 7.0, most=2.7, low=0.0, high=16.0, is_share=False),
    Feature("thinking_pool", 0.4, 9.7, 0.0, least=0.0, most=2.0, low=0.0, high=1.0, is_share=False),
    Feature("injected_pool", 0.6, 10.0, 0.0, least=0.0, most=4.0, low=0.0, high=1.0, is_share=False),
    Feature("spliced_pool", -0.4, 8.0, 0.0, least=0.0, most=8.0),
    Feature("own_frame", 0.0, 4.0, 0.0, least=0.0, most=8.0),
    Feature("assignment", 0.1, -14.0, 0.0, least=-6.0, most=0.0, low=0.0, high=1.0, is_share=False),
    Feature("disguised_pool", 0.2, 14.0, 0.0, least=0.0, most=6.0, low=0.0, high=1.0, is_share=False),
    Feature("demanded_pool", 0.2, 16.0, 0.0, least=0.0, most=8.0, low=0.0, high=1.0, is_share=False),
    Feature("strangers_by_day", 0.0, -6.0, 0.0, least=-6.0, most=0.0, low=0.0, high=1.0, is_share=False),
    Feature(
        "verified_organisations", 0.5, -40.0, 0.1, least=-6.0, most=0.0, low=0.0, high=1.0, is_share=False
    ),
    Feature("idle_frame", 0.27, -16.0, 0.1, least=-6.0, most=0.0, low=0.0, high=1.0, is_share=False),
    Feature("stored_reasoning", 3.0, 2.4, 0.5, least=0.0, most=8.3, low=0.0, high=12.0, is_share=False),
    Feature("pool_size", 5.7, 7.0, 4.8, least=-6.0, most=4.9, low=3.3, high=6.3, is_share=False),
)
"""Some are no signals. `common_control` (bits of network, identity and token per member) and `pool_size` (log2 of
principals) come from linking. `idle_frame`, the share of framed prompts less the share worth training on, is for farms and
shops that put one instruction around what nobody trains on. `injected_pool`, the share of continued conversations that carry
one fixed text, counts under common control only, since a program puts one into the requests of all who use it; a text above them that
asks for reasoning, grades or tasks counts where no person's day shows.
`assignment` is for what a class is given (`judge/assigned.py`), `disguised_pool` for another maker's assistant that a level pool of many parties serves (`judge/served.py`).
`thinking_pool` is for a relay that harvests its own users: a large pool under common control that asks for extended
thinking far more than relays do, and has moved to a new model within a day, or asks for it nearly always."""

ASKED = (
    "framed_prompts", "no_human_rhythm", "extended_thinking", "thinking_pool", "injected_pool", "spliced_pool", "own_frame",
    "disguised_pool", "demanded_pool", "stored_reasoning", "churn", "asks_for_training_value",
)  # fmt: skip
"""What may speak for a harvest by what is asked, when, and what came of it: no group is one by its size and its load alone (docs/adr/0080)."""
OWN = (
    "injected_pool",
    "spliced_pool",
    "disguised_pool",
    "demanded_pool",
    "stored_reasoning",
    "thinking_pool",
)
OWN_BITS = 1.9
"""Of these, what shows a hand by itself, if it says so much."""

DECIDING = frozenset(
    {f.signal for f in FEATURES}
    | {
        "spliced_system",
        "varied_slots",
        "excess_bans",
        "release_pivot",
        "many_personas",
        "plan_mismatch",
        "fixed_injection",
        "injected_system",
        "own_instruction",
        "disguised_model",
        "active_days",
        "assigned_prompts",
        "demanded_reasoning",
    }
)
"""What a verdict rests on; the other measurements of clusters are taken of what is told, to say how it worked."""

_SIZE = next(f for f in FEATURES if f.signal == "pool_size")
_FRAME = next(f for f in FEATURES if f.signal == "framed_prompts")
CLASS_DAY, CLASS_TALK, CLASS_LOG2 = 0.7, 0.3, 8.0
_ASSIGNED = replace(next(f for f in FEATURES if f.signal == "fresh_prompts"), middle=0.4)
"""What at most some 250 people come back to by day and all ask is an assignment: three prompts in five must be distinct, of others every second."""
INJECTED_CONTROL_BITS, SPLICED_CONTROL_BITS, OWN_CONTROL_BITS, STRANGERS_CONTROL_BITS = 2.0, 3.0, 3.0, 3.0
"""Common control from which a text counts that every conversation, several programs' prompts or each task carries, and below which parties are strangers (docs/adr/0077)."""
DEMANDED_MOST = 12.0
"""What texts that ask for reasoning, above or below what is asked, may say together."""
NOBODYS_DAY = 0.8
PEOPLES_DAY, PEOPLES_LOAD = 0.62, 0.7
PUPILS_DAY, PUPILS_FRESH = 0.45, 0.65
STAFFED_SIZE_BITS = 1.5
"""Many parties that keep people's hours, and of which nobody was ever banned, are customers of one program as well: so
much at most does their number say."""
ORDINARY_LOG, ORDINARY_GROUPS = 9_000, 30
"""Principals of the logs on which the weights were set, and the groups that might have been called there (docs/adr/0072, 0077)."""
POOL_LEVEL, POOL_PERSONAS = 0.65, 1.5
"""Load and kinds of people behind an account from which strangers are served, as in the verdict of a relay."""
POOL_FRAMED = 0.35
FEW_IN_TALK = 0.1 * POOL_CONVERSATIONS
"""Where fewer requests continue a conversation, single questions are asked."""
RHYTHM_DAYS = 4.0
"""Days, as many as would hold the requests evenly, below which hours that are filled say nothing (docs/adr/0077)."""
BARE_TALK = 0.1
"""Where fewer do, what stands in the system prompt frames each task; a product with one is talked to."""
CONDITIONS = (
    CLASS_DAY, CLASS_TALK, CLASS_LOG2, _ASSIGNED.middle, INJECTED_CONTROL_BITS, SPLICED_CONTROL_BITS, STRANGERS_CONTROL_BITS, NOBODYS_DAY, PEOPLES_DAY, PEOPLES_LOAD, PUPILS_DAY, PUPILS_FRESH,
    STAFFED_SIZE_BITS, SOME_BANS_MOST, *slots.CONDITIONS,
    POOL_CONVERSATIONS, POOL_FRAMED, *served.CONDITIONS, *assigned.CONDITIONS, *demanded.CONDITIONS, *strangers.CONDITIONS, DEMANDED_MOST, UNASKED_BITS, UNREAD_SAYS, OWN_BITS, *TALK_WORTH, TALK_BITS, BARE_TALK, RHYTHM_DAYS, *thinking.CONDITIONS,
)  # fmt: skip
"""Where a measurement counts, and for how much beside its weight."""


def values(measurement: pa.Table, groups: int) -> Floats:
    """A cluster-level measurement as one value for each of `groups` clusters, NaN where nothing was measured."""
    out = np.full(groups, np.nan)
    out[measurement["cluster"].to_numpy()] = (
        measurement["value"].cast(pa.float64()).to_numpy().round(MEASURED_DIGITS)
    )
    return out


@dataclass(frozen=True, eq=False)
class Purpose:
    """Bits for extraction of each of n clusters, by signal and in all, with what was measured."""

    measured: Mapping[str, Floats]
    bits: Mapping[str, Floats]
    total: Floats

    def also(self, about: Mapping[str, pa.Table]) -> Purpose:
        """The same with further measurements, which give no bits."""
        further = {name: values(table, len(self.total)) for name, table in about.items()}
        return Purpose({**self.measured, **further}, self.bits, self.total)

    def less(self, bits: Floats) -> Purpose:
        """The same with further bits, mostly below 0, for each cluster."""
        return replace(self, total=self.total + bits)

    def joined(self, other: Purpose) -> Purpose:
        """The clusters of both, one after the other; what only one has measured is missing in the other."""
        names = sorted({*self.measured, *other.measured})
        mine, theirs = np.full(len(self.total), np.nan), np.full(len(other.total), np.nan)
        return Purpose(
            {n: np.append(self.measured.get(n, mine), other.measured.get(n, theirs)) for n in names},
            {n: np.append(bits, other.bits[n]) for n, bits in self.bits.items()},
            np.append(self.total, other.total),
        )

    def chosen(self, clusters: Sequence[int]) -> Purpose:
        """Those clusters alone, in that order."""
        at = list(clusters)
        return Purpose(
            {name: value[at] for name, value in self.measured.items()},
            {name: bits[at] for name, bits in self.bits.items()},
            self.total[at],
        )

    def is_pool_of_people(self, cluster: int) -> bool:
        """Whether a cluster mostly continues conversations, or opens them as everybody does, and is under one hand or plainly serves many people."""
        talks = self.value("conversations", cluster) >= POOL_CONVERSATIONS
        unframed = self.value("framed_prompts", cluster) < POOL_FRAMED
        in_one_hand = self.value("common_control", cluster) >= POOL_CONTROL_BITS
        return (talks or unframed) and (in_one_hand or self._serves_many(cluster))

    def _serves_many(self, cluster: int) -> bool:
        """Whether a level load of many kinds of people behind each account opens with what is hardly worth training on: several relays linked as one share little."""
        return (
            self.value("level_load", cluster) >= POOL_LEVEL
            and self.value("many_personas", cluster) >= POOL_PERSONAS
            and self.value("training_value", cluster) < TALK_WORTH[0]
        )

    def value(self, signal: str, cluster: int) -> float:
        """What a signal measured of a cluster; NaN where it measured nothing."""
        values = self.measured.get(signal)
        return float("nan") if values is None else float(values[cluster])

    def probability(self, among: int = 0) -> Floats:
        """Probability that the traffic builds a training set, of one of so many groups that might be called.

        Campaigns grow with a log; it is the innocent groups that become more. Half the prior for twice the groups.
        """
        rarer = np.log2(max(1.0, among / ORDINARY_GROUPS))
        result: Floats = 1.0 / (1.0 + np.exp2(rarer - _log2_odds(self.total)))
        return result


def odds(bits: Floats) -> Floats:
    """Odds that the traffic builds a training set, of so many bits in all."""
    result: Floats = np.exp2(_log2_odds(bits))
    return result


def _log2_odds(bits: Floats) -> Floats:
    slope, offset = PLATT
    return np.clip(slope * bits + offset, -40, 40)


def control(cluster: Cluster) -> float:
    """Mean bits per member of the witnesses that do not follow from which program is run."""
    at = cluster.position()
    voices = (cluster.weighed.witnesses.get(name) for name in ("network", "identity", "token"))
    return float(sum(max(0.0, float(bits[at].mean())) for bits in voices if bits is not None))


def asks_alike(cluster: Cluster) -> bool:
    """Whether what is asked, or its shape, sets each member apart."""
    bits = cluster.weighed.witnesses.get("content")
    return bits is not None and float(bits[cluster.position()].mean()) >= SHAPED_FROM


def purpose(
    about: Mapping[str, pa.Table], clusters: Sequence[Cluster], sizes: Sequence[float], everyone: int
) -> Purpose:
    """The purpose of each cluster, from the cluster-level measurements by signal and the clusters' principals.

    `everyone` is how many principals strangers may be among, 0 where strangers cannot be told.
    """
    return weighed(
        {name: values(table, len(clusters)) for name, table in about.items()}, clusters, sizes, everyone
    )


def weighed(
    measured: Mapping[str, Floats], clusters: Sequence[Cluster], sizes: Sequence[float], everyone: int
) -> Purpose:
    """The same, from what was measured of each cluster."""
    measured = dict(measured)
    measured["common_control"] = np.array([control(c) for c in clusters])
    measured["pool_size"] = np.log2(np.maximum(1, np.array(sizes, np.float64)))
    nothing = np.full(len(clusters), np.nan)
    measured["thinking_pool"] = thinking_pool(measured, nothing)
    injected = np.fmax(measured.get("fixed_injection", nothing), _injected_by_nobody(measured, nothing))
    measured["injected_pool"] = np.where(measured["common_control"] >= INJECTED_CONTROL_BITS, injected, 0.0)
    measured["own_frame"] = _own_frame(measured, nothing)
    measured["assignment"] = assignment(measured, nothing)
    measured["disguised_pool"] = disguised_pool(measured, nothing)
    measured["demanded_pool"] = demanded_pool(measured, nothing)
    measured["strangers_by_day"] = strangers_by_day(measured, nothing)
    framed = np.fmax(measured.get("framed_prompts", nothing), measured["own_frame"])
    measured["idle_frame"] = framed - measured.get("training_value", nothing)
    measured["spliced_pool"] = np.where(
        measured["common_control"] >= SPLICED_CONTROL_BITS, measured.get("spliced_system", nothing), 0.0
    )
    measured["poor_slots"] = poor_slots(measured, nothing)
    bits = {f.signal: f.bits(measured.get(f.signal, nothing)) for f in FEATURES}
    bits["no_human_rhythm"] = np.where(
        _is_brief(measured, nothing), np.minimum(bits["no_human_rhythm"], 0.0), bits["no_human_rhythm"]
    )
    bits["thinking_pool"] = bits["thinking_pool"] * held(measured)
    below = bits["spliced_pool"] + bits["injected_pool"]
    bits["demanded_pool"] = np.maximum(0.0, np.minimum(bits["demanded_pool"], DEMANDED_MOST - below))
    framed_bits = bits["framed_prompts"] + bits["spliced_pool"]
    bits["own_frame"] = np.maximum(0.0, np.minimum(bits["own_frame"], _FRAME.most - framed_bits))
    bits["idle_frame"] = bits["idle_frame"] * (
        1.0 - corpus_day_and_night(measured, nothing) * ~_is_brief(measured, nothing)
    )
    bits["fresh_prompts"] = np.where(
        _talk_by_day(measured, nothing) & (bits["injected_pool"] <= 0),
        _ASSIGNED.bits(measured.get("fresh_prompts", nothing)),
        bits["fresh_prompts"],
    )
    bits["churn"] = bans(bits["churn"], measured, nothing)
    bits["pool_size"] = np.minimum(bits["pool_size"], _most_for_size(measured, nothing, everyone))
    shaped = np.array([asks_alike(c) for c in clusters], np.bool_)
    unread = np.where(shaped, SHAPED_BITS, UNREAD_BITS) * np.isnan(measured.get("framed_prompts", nothing))
    asks = measured.get("conversations", nothing) < POOL_CONVERSATIONS
    prior = PRIOR_BITS + unread + np.where(asks, 0.0, TALK_BITS)
    prior = prior + UNASKED_BITS * _is_unasked(bits, unread < 0)
    return Purpose(measured, bits, prior + np.sum(list(bits.values()), axis=0))


def _is_unasked(bits: Mapping[str, Floats], is_unread: Mask) -> Mask:
    """Whether what is asked, when, and what came of it does not speak for a harvest as a whole, and nothing of the pool's own shows its hand."""
    says = np.sum([bits[name] for name in ASKED], axis=0).round(MEASURED_DIGITS)
    plain = np.max([bits[name] for name in OWN], axis=0) >= OWN_BITS
    result: Mask = (says < np.where(is_unread, UNREAD_SAYS, 0.0)) & ~plain
    return result


def ordinary(everyone: int) -> float:
    """How ordinary the size of a log is: 1 up to the size of those on which the weights were set, 0 from twice that on."""
    return max(0.0, 1.0 - float(np.log2(max(1.0, everyone / ORDINARY_LOG))))


def _most_for_size(measured: Mapping[str, Floats], nothing: Floats, everyone: int) -> Floats:
    """What the number of parties can say at most: strangers who put one text to a model in one program are as many as the log is large.

    Where nothing but that joins them, and hardly anything continues a conversation, it counts less and less, and nothing in a log of twice
    the ordinary size. Who talks is told from a program's users by other means, as before.
    """
    strangers = measured["common_control"] < STRANGERS_CONTROL_BITS
    strangers &= measured.get("conversations", nothing) < FEW_IN_TALK
    most = np.where(strangers, _SIZE.most * ordinary(everyone), _SIZE.most)
    return np.where(_is_staffed(measured, nothing), np.minimum(most, STAFFED_SIZE_BITS), most)


def _is_staffed(measured: Mapping[str, Floats], nothing: Floats) -> Mask:
    """Whether accounts keep people's hours, their load follows the day or they come back to the same questions as a class does, and hardly any was banned; a missing ban says nothing."""
    by_day = measured.get("no_human_rhythm", nothing) < PEOPLES_DAY
    follows = measured.get("level_load", nothing) < PEOPLES_LOAD
    again = _talk_by_day(measured, nothing) & (measured.get("no_human_rhythm", nothing) < PUPILS_DAY)
    again &= measured.get("fresh_prompts", nothing) < PUPILS_FRESH
    return by_day & (follows | again) & (np.nan_to_num(measured.get("churn", nothing)) < NOBODY_BANNED)


def _is_brief(measured: Mapping[str, Floats], nothing: Floats) -> Mask:
    """Whether requests fill too few days to tell who sleeps: who works through a weekend has no rhythm that could be missed."""
    brief: Mask = measured.get("active_days", nothing) < RHYTHM_DAYS
    return brief


def _own_frame(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """Share of openings below an instruction of the cluster's own, which frames bare tasks: where hardly anything continues a conversation.

    A product has one too. So it counts under common control only, and not where people work by day; nor where prompts are not seen.
    """
    bare = measured.get("conversations", nothing) < BARE_TALK
    counts = bare & (measured["common_control"] >= OWN_CONTROL_BITS) & ~_is_staffed(measured, nothing)
    counts &= ~_is_brief(measured, nothing)
    counts &= ~np.isnan(measured.get("framed_prompts", nothing))
    return np.where(counts, measured.get("own_instruction", nothing), nothing)


def _injected_by_nobody(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """Share under one system prompt that asks for reasoning, where no person's day shows: a school has such a prompt too."""
    nobody = measured.get("no_human_rhythm", nothing) >= NOBODYS_DAY
    nobody &= ~_is_brief(measured, nothing)
    return np.where(nobody, measured.get("injected_system", nothing), nothing)


def _talk_by_day(measured: Mapping[str, Floats], nothing: Floats) -> Mask:
    """Whether no more accounts than a class has keep people's hours, and many requests continue a conversation."""
    by_day = (measured.get("no_human_rhythm", nothing) < CLASS_DAY) & (measured["pool_size"] <= CLASS_LOG2)
    result: Mask = by_day & (measured.get("conversations", nothing) >= CLASS_TALK)
    return result
