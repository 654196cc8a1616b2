"""The ladder from a lead to a named organisation: every gate in one place, each told with what was found.

L4, direction by management or state, has no gate: logs of an API cannot show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stillwatch.attribute.families import MOST_OF_IT, is_sound
from stillwatch.attribute.rivals import BANDS
from stillwatch.attribute.suspect import Suspect
from stillwatch.attribute.weighed import RELAY
from stillwatch.model.attributed import Candidate, Gate, Level, Review

LIKELY = BANDS[3]
UNLIKELY = BANDS[2]
"""Where *likely* begins, and where *unlikely* ends."""
SPEAKS_NATS, RIVAL_NATS = 1.0, 0.5
"""A family speaks for an actor from so much on, against the benign base and against the rival whom it fits best."""
CONTENT_OR_TIMING = frozenset({"template", "tool", "token", "time", "pivot"})
WHOLE = frozenset({"client", "content"})
FEWEST_FAMILIES = 3
FEWEST_BOUND = 2
"""One account may be a customer's, a mistake or a stolen one."""
CLASS_FAMILIES = 2
REVIEWERS = 2


@dataclass(frozen=True)
class Standing:
    """What the gates ask about: the campaign, its best candidate if there is one, and how likely the best rival is."""

    suspect: Suspect
    best: Candidate | None
    rival: float
    class_probability: float


def speaking(candidate: Candidate) -> list[str]:
    """Independent families that speak for the actor, against the benign base and its nearest rival."""
    return [
        f.family
        for f in candidate.families
        if f.counts and f.nats >= SPEAKS_NATS and f.nats_beside_rival >= RIVAL_NATS
    ]


def hard_to_fake(candidate: Candidate) -> list[str]:
    """Those of them that bind the campaign to the organisation itself: by a sound source, and by two accounts or more."""
    names = speaking(candidate)
    found = {
        f.family: max(c.holders for c in f.compared if c.is_shown and is_sound(c.code))
        for f in candidate.families
        if f.family in names
        and f.is_hard_to_fake
        and any(c.is_shown and is_sound(c.code) for c in f.compared)
    }
    return sorted(found) if sum(found.values()) >= FEWEST_BOUND else []


def fits_most(candidate: Candidate) -> list[str]:
    """Families that fit most of the campaign: its own program, or what it asks. Through a relay several may run at once."""
    names = speaking(candidate)
    return [
        f.family
        for f in candidate.families
        if f.family in names
        and f.family in WHOLE
        and any(c.is_shown and c.inside >= MOST_OF_IT and c.kind != "capability_interest" for c in f.compared)
    ]


def gates(standing: Standing) -> tuple[Gate, ...]:
    """All gates in order of level; nobody has reviewed anything yet."""
    return (
        *_of_the_campaign(standing.suspect),
        *_of_the_class(standing),
        *_of_the_name(standing),
        review_gate("", ()),
    )


def review_gate(actor: str, reviews: Sequence[Review]) -> Gate:
    """The last gate: two people put their names to it, and nobody's stands against it."""
    mine = [r for r in reviews if r.actor == actor]
    agree, against = ({r.reviewer for r in mine if r.agrees is opinion} for opinion in (True, False))
    signed = len(agree - against) >= REVIEWERS and not against
    found = f"{len(agree)} agree, {len(against)} do not"
    return Gate("L3b", "two people reviewed it and agree, and nobody disagrees", signed, found)


def level(found: Sequence[Gate]) -> Level:
    """The highest level such that its gates hold and those of every level below."""
    reached: Level = "L0"
    order: tuple[Level, ...] = ("L1", "L2", "L3a", "L3b")
    for name in order:
        if not all(gate.is_met for gate in found if gate.level == name):
            break
        reached = name
    return reached


def _of_the_campaign(suspect: Suspect) -> Iterator[Gate]:
    campaign, families = suspect.campaign, sorted(suspect.witnesses)
    told = campaign.coordination.probability
    yield Gate("L1", "one party is likely or better", told >= LIKELY, f"{told:.2f}")
    linked = len(families) >= 2 and bool(CONTENT_OR_TIMING & set(families))
    yield Gate(
        "L1", "two link families, one of them content or timing", linked, ", ".join(families) or "none"
    )
    purpose = campaign.distillation.probability
    is_harvest = campaign.verdict == "distillation" and purpose >= LIKELY
    yield Gate(
        "L2", "a training set is likely, within the budget", is_harvest, f"{campaign.verdict}, {purpose:.2f}"
    )
    agreed = "the finding stands beside agreements" if suspect.has_agreement else "none explains it"
    yield Gate("L2", "look-alikes and agreements were worked through", bool(campaign.lookalikes), agreed)


def _of_the_class(standing: Standing) -> Iterator[Gate]:
    best, told = standing.best, standing.class_probability
    yield Gate("L3a", "the class of actor is likely or better", told >= LIKELY, f"{told:.2f}")
    if best is None:
        yield Gate(
            "L3a", "two independent families speak for an actor of that class", is_met=False, found="none"
        )
        return
    names = speaking(best)
    enough = len(names) >= CLASS_FAMILIES
    yield Gate(
        "L3a", "two independent families speak for an actor of that class", enough, ", ".join(names) or "none"
    )
    if best.actor_class == RELAY:
        infrastructure = {"network", "client"} & set(names)
        found = ", ".join(sorted(infrastructure)) or "none"
        yield Gate(
            "L3a", "network and program of a relay", len(infrastructure) == len(("network", "client")), found
        )
    else:
        hard = hard_to_fake(best)
        yield Gate("L3a", "one of them is hard to fake", bool(hard), ", ".join(hard) or "none")
        most = fits_most(best)
        asks = "its own program or what it asks fits most of the campaign, not a tenant of its relay"
        yield Gate("L3a", asks, bool(most), ", ".join(most) or "none")


def _of_the_name(standing: Standing) -> Iterator[Gate]:
    best = standing.best
    names, hard = (speaking(best), hard_to_fake(best)) if best else ([], [])
    told = best.probability if best else 0.0
    yield Gate("L3b", "the organisation is likely or better", told >= LIKELY, f"{told:.2f}")
    enough = len(names) >= FEWEST_FAMILIES
    yield Gate("L3b", "three independent families speak for it", enough, ", ".join(names) or "none")
    yield Gate("L3b", "one of them is hard to fake", bool(hard), ", ".join(hard) or "none")
    rival = standing.rival
    yield Gate("L3b", "the best rival is unlikely or less", rival < UNLIKELY, f"{rival:.2f}")
