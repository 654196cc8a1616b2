"""A panel told for people and for programs: Markdown, JSON and a page. No prompt and no answer stands in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Literal

from stillwatch.model.panel import Contrast, Gap, PanelReport
from stillwatch.report.panel_page import panel_page
from stillwatch.report.shown import shown
from stillwatch.report.wording import percent

Form = Literal["json", "md", "html"]
Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
HEADINGS = {
    "benchmark": "Benchmarks: right answers",
    "refusal": "Refusals, of unsafe and of safe prompts apart",
    "censorship": "Censorship: refusals by what is asked about",
}
HEAD = ("row", "beside", "items", "suspect", "other", "difference", "p", "p after Holm", "within the margin")
EQUIVALENT = 0.05


def panel_text(report: PanelReport, form: Form) -> str:
    """The report in a form."""
    if form == "json":
        return json.dumps(asdict(report), indent=1, sort_keys=True) + "\n"
    if form == "html":
        return panel_page(report, [*_tables(report), *_profile_table(report)], HEADINGS)
    return "\n".join(_lines(report)) + "\n"


def _lines(report: PanelReport) -> Iterator[str]:
    models = report.models
    yield f"# What {_cell(models['suspect'])} gained and lost"
    yield ""
    yield (
        f"Beside its presumed base {_cell(models['base'])} and the teacher {_cell(models['teacher'])}, on the same items. In brackets 95 % intervals; "
        f"the margin is {percent(report.margin)}. It describes, and confirms nothing."
    )
    tables = list(_tables(report))
    benchmarks = [table for table in tables if table[0] in HEADINGS.values()]
    for heading, head, rows in benchmarks:
        yield from _table(heading, head, rows)
    yield from _profile(report)
    for heading, head, rows in tables[len(benchmarks) :]:
        yield from _table(heading, head, rows)
    yield "\n## Limits\n"
    yield from (f"- {_cell(limit)}" for limit in report.limits)
    yield f"\nPanel `{report.seal}`, transcripts `{report.transcript_digest}`."


def _tables(report: PanelReport) -> Iterator[Table]:
    """The tables of the report, its panels first."""
    for panel, heading in HEADINGS.items():
        rows = [_row(gap) for gap in report.gaps if gap.panel == panel]
        if rows:
            yield heading, HEAD, rows
    if report.corrected:
        told = [
            (c.row, c.model, percent(c.raw), f"{percent(c.value)} [{percent(c.low)}, {percent(c.high)}]")
            for c in report.corrected
        ]
        yield (
            f"Refusals, corrected by {report.labelled:,} answers labelled by hand",
            ("row", "model", "by keywords", "corrected"),
            told,
        )
    if report.problems:
        yield (
            "What went wrong on the way",
            ("problem", "answers"),
            [(name, f"{n:,}") for name, n in report.problems.items()],
        )


def _profile_table(report: PanelReport) -> Iterator[Table]:
    profile = report.profile
    if profile.gained and profile.closer:
        named = (("gained over its base", profile.gained), ("closer to the teacher", profile.closer))
        rows = [
            (what, f"{one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}]", f"{one.p_value:.2g}")
            for what, one in named
        ]
        yield "The profile, in figures", ("on near tasks more than on far ones", "by", "p"), rows


def _profile(report: PanelReport) -> Iterator[str]:
    profile = report.profile
    yield f"\n## The profile of a student of these tasks: {profile.word}\n"
    yield f"Near: {_names(profile.near)}. Far: {_names(profile.far)}. {_cell(profile.told)}"
    if profile.gained and profile.closer:
        yield ""
        yield f"- Gained over its base on near tasks, beyond what it gained on far ones: {_told(profile.gained)}"
        yield f"- Further from the teacher on far tasks than on near ones: {_told(profile.closer)}"


def _told(contrast: Contrast) -> str:
    return f"{contrast.value:+.3f} [{contrast.low:+.3f}, {contrast.high:+.3f}], p = {contrast.p_value:.2g}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(_cell, names)) or "none"


def _row(gap: Gap) -> tuple[str, ...]:
    return (
        gap.row,
        gap.other,
        f"{gap.items:,}",
        _share(gap.share, gap.share_interval),
        _share(gap.other_share, gap.other_interval),
        f"{gap.difference:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]",
        f"{gap.p_difference:.2g}",
        f"{gap.adjusted_p:.2g}",
        f"{'yes' if gap.p_equivalence <= EQUIVALENT else 'not shown'} (p {gap.p_equivalence:.2g})",
    )


def _share(share: float, bounds: tuple[float, float]) -> str:
    return f"{percent(share)} [{percent(bounds[0])}, {percent(bounds[1])}]"


def _table(heading: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"\n## {heading}\n"
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    yield from (f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)


def _cell(value: str) -> str:
    return shown(value, 400).replace("|", "\\|").replace("<", "&lt;")
