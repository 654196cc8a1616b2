"""The report as one self-contained page: no script, no font, image or style from anywhere else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillwatch.model.dossier import Dossier, EvidenceLine, FamilyWeight
from stillwatch.model.finding import Campaign, Findings, Manifest
from stillwatch.report import bars, graph, timeline, waterfall
from stillwatch.report.build import dossiers, ordered
from stillwatch.report.evidence import coordination, extraction
from stillwatch.report.judgements import hypotheses
from stillwatch.report.shown import shown
from stillwatch.report.svg import family_class
from stillwatch.report.wording import (
    FAMILY_TITLE,
    VERDICT_MEANING,
    VERDICT_ORDER,
    VERDICT_TITLE,
    count,
    day,
    likelihood_word,
    listed,
    of,
    percent,
    signed_bits,
    small,
    window,
)

MOST_TABLE_ROWS = 500
MOST_STEPS = 14
MOST_NOTES = 40


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


def render(findings: Findings) -> str:
    """The report of a scan as HTML text."""
    drawn = tuple(_drawn(f"d{i}", d) for i, d in enumerate(dossiers(findings), start=1))
    campaigns = ordered(findings.campaigns)
    style = _source("style.css")
    page = _environment().get_template("page.html.jinja")
    return page.render(
        run=findings.run,
        manifest=_manifest(findings.run),
        headline=headline(campaigns),
        campaigns=campaigns[:MOST_TABLE_ROWS],
        unlisted=max(len(campaigns) - MOST_TABLE_ROWS, 0),
        drawn=drawn,
        verdicts=[v for v in VERDICT_ORDER if any(c.verdict == v for c in campaigns)],
        style=Markup(style),  # noqa: S704
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def headline(campaigns: Sequence[Campaign]) -> str:
    """What was found, in one line."""
    found = [
        of(n, *nouns)
        for verdict, nouns in _NOUNS.items()
        if (n := sum(c.verdict == verdict for c in campaigns))
    ]
    return listed(found) if found else "No campaign found"


_NOUNS: dict[str, tuple[str, str]] = {
    "distillation": ("distillation campaign", "distillation campaigns"),
    "relay": ("relay", "relays"),
    "coordinated": ("coordinated group", "coordinated groups"),
}


def _drawn(key: str, dossier: Dossier) -> Drawn:
    return Drawn(
        key=key,
        dossier=dossier,
        timeline=timeline.draw(dossier.timeline, f"{key}-time"),
        graph=graph.draw(dossier.graph, f"{key}-graph"),
        coordination=waterfall.draw(
            [_family_step(w) for w in coordination(dossier.weights)],
            dossier.coordination_bits,
            f"{key}-c1",
            "do the accounts act for one party",
        ),
        extraction=waterfall.draw(
            _signal_steps(extraction(dossier.weights)),
            dossier.extraction_bits,
            f"{key}-c2",
            "does the joint traffic build a training set",
        ),
        capabilities=bars.draw_shares(dossier.capabilities, f"{key}-cap", "Capabilities asked for"),
        members=bars.draw_tenths(dossier.membership.tenths, f"{key}-mem"),
    )


def _family_step(weight: FamilyWeight) -> waterfall.Step:
    title = FAMILY_TITLE.get(weight.family, weight.family)
    return waterfall.Step(
        title, weight.family, weight.bits_for, weight.bits_against, family_class(weight.family)
    )


def _signal_steps(weights: Sequence[FamilyWeight]) -> list[waterfall.Step]:
    """One step a signal, the strongest first; those that are too many are taken together."""
    lines = [line for weight in weights for line in weight.lines]
    steps = [
        waterfall.Step(
            line.signal.replace("_", " "),
            _compared(line),
            max(line.bits, 0),
            min(line.bits, 0),
            "f-extraction",
        )
        for line in sorted(lines[:MOST_STEPS], key=lambda n: (-n.bits, n.signal))
    ]
    rest = lines[MOST_STEPS:]
    if rest:
        up, down = sum(max(n.bits, 0) for n in rest), sum(min(n.bits, 0) for n in rest)
        steps.append(
            waterfall.Step(f"{len(rest)} weaker signals", "taken together", up, down, "f-extraction")
        )
    return steps


def _compared(line: EvidenceLine) -> str:
    return f"{small(line.value)}, ordinary {small(line.base_rate)}"


def _manifest(run: Manifest) -> dict[str, Any]:
    """What the scan was made of, fit to be shown."""
    return {
        "inputs": [(shown(name, 120), shown(digest, 80)) for name, digest in sorted(run.inputs.items())],
        "unknown": [(shown(name, 80), rows) for name, rows in sorted(run.unknown_columns.items())][
            :MOST_NOTES
        ],
        "computed": [shown(name, 60) for name in run.signals_computed],
        "skipped": [(shown(s.signal, 60), shown(s.reason, 200)) for s in run.signals_skipped],
        "notes": [shown(note, 400) for note in run.notes[:MOST_NOTES]],
        "settings": shown(json.dumps(dict(run.settings), sort_keys=True, default=str), 4000),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("stillwatch.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=count,
        family_class=family_class,
        listed=listed,
        day=day,
        window=window,
        percent=percent,
        shown=shown,
        signed_bits=signed_bits,
        small=small,
        word=likelihood_word,
        trait_label=graph.trait_label,
    )
    environment.globals.update(
        of=of, hypotheses=hypotheses, verdict_title=VERDICT_TITLE, verdict_meaning=VERDICT_MEANING
    )
    return environment


def _source(name: str) -> str:
    return files("stillwatch.report").joinpath("templates", name).read_text("utf-8")
