"""The three questions of a dossier, each answered with a likelihood and, apart from it, a confidence.

C1: do the accounts act for one party? C2: does the joint traffic build a training set? C3: who is it?
They are never folded into one number. Confidence speaks of the evidence (how many independent witnesses,
how much could not be seen), not of the likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from stillwatch.judge.lean import CONFIRMED_BITS, LEAST_CONFIRMED
from stillwatch.model.dossier import FamilyWeight, Hypothesis, Judgement, Membership
from stillwatch.model.finding import Attribution, Campaign, Manifest
from stillwatch.model.likelihood import likelihood_word
from stillwatch.report.evidence import coordination, extraction, witnesses_for
from stillwatch.report.shown import shown
from stillwatch.report.wording import LEVEL_MEANING, likelihood, listed, of, percent

Confidence = Literal["low", "moderate", "high"]

LEVELS = ("L1", "L2", "L3a", "L3b")
MOST_SKIPPED_FOR_HIGH = 0.25

PURPOSE: Mapping[str, str] = {
    "distillation": "the joint traffic builds a training set for another model (distillation)",
    "relay": "the joint traffic builds a training set",
    "coordinated": "the joint traffic builds a training set",
}

OPERATION: Mapping[str, str] = {
    "distillation": "these accounts act for one party",
    "relay": "these accounts are one pool behind one relay",
    "coordinated": "these accounts act for one party",
}


def judgements(
    campaign: Campaign, weights: Sequence[FamilyWeight], run: Manifest, members: Membership
) -> tuple[Judgement, ...]:
    """The answers to C1, C2 and C3."""
    return (_c1(campaign, weights, run), _c2(campaign, weights, run, members), _c3(campaign))


def hypotheses(campaign: Campaign) -> tuple[Hypothesis, ...]:
    """The actor hypotheses of a campaign, those of the highest level first: a likely lead is less than a likely name."""
    ranked = sorted(campaign.attribution, key=_standing)
    return tuple(
        Hypothesis(
            actor=shown(a.actor, 80),
            level=a.level,
            meaning=LEVEL_MEANING[a.level],
            word=likelihood_word(a.probability),
            probability=a.probability,
            confidence=a.confidence,
        )
        for a in ranked
    )


def _c1(campaign: Campaign, weights: Sequence[FamilyWeight], run: Manifest) -> Judgement:
    witnesses = witnesses_for(coordination(weights))
    level = _level(len(witnesses), run, needed=(2, 4))
    against = [w.family for w in coordination(weights) if w.bits <= -1]
    sentence = (
        f"Confidence in this judgement is {level}: {of(len(witnesses), 'independent witness', 'independent witnesses')} "
        f"({listed(witnesses)}) {'speaks' if len(witnesses) == 1 else 'speak'} for it, "
        f"{f'evidence of {listed(against)} speaks against it' if against else 'no family speaks against it'}, "
        f"and {_blind(run)}."
    )
    probability = campaign.coordination.probability
    return Judgement(
        code="C1",
        question="Do the accounts act for one party?",
        likelihood=likelihood(probability, OPERATION[campaign.verdict]),
        confidence=sentence,
        word=likelihood_word(probability),
        probability=_finite(probability),
        level=level,
    )


def from_people(campaign: Campaign, members: Membership) -> str | None:
    """What of C2 rests on people's confirmation of an earlier scan, and what it would be without; nothing if nothing does."""
    if members.confirmed < LEAST_CONFIRMED * members.members or not members.confirmed:
        return None
    p = min(max(campaign.distillation.probability, 1e-9), 1 - 1e-9)
    odds = p / (1 - p) / 2**CONFIRMED_BITS
    return (
        f"Of {of(members.members, 'member')} {members.confirmed:,} had been confirmed by two people, which counts {CONFIRMED_BITS:g} bits here; "
        f"without them it would be {likelihood_word(odds / (1 + odds)).lower()} ({percent(odds / (1 + odds))}) that it is a training set."
    )


def _c2(campaign: Campaign, weights: Sequence[FamilyWeight], run: Manifest, members: Membership) -> Judgement:
    lines = [line for weight in extraction(weights) for line in weight.lines]
    pro, contra = sum(n.bits >= 1 for n in lines), sum(n.bits <= -1 for n in lines)
    fitting = sum(x.consistent for x in campaign.lookalikes)
    level = _level(min(pro + contra, 2 if fitting else 9), run, needed=(2, 4))
    sentence = (
        f"Confidence in this judgement is {level}: of {of(len(lines), 'measurement')} of the joint traffic {pro} "
        f"{'speaks' if pro == 1 else 'speak'} for it and {contra} against it, and "
        f"{of(fitting, 'innocent explanation')} of {len(campaign.lookalikes)} considered still "
        f"{'fits' if fitting == 1 else 'fit'}."
    )
    people = from_people(campaign, members)
    probability = campaign.distillation.probability
    return Judgement(
        code="C2",
        question="Does the joint traffic build a training set?",
        likelihood=likelihood(probability, PURPOSE[campaign.verdict]),
        confidence=f"{sentence} {people}" if people else sentence,
        word=likelihood_word(probability),
        probability=_finite(probability),
        level=level,
    )


def _c3(campaign: Campaign) -> Judgement:
    best = min(campaign.attribution, key=_standing, default=None)
    return Judgement(
        code="C3",
        question="Who is behind it?",
        likelihood=_attributed(best)
        if best
        else "It is not known who is behind it: no actor hypothesis passed its gate.",
        confidence=(
            f"Confidence in this judgement is {best.confidence}; it is a judgement at level {best.level} "
            f"({LEVEL_MEANING[best.level]})."
            if best
            else "No confidence is given, because nothing is claimed."
        ),
        word=likelihood_word(best.probability) if best else "unknown",
        probability=_finite(best.probability) if best else None,
        level=best.confidence if best else None,
    )


def _standing(told: Attribution) -> tuple[int, float, str]:
    return -LEVELS.index(told.level), -told.probability, told.actor


def _attributed(best: Attribution) -> str:
    actor = shown(best.actor, 80)
    if best.level == "L3a":
        return likelihood(best.probability, f"the party is of the class “{actor}”")
    if best.level == "L3b":
        return likelihood(best.probability, f"the accounts are operated by or for “{actor}”")
    return likelihood(
        best.probability, f"the operators are affiliated with “{actor}”, which is a lead and no attribution"
    )


def _level(strength: int, run: Manifest, *, needed: tuple[int, int]) -> Confidence:
    moderate, high = needed
    skipped, computed = len(run.signals_skipped), len(run.signals_computed)
    if strength >= high and skipped <= MOST_SKIPPED_FOR_HIGH * max(skipped + computed, 1):
        return "high"
    return "moderate" if strength >= moderate else "low"


def _blind(run: Manifest) -> str:
    skipped, total = len(run.signals_skipped), len(run.signals_skipped) + len(run.signals_computed)
    return f"{skipped} of {of(total, 'signal')} could not be computed"


def _finite(probability: float) -> float | None:
    return probability if math.isfinite(probability) else None
