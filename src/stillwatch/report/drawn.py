"""A dossier with all its drawings, ready for a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillwatch.model.dossier import Dossier, EvidenceLine, FamilyWeight
from stillwatch.report import bars, graph, timeline, waterfall
from stillwatch.report.evidence import coordination, extraction, purpose_told
from stillwatch.report.svg import family_class
from stillwatch.report.waterfall import Step
from stillwatch.report.wording import FAMILY_TITLE, small

MOST_STEPS = 14
BEFORE = "before anything is seen"


@dataclass(frozen=True)
class Drawn:
    """A dossier with its drawings; `key` starts every id on the page that belongs to it."""

    key: str
    dossier: Dossier
    timeline: Markup
    graph: Markup
    coordination: Markup
    extraction: Markup
    capabilities: Markup
    members: Markup
    purpose_told: str | None


def draw(key: str, dossier: Dossier) -> Drawn:
    """Draw everything that a dossier shows as a picture."""
    families = _family_steps(coordination(dossier.weights))
    signals = _purpose_steps(extraction(dossier.weights), dossier.extraction_bits)
    return Drawn(
        key=key,
        dossier=dossier,
        timeline=timeline.draw(dossier.timeline, f"{key}-time"),
        graph=graph.draw(dossier.graph, f"{key}-graph"),
        coordination=waterfall.draw(families, f"{key}-c1", "do the accounts act for one party"),
        extraction=waterfall.draw(signals, f"{key}-c2", "does the joint traffic build a training set"),
        capabilities=bars.draw_shares(dossier.capabilities, f"{key}-cap", "Capabilities asked for"),
        members=bars.draw_tenths(dossier.membership.tenths, f"{key}-mem"),
        purpose_told=_purpose_told(dossier),
    )


def _purpose_told(dossier: Dossier) -> str | None:
    second = next((j.probability for j in dossier.judgements if j.code == "C2"), None)
    return purpose_told(dossier.weights, dossier.verdict, dossier.extraction_bits, second)


def _family_steps(weights: Sequence[FamilyWeight]) -> list[Step]:
    """One step a family; one that a stronger family of the same cause speaks for has no weight and no step."""
    return [
        Step(
            FAMILY_TITLE.get(w.family, w.family), w.family, w.bits_for, w.bits_against, family_class(w.family)
        )
        for w in weights
        if w.bits_for or w.bits_against
    ]


def _signal_steps(weights: Sequence[FamilyWeight]) -> list[Step]:
    """One step a signal, the strongest first; those that are too many are taken together."""
    lines = [line for weight in weights for line in weight.lines if line.bits]
    shown = sorted(lines[:MOST_STEPS], key=lambda n: (-n.bits, n.signal))
    return [*map(_signal_step, shown), *_rest(lines[MOST_STEPS:])]


def _purpose_steps(weights: Sequence[FamilyWeight], judged: float | None) -> list[Step]:
    """The signals after what stands before any of them, so that they come to what the group is judged at."""
    steps = _signal_steps(weights)
    if not steps or judged is None:
        return steps
    before = judged - math.fsum(s.up + s.down for s in steps)
    return [
        Step(BEFORE, "prior; what no measurement says", max(before, 0), min(before, 0), "f-other"),
        *steps,
    ]


def _signal_step(line: EvidenceLine) -> Step:
    compared = f"{small(line.value)}, ordinary {small(line.base_rate)}"
    return Step(line.signal.replace("_", " "), compared, max(line.bits, 0), min(line.bits, 0), "f-extraction")


def _rest(lines: Sequence[EvidenceLine]) -> list[Step]:
    if not lines:
        return []
    up, down = sum(max(n.bits, 0) for n in lines), sum(min(n.bits, 0) for n in lines)
    return [Step(f"{len(lines)} weaker signals", "taken together", up, down, "f-extraction")]
