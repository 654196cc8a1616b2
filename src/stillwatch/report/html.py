"""The report as one self-contained page: no script, no font, image or style from anywhere else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillwatch.model.finding import Campaign, Findings, Manifest
from stillwatch.model.likelihood import likelihood_word
from stillwatch.report.build import dossiers, ordered
from stillwatch.report.drawn import draw
from stillwatch.report.explained import MOST_GROUPS, explained_line, explained_rows
from stillwatch.report.false_alarms import scans_line
from stillwatch.report.graph import trait_label
from stillwatch.report.judgements import hypotheses
from stillwatch.report.members import not_belonging
from stillwatch.report.shown import shown
from stillwatch.report.svg import family_class
from stillwatch.report.wording import (
    VERDICT_MEANING,
    VERDICT_ORDER,
    VERDICT_TITLE,
    count,
    day,
    listed,
    of,
    percent,
    signed_bits,
    small,
    window,
)

MOST_TABLE_ROWS = 500
MOST_NOTES = 40


def render(findings: Findings) -> str:
    """The report of a scan as HTML text."""
    drawn = tuple(draw(f"d{i}", d) for i, d in enumerate(dossiers(findings), start=1))
    campaigns = ordered(findings.campaigns)
    page = environment().get_template("page.html.jinja")
    return page.render(
        run=findings.run,
        manifest=_manifest(findings.run),
        headline=headline(campaigns),
        campaigns=campaigns[:MOST_TABLE_ROWS],
        unlisted=max(len(campaigns) - MOST_TABLE_ROWS, 0),
        drawn=drawn,
        explained=explained_rows(findings.explained),
        explained_line=explained_line(findings.explained),
        scans_line=scans_line(findings.false_alarms),
        unlisted_explained=max(len(findings.explained) - MOST_GROUPS, 0),
        verdicts=[v for v in VERDICT_ORDER if any(c.verdict == v for c in campaigns)],
        **style(),
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


def style(more: str = "") -> dict[str, str]:
    """What a page's head says of its style: the sheet, with `more` after it, and the digest that allows it alone."""
    sheet = files("stillwatch.report").joinpath("templates", "style.css").read_text("utf-8") + more
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return {"style": Markup(sheet), "style_hash": digest}  # noqa: S704


@cache
def environment(package: str = "stillwatch.report") -> Environment:
    """The templates of a room, with the report's filters; whatever is put into a page is escaped."""
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
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
        trait_label=trait_label,
    )
    made.globals.update(
        of=of,
        not_belonging=not_belonging,
        hypotheses=hypotheses,
        verdict_title=VERDICT_TITLE,
        verdict_meaning=VERDICT_MEANING,
    )
    return made
