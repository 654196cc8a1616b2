"""A panel as a page of its own that fetches nothing: a drawing of shares and gaps with their intervals for each panel, and the tables of its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup

from stillwatch.model.panel import Gap, PanelReport
from stillwatch.report.html import environment, style
from stillwatch.report.svg import WIDTH, box, cut, element, joined, line, picture, text, ticks
from stillwatch.report.wording import percent

LABEL, MIDDLE, EDGE, TOP, ROW, FOOT = 190.0, 64.0, 24.0, 44.0, 46.0, 40.0
ROOM = (WIDTH - LABEL - MIDDLE - EDGE) / 2
COLOURS = ("of-suspect", "of-base", "of-teacher")
"""Of the suspect, its base and the teacher."""
APART = 11.0
MOST_ROWS = 60


def panel_page(
    report: PanelReport,
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]],
    headings: dict[str, str],
) -> str:
    """The page; tables as the text of the report has them."""
    drawn = [
        (heading, draw_gaps(gaps, report, f"p-{panel}", heading))
        for panel, heading in headings.items()
        if (gaps := [gap for gap in report.gaps if gap.panel == panel])
    ]
    page = environment().get_template("panel.html.jinja")
    names = [report.models[role] for role in ("suspect", "base", "teacher")]
    return page.render(
        report=report, drawn=drawn, tables=tables, legend=list(zip(COLOURS, names, strict=True)), **style()
    )


def draw_gaps(gaps: Sequence[Gap], report: PanelReport, key: str, heading: str) -> Markup:
    """A row a task: to the left the shares of the three models, to the right what the suspect has more or less than the others; bars are 95 % intervals."""
    rows = list(dict.fromkeys(gap.row for gap in gaps))[:MOST_ROWS]
    by_row = {row: [gap for gap in gaps if gap.row == row] for row in rows}
    edge = max(max((abs(x) for gap in gaps for x in (gap.low, gap.high)), default=0.1), report.margin, 0.1)
    marks = [mark for mark in ticks(-edge, edge) if abs(mark) <= 1.0001]
    low, high = min(marks[0], -edge), max(marks[-1], edge)
    height = TOP + len(rows) * ROW

    def right(value: float) -> float:
        return LABEL + ROOM + MIDDLE + ROOM * (value - low) / (high - low)

    parts = [
        box(right(-report.margin), TOP, right(report.margin) - right(-report.margin), height - TOP, "track"),
        *_axis((0.0, 0.25, 0.5, 0.75, 1.0), _left, height, percent),
        *_axis(marks, right, height, lambda mark: f"{100 * mark:+.0f}" if mark else "0"),
        text(LABEL, TOP - 22, "share", "t-strong"),
        text(LABEL + ROOM + MIDDLE, TOP - 22, "suspect less the other, in points", "t-strong"),
    ]
    for at, row in enumerate(rows):
        parts += _row(row, by_row[row], report, TOP + at * ROW + ROW / 2, right)
    described = "; ".join(f"{g.row}, suspect less {g.other}: {100 * g.difference:+.0f} points" for g in gaps)
    return picture(joined(parts), key=key, height=height + FOOT, title=heading, description=described)


def _left(share: float) -> float:
    return LABEL + ROOM * share


def _axis(
    marks: Sequence[float], place: Callable[[float], float], bottom: float, told: Callable[[float], str]
) -> Iterator[Markup]:
    for mark in marks:
        x = place(mark)
        yield line((x, TOP), (x, bottom), "zero" if mark == 0 else "grid")
        yield text(x, bottom + 18, told(mark), "t-muted", "middle")


def _row(
    name: str, gaps: Sequence[Gap], report: PanelReport, y: float, right: Callable[[float], float]
) -> Iterator[Markup]:
    near = "near" if name in report.profile.near else ""
    yield text(LABEL - 14, y + (0 if near else 4), cut(name, 26), "t-strong", "end")
    if near:
        yield text(LABEL - 14, y + 14, "near the campaign", "t-muted", "end")
    colours = dict(zip((report.models[role] for role in ("base", "teacher")), COLOURS[1:], strict=True))
    first = gaps[0]
    yield from _whisker(_left, first.share, first.share_interval, y - APART, COLOURS[0])
    for at, gap in enumerate(gaps):
        below = y + at * APART
        yield from _whisker(_left, gap.other_share, gap.other_interval, below, colours[gap.other])
        yield from _whisker(
            right, gap.difference, (gap.low, gap.high), y + (at - 0.5) * APART, colours[gap.other]
        )


def _whisker(
    place: Callable[[float], float], value: float, bounds: tuple[float, float], y: float, colour: str
) -> Iterator[Markup]:
    yield line((place(bounds[0]), y), (place(bounds[1]), y), f"whisker {colour}")
    yield element("circle", cx=place(value), cy=y, r=4, class_=f"point {colour}")
