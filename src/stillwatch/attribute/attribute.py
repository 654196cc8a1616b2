"""Campaign to actor hypotheses: compare, weigh against rivals, climb the ladder, lay out what else it could be.

Nothing is named that a copy could have brought about, and *unknown* is an answer: a campaign without attribution is told
with every comparison that was made, so that a person can see why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from stillwatch.attribute.calendar import calendar
from stillwatch.attribute.compare import Beside
from stillwatch.attribute.hypotheses import matrix, missing, ranked
from stillwatch.attribute.ladder import (
    LIKELY,
    Standing,
    fits_most,
    gates,
    hard_to_fake,
    level,
    review_gate,
    speaking,
)
from stillwatch.attribute.marks import Marks
from stillwatch.attribute.resampled import Interval, intervals
from stillwatch.attribute.rivals import SUREST, between, corroborated, odds
from stillwatch.attribute.suspect import Suspect
from stillwatch.attribute.weighed import RELAY, beside_rivals, current, families_of
from stillwatch.fingerprint.text import Keys, string_keys
from stillwatch.model.actor import Actor
from stillwatch.model.attributed import Attributed, Candidate, FamilyOfActor, Gate, Review
from stillwatch.model.finding import Attribution

SHOWN_DIGITS = 4
BOUNDS = ("probability", "low", "high", "least", "most")
EVEN = 0.5
"""What fits only a part of a campaign may be its relay's other customer: an even chance at most."""


def attribute(
    suspects: Sequence[Suspect], marks: Marks, actors: Sequence[Actor], day: str | None
) -> tuple[Attributed, ...]:
    """What is said of who is behind each campaign; `day` is the last of the log, on which statements have to count."""
    benign = np.ones(marks.everyone, np.bool_)
    for suspect in suspects:
        benign[suspect.accounts] = False
    return tuple(_attributed(Beside(s, marks, benign), actors, day) for s in suspects)


def attributions(told: Attributed) -> tuple[Attribution, ...]:
    """What the contract's list holds: the name at L3b, else the class at L3a and the name as a lead; often nothing."""
    best = told.candidates[0] if told.candidates else None
    if best is None or best.probability < LIKELY or not (hard_to_fake(best) and fits_most(best)):
        return _class_alone(told)
    name = Attribution(
        best.actor, "L3b" if told.level == "L3b" else "L2", best.probability, _confidence(best)
    )
    return (name, *_class_alone(told)) if told.level in ("L2", "L3a", "L3b") else ()


def reviewed(told: Attributed, reviews: Sequence[Review]) -> Attributed:
    """The same with what people recorded: only this can open the last gate, and it opens no other."""
    mine = tuple(r for r in reviews if r.campaign_id == told.campaign_id)
    if not mine or not told.candidates:
        return told
    found = (*told.gates[:-1], review_gate(told.candidates[0].actor, mine))
    return replace(told, gates=found, level=level(found), reviews=mine)


def _class_alone(told: Attributed) -> tuple[Attribution, ...]:
    if told.level not in ("L3a", "L3b"):
        return ()
    best = told.candidates[0]
    return (
        Attribution(
            best.actor_class, "L3a", round(_of_class(told.candidates), SHOWN_DIGITS), _confidence(best)
        ),
    )


def _attributed(beside: Beside, actors: Sequence[Actor], day: str | None) -> Attributed:
    compared = [a for a in actors if beside.suspect.campaign.verdict != "relay" or a.actor_class == RELAY]
    weighed = [families_of(actor, beside, day) for actor in compared]
    families = beside_rivals([tuple(one.told for one in mine) for mine in weighed])
    shares, drawn = odds(families), intervals(weighed, _keys(beside))
    candidates = tuple(
        sorted(
            (
                _candidate(actor, families, at, Told(shares.actors[at], drawn[at], day))
                for at, actor in enumerate(compared)
            ),
            key=lambda c: (-c.probability, c.actor),
        )
    )
    best = candidates[0] if candidates else None
    at = next((n for n, a in enumerate(compared) if best and a.name == best.actor), 0)
    rival = shares.best_rival(at) if best else shares.unknown
    standing = Standing(beside.suspect, best, rival, _of_class(candidates))
    found: tuple[Gate, ...] = gates(standing)
    rows = matrix(standing)
    return Attributed(
        campaign_id=beside.suspect.campaign.campaign_id,
        level=level(found),
        unknown=round(max(0.0, 1.0 - sum(c.probability for c in candidates)), SHOWN_DIGITS),
        candidates=candidates,
        gates=found,
        matrix=rows,
        ranked=ranked(rows, best),
        missing=missing(best, beside.suspect.sighted),
        calendar=calendar(compared, beside.suspect.campaign, day),
    )


class Told(NamedTuple):
    """What came out for one actor: its probability, the interval over draws of accounts, and the day on which statements count."""

    probability: float
    drawn: Interval
    day: str | None


def _candidate(actor: Actor, families: Sequence[Sequence[FamilyOfActor]], at: int, told: Told) -> Candidate:
    mine = families[at]
    least, most = between(families, at)
    likely, low, high = (corroborated(p, mine) for p in (told.probability, *told.drawn))
    made = Candidate(
        actor=actor.name,
        actor_class=actor.actor_class,
        probability=_stated(likely),
        low=_stated(min(low, likely)),
        high=_stated(max(high, likely)),
        least=_stated(min(least, likely)),
        most=_stated(max(most, likely)),
        nats=round(sum(f.nats for f in mine if f.counts), SHOWN_DIGITS),
        families=tuple(mine),
        expired=len(actor.statements) - len(current(actor, told.day)),
    )
    if fits_most(made) or actor.actor_class == RELAY:
        return made
    bounds = {name: min(EVEN, getattr(made, name)) for name in BOUNDS}
    return replace(made, **bounds)


def _stated(probability: float) -> float:
    return round(min(SUREST, probability), SHOWN_DIGITS)


def _keys(beside: Beside) -> Keys:
    """A key of each account of the campaign, from its id."""
    ids = beside.marks.traffic.log.account_ids
    return string_keys(pa.array([ids[at] for at in beside.suspect.accounts.tolist()], pa.string()))


def _of_class(candidates: Sequence[Candidate]) -> float:
    """How likely it is an actor of the best one's class."""
    if not candidates:
        return 0.0
    return min(SUREST, sum(c.probability for c in candidates if c.actor_class == candidates[0].actor_class))


def _confidence(best: Candidate) -> Literal["low", "moderate", "high"]:
    """Confidence speaks of the sources, not of the likelihood: how many families, how many hard to fake, how firm."""
    names, hard = speaking(best), hard_to_fake(best)
    if len(names) >= 4 and len(hard) >= 2 and min(best.low, best.least) >= LIKELY:
        return "high"
    return "moderate" if len(names) >= 3 and hard else "low"
