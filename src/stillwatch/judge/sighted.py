"""What other providers saw of a group: a few bits for a training set, for a group that own evidence has brought near the line.

A sighting speaks if it names what at least half of the members ask: networks, cards and programs are shared by innocents, and a relay
brings them to all who use it. One of them, named too, says that it is one party at both providers, and adds a little to that. Nobody's
word replaces the gate: a group has to be linked by two witnesses of one's own log, and to stand within reach of the line. The
loudest maker speaks and the others are silent, since nobody knows who told whom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from stillwatch.judge.agreement import Agreements
from stillwatch.judge.budget import JudgeSettings, within_budget
from stillwatch.judge.case import Told
from stillwatch.judge.pools import Group
from stillwatch.judge.purpose import Purpose
from stillwatch.judge.tell import LOG10_2, Row
from stillwatch.judge.traits import show
from stillwatch.judge.verdict import eligible, standing
from stillwatch.model.corroborated import Admiralty, Corroboration, SightedAs
from stillwatch.model.finding import WITNESSES
from stillwatch.model.sighting import Sighting, Spoken
from stillwatch.weigh.holding import Floats, Holding, Mask
from stillwatch.weigh.incidence import chosen

Recognise = Callable[[str, str, int, str], Sequence[Sighting]]
"""Sightings that name a trait, by its signal, family, key and what it looks like to people."""

SAID_BITS: Mapping[SightedAs, tuple[float, float]] = {
    "distillation": (1.5, 2.0),
    "coordinated": (0.25, 0.5),
    "relay": (0.0, 0.0),
    "unknown": (0.0, 0.0),
}
"""Bits of what was seen elsewhere: where it names what is asked alone, and where somebody names networks or cards, too. Nobody
outside says more than two people of the house, who confirm a campaign (`lean.CONFIRMED_BITS`). Of 5,623 innocent clusters of
the references 12 stand above the line, 15 would with 0.5 bits and 69 with 2 (ADR 0042)."""
MOST_BITS = max(bits for _, bits in SAID_BITS.values())
BELIEVED: Mapping[Admiralty, float] = {"B2": 1.0, "C3": 0.5}
WITHIN_REACH = 0.5
"""Who stands lower cannot be brought to the line of the usual budget by anybody's word."""
ASKED = frozenset({"content", "token"})
HANDS = frozenset({"network", "identity"})
LEAST_ASKED, LEAST_HANDS = 0.5, 0.2
"""So large a part of the members has to hold what was sighted."""


@dataclass(frozen=True, eq=False)
class Outside:
    """What a scan knows from elsewhere: how to recognise what was sighted, and which signals any sighting names.

    `is_told_on`: the operator is one of a circle, so that groups within reach of the line are told, to be compared with others'.
    """

    recognise: Recognise | None = None
    signals: frozenset[str] = frozenset()
    is_told_on: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Lifted:
    """What each group's traffic is for with sightings, what they say of which group, and which are told though they earn no verdict."""

    purpose: Purpose
    spoken: Mapping[int, Spoken] = field(default_factory=dict)
    leads: frozenset[int] = frozenset()


def lifted(
    groups: Sequence[Group],
    about: Purpose,
    outside: Outside,
    *,
    holdings: Mapping[str, Holding],
    names: Mapping[str, Mapping[int, str]],
    agreed: Agreements,
    settings: JudgeSettings,
) -> Lifted:
    """The groups with what was seen of them elsewhere. `names` gives for each signal what its keys stand for."""
    if outside.recognise is None and not outside.is_told_on:
        return Lifted(about)
    clusters, accounts = [g.cluster for g in groups], [g.accounts for g in groups]
    stands = standing(clusters, accounts, about, agreed)
    near = [n for n in range(len(groups)) if stands.is_candidate[n] and about.total[n] >= WITHIN_REACH]
    leads = frozenset(near if outside.is_told_on else ())
    called = within_budget(eligible(stands, accounts, agreed), settings)
    spoken: dict[int, Spoken] = {}
    bits: Floats = np.zeros(len(groups))
    for number in near:
        pooled = about.is_pool_of_people(number)
        one = None if pooled else _spoken(_heard(groups[number], holdings, names, outside))
        if one is not None:
            bits[number] = one.bits
            alone, is_called = float(stands.probability[number]), bool(called[number])
            spoken[number] = replace(one, alone=alone, is_called_alone=is_called)
    return Lifted(about.less(bits), spoken, leads)


def sighted_rows(campaign_id: str, spoken: Spoken | None) -> list[Row]:
    """The evidence of what others saw."""
    if spoken is None:
        return []
    weight = spoken.bits * LOG10_2
    row = (campaign_id, "extraction", "sightings", campaign_id, spoken.share, None, weight, _text(spoken))
    return [row]


def corroborations(told: Sequence[Told], spoken: Mapping[int, Spoken]) -> tuple[Corroboration, ...]:
    """The same as values that are kept and shown, in the order of the report."""
    return tuple(
        _corroboration(t.campaign.campaign_id, spoken[t.judged.number])
        for t in told
        if t.judged.number in spoken
    )


def _corroboration(campaign_id: str, spoken: Spoken) -> Corroboration:
    first = spoken.sightings[0]
    return Corroboration(
        campaign_id=campaign_id,
        makers=tuple(sorted({s.maker_name or s.maker for s in spoken.sightings})),
        sources=tuple(sorted({s.source for s in spoken.sightings})),
        sighted_as=first.sighted_as,
        admiralty=first.admiralty,
        signals=spoken.signals,
        sightings=tuple(sorted(s.sighting_id for s in spoken.sightings)),
        bits=spoken.bits,
        training_set_alone=spoken.alone,
        is_needed=not spoken.is_called_alone,
    )


def _text(spoken: Spoken) -> str:
    first = spoken.sightings[0]
    what = "a harvest" if first.sighted_as == "distillation" else "a coordinated group"
    hands = ", and networks or cards of it" if spoken.has_hands else ""
    alone = (
        "The group is called without it, too."
        if spoken.is_called_alone
        else "Without it the group is not called."
    )
    return (
        f"Another provider saw {what} that asks what {spoken.share:.0%} of the members ask{hands} "
        f"(source code {first.admiralty}, {len(spoken.sightings)} sightings). {alone}"
    )


class _Voice(NamedTuple):
    """Who says what, and on what ground."""

    maker: str
    sighted_as: SightedAs
    code: Admiralty

    def bits(self, *, has_hands: bool) -> float:
        """What it says of a group that it names."""
        return SAID_BITS[self.sighted_as][has_hands] * BELIEVED[self.code]


@dataclass(frozen=True, eq=False)
class _Heard:
    """One sighting of one trait, and which members hold it."""

    sighting: Sighting
    voice: _Voice
    witness: str
    holds: Mask


def _spoken(heard: Sequence[_Heard]) -> Spoken | None:
    """What the loudest maker says of a group, and whether anybody names its hands; None if nobody says anything."""
    hands = [h for h in heard if h.witness in HANDS]
    has_hands = bool(hands) and _share(hands) >= LEAST_HANDS
    best: tuple[float, float, _Voice] | None = None
    for voice in sorted({h.voice for h in heard if h.witness in ASKED}):
        share = _share([h for h in heard if h.voice == voice and h.witness in ASKED])
        bits = voice.bits(has_hands=has_hands)
        if share >= LEAST_ASKED and bits > (best[0] if best else 0.0):
            best = (bits, share, voice)
    if best is None:
        return None
    said, share, loudest = best
    mine = [h for h in heard if h.voice == loudest or (has_hands and h.witness in HANDS)]
    told = {h.sighting.sighting_id: h.sighting for h in sorted(mine, key=lambda h: h.voice != loudest)}
    return Spoken(
        sightings=tuple(told.values()),
        signals=tuple(sorted({h.sighting.signal for h in mine})),
        share=round(share, 4),
        bits=said,
        has_hands=has_hands,
    )


def _heard(
    group: Group, holdings: Mapping[str, Holding], names: Mapping[str, Mapping[int, str]], outside: Outside
) -> list[_Heard]:
    """The sightings that name what sets the members apart."""
    found: list[_Heard] = []
    members, recognise = group.cluster.members, outside.recognise
    for said in group.cluster.weighed.signals:
        if recognise is None or said.signal not in outside.signals:
            continue
        holding = holdings[said.signal]
        for trait in said.traits.tolist():
            key = int(holding.keys[trait])
            told = recognise(
                said.signal, said.family, key, show(said.signal, key, names.get(said.signal, {}))
            )
            if told:
                holds = np.isin(members, chosen(holding.by_trait, np.array([trait])).others)
                found += [
                    _Heard(s, _Voice(s.maker, s.sighted_as, s.admiralty), WITNESSES[said.family], holds)
                    for s in told
                ]
    return found


def _share(heard: Sequence[_Heard]) -> float:
    """Which part of the members holds any of what was named."""
    return float(np.logical_or.reduce([h.holds for h in heard]).mean()) if heard else 0.0
