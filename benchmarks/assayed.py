"""What `assay.py` measured, as the manual shows it: tables, and a drawing of power by dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup
from pieces import on, table

from stillwatch.report.svg import element, joined

Document = Mapping[str, Any]
COLOURS = {
    "T1 agreement": "#3b82c4",
    "T2 teacher likelihood": "#d9730d",
    "T3 radioactivity, weight every": "#3a9d5d",
    "T3 radioactivity, weight distinct": "#9b59b6",
}
HITS = ("T4 canary", "T4 e-process, looked at after each trigger")
LEFT, PANEL, GAP, TOP, HEIGHT = 60, 300, 70, 70, 200
LEVEL = "0.01"


def alarms(result: Document) -> Iterator[str]:
    """How often each test calls an innocent model, and a twin."""
    models = result["models"]
    yield (
        f"{models['groups']} innocent models of three words (n-grams, {result['words_of_an_innocent']:,} words each), each with"
        f" {models['references']} references of its own, and {models['twins']} twins of the teacher's own text; {result['cpu_seconds']:,} s of one core; {on(result)}. "
        f"An innocent chooses an alternative at {100 * result['triggers_at_which_an_innocent_chooses']:.0f} % of the triggers. T5 has {models['with_logs']} students a side. In brackets Wilson's 95 % interval."
    )
    yield ""
    rows = []
    for name, levels in result["false_alarms"].items():
        twins = result["twins"].get(name)
        told = twins["0.01"] if twins else None
        rows.append(
            (
                name,
                *(_rate(levels[level]) for level in ("0.05", "0.01")),
                f"{told['called']} of {told['of']}" if told else "-",
            )
        )
    yield from table(("test", "innocents called at 5 %", "at 1 %", "twins called at 1 %"), rows)
    if "beyond_twins" in result:
        yield ""
        yield "Twins called close beyond shared-data controls, which they are not, each beside five twins that no other has:"
        yield ""
        yield from table(
            ("told by", "at 5 %", "at 1 %"),
            [
                (name, *(_rate(levels[level]) for level in ("0.05", "0.01")))
                for name, levels in result["beyond_twins"].items()
            ],
        )


def _rate(counted: Document) -> str:
    low, high = (100 * bound for bound in counted["interval"])
    return f"{100 * counted['rate']:.1f} % [{low:.1f}, {high:.1f}]"


def goals(result: Document) -> Iterator[str]:
    """How many of the goals are met, and which are not."""
    met = [goal for goal in result["goals"] if goal["met"]]
    yield f"- No test, peers aside, calls more innocents than its level allows (the binomial's upper 1 %): {len(met)} of {len(result['goals'])} counts, {'met' if len(met) == len(result['goals']) else '**not met**'}"
    yield from (
        f"- {goal['goal']}: {100 * goal['value']:.1f} %, **not met**"
        for goal in result["goals"]
        if not goal["met"]
    )


def power(result: Document) -> Iterator[str]:
    """How many students are found at 1 %."""
    shares = list(result["doses"]["plain"])
    yield f"Students found at 1 %, of {result['models']['students']} each, by the share of the teacher's text in their training:"
    yield ""
    rows = [
        (f"{kind} text", name, *(str(doses[share][name][LEVEL]["called"]) for share in shares))
        for kind, doses in result["doses"].items()
        for name in (*COLOURS, "T3 e-process, looked at ten times")
    ]
    yield from table(("served", "test", *(f"{100 * float(share):g} %" for share in shares)), rows)
    yield ""
    yield f"Canaries ({result['asked']['triggers']} triggers, text only), by how often each was served:"
    yield ""
    found = dict(sorted(result["servings"].items(), key=lambda told: int(told[0])))
    yield from table(
        ("served", *found),
        [(name, *(str(tests[name][LEVEL]["called"]) for tests in found.values())) for name in HITS],
    )


def drawing(result: Document) -> str:
    """Power by dose with intervals, a panel for plain and for marked text."""
    width, height = LEFT + 2 * (PANEL + GAP), TOP + HEIGHT + 60
    parts = []
    for place, (name, colour) in enumerate(COLOURS.items()):
        x, y = LEFT + 320 * (place % 2), 16 + 20 * (place // 2)
        parts += [element("circle", cx=x, cy=y, r=5, fill=colour), _text(x + 10, y + 4, name)]
    for place, (kind, doses) in enumerate(result["doses"].items()):
        parts += list(_panel(kind, doses, LEFT + place * (PANEL + GAP)))
    heading = element("title", "Share of students found at 1 % by share of teacher text, plain and marked")
    return f"""{element(
        "svg", heading + joined(parts), xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {height}",
        role="img", font_family="sans-serif", font_size=13,
    )}\n"""  # fmt: skip


def _panel(kind: str, doses: Document, left: float) -> Iterator[Markup]:
    shares = list(doses)
    places = [left + 20 + i * (PANEL - 40) / (len(shares) - 1) for i in range(len(shares))]
    for tick in (0.0, 0.5, 1.0):
        y = _y(tick)
        yield element("line", x1=left, y1=y, x2=left + PANEL, y2=y, stroke="#808080", stroke_width=0.5)
        yield _text(left - 8, y + 4, f"{100 * tick:g} %", anchor="end")
    for x, share in zip(places, shares, strict=True):
        yield _text(x, _y(0) + 20, f"{100 * float(share):g} %", anchor="middle")
    yield _text(left + PANEL / 2, _y(0) + 42, f"{kind} teacher text in training", anchor="middle")
    for shift, (name, colour) in enumerate(COLOURS.items()):
        counted = [doses[share][name][LEVEL] for share in shares]
        ways = [x + 4 * (shift - 1.5) for x in places]
        points = " ".join(f"{x:.1f},{_y(c['rate']):.1f}" for x, c in zip(ways, counted, strict=True))
        yield element("polyline", points=points, fill="none", stroke=colour, stroke_width=1.5)
        for x, c in zip(ways, counted, strict=True):
            low, high = c["interval"]
            yield element("line", x1=x, y1=_y(low), x2=x, y2=_y(high), stroke=colour, stroke_width=1)
            yield element("circle", cx=x, cy=_y(c["rate"]), r=3, fill=colour)


def _y(share: float) -> float:
    return TOP + HEIGHT * (1 - share)


def _text(x: float, y: float, content: str, anchor: str = "start") -> Markup:
    return element("text", content, x=x, y=y, fill="#808080", text_anchor=anchor)
