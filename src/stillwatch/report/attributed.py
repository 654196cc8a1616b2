"""Who could be behind a campaign, in sentences: how far the ladder was climbed, what stands in the way, what else it could be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stillwatch.model.attributed import Attributed, Candidate
from stillwatch.model.likelihood import likelihood_word
from stillwatch.report.shown import shown
from stillwatch.report.wording import LEVEL_MEANING, likelihood, listed, percent

MOST_CANDIDATES = 3
LEVELS = {
    "L0": "a lead, one family of evidence",
    **LEVEL_MEANING,
    "L1": "a group under one hand, of no known actor",
}


def who(told: Sequence[Attributed], campaign_id: str) -> tuple[str, ...]:
    """All that is said of who is behind a campaign; nothing where no actor was given."""
    found = next((a for a in told if a.campaign_id == campaign_id), None)
    return tuple(_sentences(found)) if found else ()


def _sentences(told: Attributed) -> Iterator[str]:
    yield f"Level {told.level}: {LEVELS[told.level]}."
    for gate in told.gates:
        if not gate.is_met:
            yield f"Not met for {gate.level}: {shown(gate.asks, 160)} ({shown(gate.found, 160)})."
    yield likelihood(told.unknown, "it is none of the actors in the file")
    for candidate in told.candidates[:MOST_CANDIDATES]:
        yield from _candidate(candidate)
    order = [f"{r.code} {shown(r.hypothesis, 160)} ({r.inconsistencies})" for r in told.ranked]
    yield f"Hypotheses by what is inconsistent with them, least first: {'; '.join(order)}."
    yield f"What would change our mind: {listed([shown(m, 120) for m in told.missing])}."


def _candidate(candidate: Candidate) -> Iterator[str]:
    name = shown(candidate.actor, 80)
    drawn = f"{percent(candidate.low)} to {percent(candidate.high)} with other accounts of the campaign"
    left = f"{percent(candidate.least)} to {percent(candidate.most)} if any one family is not believed"
    yield (
        f"“{name}” ({shown(candidate.actor_class, 40)}): {likelihood_word(candidate.probability)} "
        f"({percent(candidate.probability)}), {drawn}, {left}."
    )
    for family in candidate.families:
        sides = [c for c in family.compared if c.is_shown is not None]
        if sides:
            fits = [c for c in sides if c.is_shown]
            of = f"shown by {fits[0].holders} of its accounts" if fits else "not shown"
            aside = "" if family.counts else f"; does not count: {family.why}"
            yield f"  {family.family} {family.nats:+.1f} nats, {family.nats_beside_rival:+.1f} beside the best rival: {of}{aside}."
