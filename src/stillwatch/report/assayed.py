"""An assay told for people and for programs: JSON, Markdown, and a page of its own that fetches nothing.

No prompt and no answer stands in it, and no key. There is no "confidence": a reader gets error rates, and what was not excluded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from stillwatch.model.assay import WORDS, AssayReport, Stopped, TestResult
from stillwatch.report.html import environment, style
from stillwatch.report.shown import shown
from stillwatch.report.svg import WIDTH, element, joined, line, picture, text
from stillwatch.report.wording import percent

Form = Literal["json", "md", "html"]
LEFT, RIGHT, TOP, HEIGHT, FOOT = 58.0, 96.0, 26.0, 200.0, 48.0
HEAD = ("test", "model", "account set", "n", "statistic", "p", "adjusted p", "floor", "power", "confirmatory")


def assay_text(report: AssayReport, form: Form) -> str:
    """The report in a form."""
    made = {"json": assay_json, "md": assay_markdown, "html": assay_html}
    return made[form](report)


def assay_json(report: AssayReport) -> str:
    """The report for programs."""
    return json.dumps(asdict(report), indent=1, sort_keys=True) + "\n"


def assay_markdown(report: AssayReport) -> str:
    """The report as text."""
    return "\n".join(_lines(report)) + "\n"


def stopped_line(stop: Stopped | None) -> str:
    """Where a run ended, and what was not asked for it; nothing if it did not end early."""
    if stop is None:
        return ""
    return (
        f"Ended after look {stop.look} of {stop.looks} by {stop.test} of {shown(stop.account_set, 60)}: e-value {stop.e_value:,.0f}, bound {stop.bound:,.0f}. "
        f"{stop.saved:,} of {stop.asked + stop.saved:,} questions to the suspect were saved, {stop.saved_of_all:,} of {stop.asked_of_all + stop.saved_of_all:,} in all."
    )


def _lines(report: AssayReport) -> Iterator[str]:
    yield f"# Assay of {_cell(report.suspect)}: {report.word}"
    yield ""
    yield _cell(report.sentence)
    yield ""
    if report.stopped:
        yield _cell(stopped_line(report.stopped))
        yield ""
    yield f"The ladder of words: {', '.join(f'*{word}*' for word in WORDS)}. Level {report.level:g}, held over each family of tests."
    for heading, head, rows in _tables(report):
        yield f"\n## {heading}\n"
        yield f"| {' | '.join(head)} |"
        yield f"| {' | '.join('---' for _ in head)} |"
        yield from (f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)
    yield "\n## Limits\n"
    yield from (f"- {_cell(limit)}" for limit in report.limits)
    yield f"\nPlan `{report.plan_seal}`, transcripts `{report.transcript_digest}`."


def _tables(report: AssayReport) -> Iterator[tuple[str, Sequence[str], list[tuple[str, ...]]]]:
    suspect, others = _rows(report, of_suspect=True), _rows(report, of_suspect=False)
    yield "The suspect", HEAD, suspect
    yield (
        "Controls",
        ("control", "run", "as it must be", "what came out"),
        [(c.name, _yes(is_so=c.is_there), _yes(is_so=c.is_right), c.told) for c in report.controls],
    )
    if report.doses:
        yield "Power by dose", ("test", "account set", "student", "dose", "p", "power"), [
            (str(d["test"]), str(d["account_set"]), str(d["model"]), f"{d['dose']:,}", _p(float(d["p_value"])), percent(float(d["power"])))
            for d in report.doses
        ]  # fmt: skip
    if others:
        yield "The controls under the same tests", HEAD, others
    yield (
        "What each test could have shown",
        ("test", "null hypothesis"),
        sorted({(r.test, r.null_hypothesis) for r in report.results}),
    )
    if report.problems:
        yield (
            "What went wrong on the way",
            ("problem", "answers"),
            [(name, f"{n:,}") for name, n in report.problems.items()],
        )


def _rows(report: AssayReport, *, of_suspect: bool) -> list[tuple[str, ...]]:
    is_ours = [_is_of_suspect(report, result) for result in report.results]
    return [_row(r) for r, ours in zip(report.results, is_ours, strict=True) if ours is of_suspect]


def _is_of_suspect(report: AssayReport, result: TestResult) -> bool:
    return result.subject == report.suspect or result.test == "T6"


def _row(result: TestResult) -> tuple[str, ...]:
    beside = ", ".join(f"{k.replace('_', ' ')} {v:.3g}" for k, v in sorted(result.beside.items()))
    return (
        result.test,
        result.subject,
        result.account_set,
        f"{result.n:,}",
        f"{result.statistic:.4g}" + (f" ({beside})" if beside else ""),
        _p(result.p_value),
        "" if result.adjusted_p is None else _p(result.adjusted_p),
        _p(result.floor) if result.floor else "",
        "" if result.power is None else percent(result.power),
        _yes(is_so=result.is_confirmatory),
    )


def _p(value: float) -> str:
    return f"{value:.2g}"


def _yes(*, is_so: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[is_so]


def _cell(value: str) -> str:
    return shown(value, 1200).replace("|", "\\|").replace("\n", " ")


def assay_html(report: AssayReport) -> str:
    """The report as a page."""
    page = environment().get_template("assay.html.jinja")
    return page.render(
        report=report,
        words=WORDS,
        tables=list(_tables(report)),
        drawing=dose_response(report.doses),
        ended=stopped_line(report.stopped),
        **style(),
    )


def dose_response(doses: Sequence[Mapping[str, float | str]]) -> Markup:
    """Power over the dose of the positive controls, a line a test; nothing if there is but one dose."""
    sizes = sorted({float(d["dose"]) for d in doses})
    if len(sizes) < 2:
        return Markup("")
    room = WIDTH - LEFT - RIGHT - 60
    places = {size: LEFT + 30 + room * i / (len(sizes) - 1) for i, size in enumerate(sizes)}
    parts = [text(0, TOP - 12, "power", "t-muted")]
    for share in (0.0, 0.5, 0.8, 1.0):
        kind = "target" if share == 0.8 else "zero" if share == 0 else "grid"
        parts += [line((LEFT, _y(share)), (WIDTH - RIGHT, _y(share)), kind)]
        parts += [text(LEFT - 8, _y(share) + 4, percent(share), "t-muted", "end")]
    parts += [text(x, TOP + HEIGHT + 18, f"{size:,.0f}", "t-number", "middle") for size, x in places.items()]
    parts += [text(LEFT + room / 2, TOP + HEIGHT + 40, "dose of the positive control", "t-muted", "middle")]
    key = lambda d: (str(d["test"]), str(d["account_set"]))  # noqa: E731
    for i, ((test, _), rows) in enumerate(groupby(sorted(doses, key=key), key)):
        points = [(places[float(d["dose"])], _y(float(d["power"]))) for d in rows]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in sorted(points))
        parts += [element("polyline", points=path, class_=f"power s-{i}", fill="none", stroke="currentColor")]
        x, y = max(points)
        parts += [text(x + 8, y + 4 + 12 * (i % 3), test, "t-number")]
    described = "; ".join(f"{d['test']} at {d['dose']}: {percent(float(d['power']))}" for d in doses)
    return picture(
        joined(parts), key="doses", height=TOP + HEIGHT + FOOT, title="Power by dose", description=described
    )


def _y(share: float) -> float:
    return TOP + HEIGHT * (1 - share)
