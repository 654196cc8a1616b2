"""What `small_gpt.py` measured, as the manual shows it: tables, and a drawing of power by dose in four panels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from pieces import on, table

from stillwatch.report.svg import element, joined

Document = Mapping[str, Any]
Points = Sequence[tuple[str, Document]]
COLOURS = {
    "T1 agreement": "#3b82c4",
    "T2 teacher likelihood": "#d9730d",
    "T3 radioactivity, weight every": "#3a9d5d",
    "T3 radioactivity, weight root": "#7a7a2a",
    "T3 radioactivity, weight distinct": "#9b59b6",
    "T4 canary": "#c0392b",
}
LEFT, PANEL, GAP, TOP, HEIGHT, FOOT = 60, 300, 70, 84, 150, 84


def power(result: Document) -> Iterator[str]:
    """How many students are found at 1 %, dose by dose."""
    models, asked = result["models"], result["asked"]
    yield (
        f"Transformers of {models['layers']} layers and width {models['width']} ({models['parameters']:,} parameters), {models['students']} students a dose, {models['nulls']} null models, "
        f"{models['scorers']} references; {asked['prompts']:,} prompts, {asked['texts']:,} texts of {asked['tokens']} tokens, {asked['decoys']:,} decoys; {sum(result['cpu_seconds'].values()):,} s of one core, torch {result['torch']}; {on(result)}. "
        "Students found at 1 %:"
    )
    yield ""
    doses = sorted(result["plain"], key=int)
    names = [name for name in COLOURS if name in result["own_text"]]
    rows = [("its own text", name, *_own(result, name, doses)) for name in names]
    rows += [
        (f"{kind} text of the teacher", name, *(_found(result[kind][dose][name]) for dose in doses))
        for kind in ("plain", "marked")
        for name in names
    ]
    yield from table(("taught with", "test", *(f"{int(dose):,} tokens" for dose in doses)), rows)
    yield ""
    yield f"By the share of {result['of_shares']:,} tokens that was marked:"
    yield ""
    told = {name: list(_shares(result, name)) for name in names}
    heads = [f"{100 * float(share):g} %" for share, _ in told[names[0]]]
    yield from table(("test", *heads), [(name, *(_found(c) for _, c in told[name])) for name in names])
    yield ""
    yield (
        f"Canaries ({asked['triggers']} triggers of 16 alternatives, text only, {asked['samples']} samples each, beside {result['beside']:,} ordinary tokens), by how often each was served:"
    )
    yield ""
    servings = list(_servings(result))
    rows = [
        ("found at 1 %", *(_found(c) for _, c in servings)),
        (
            "triggers hit, with 95 % interval",
            *(
                f"{100 * c['statistic']:.0f} % [{_part(c['statistic_interval'][0])}, {_part(c['statistic_interval'][1])}]"
                for _, c in servings
            ),
        ),
    ]
    yield from table(("served", *(times for times, _ in servings)), rows)


def _own(result: Document, name: str, doses: Sequence[str]) -> Iterator[str]:
    """What took nothing was measured at one dose."""
    for dose in doses:
        yield _found(result["own_text"][name]) if int(dose) == result["of_shares"] else ""


def _part(value: float) -> str:
    return f"{100 * min(max(value, 0.0), 1.0):.0f}"


def _found(counted: Document) -> str:
    return f"{counted['called']} of {counted['of']}"


def _tokens(result: Document, kind: str, name: str) -> Points:
    return [(f"{int(dose) // 1000}k", found[name]) for dose, found in _by_number(result[kind])]


def _shares(result: Document, name: str) -> Points:
    whole = str(result["of_shares"])
    between = [(share, found[name]) for share, found in _by_number(result["shares"])]
    return [("0", result["plain"][whole][name]), *between, ("1", result["marked"][whole][name])]


def _servings(result: Document) -> Points:
    return [(times, found["T4 canary"]) for times, found in _by_number(result["servings"])]


def _by_number(found: Document) -> list[tuple[str, Document]]:
    return sorted(found.items(), key=lambda told: float(told[0]))


def drawing(result: Document) -> str:
    """Four panels: tokens of plain and of marked text, share marked, servings."""
    close = ("T1 agreement", "T2 teacher likelihood")
    marks = (
        "T3 radioactivity, weight every",
        "T3 radioactivity, weight root",
        "T3 radioactivity, weight distinct",
    )
    panels: list[tuple[str, dict[str, Points]]] = [
        ("tokens of plain teacher text", {n: _tokens(result, "plain", n) for n in (*close, marks[0])}),
        ("tokens of marked teacher text", {n: _tokens(result, "marked", n) for n in (*close, *marks)}),
        (
            f"share marked, of {result['of_shares'] // 1000}k tokens",
            {n: [(f"{100 * float(s):g} %", c) for s, c in _shares(result, n)] for n in marks},
        ),
        ("times each canary was served", {"T4 canary": _servings(result)}),
    ]
    width, height = LEFT + 2 * (PANEL + GAP), TOP + 2 * (HEIGHT + FOOT)
    parts: list[Markup] = []
    for place, (name, colour) in enumerate(COLOURS.items()):
        x, y = LEFT + 330 * (place % 2), 16 + 20 * (place // 2)
        parts += [element("circle", cx=x, cy=y, r=5, fill=colour), _text(x + 10, y + 4, name)]
    for place, (told, curves) in enumerate(panels):
        left, top = LEFT + (place % 2) * (PANEL + GAP), TOP + (place // 2) * (HEIGHT + FOOT)
        parts += list(_panel(told, curves, left, top))
    title = (
        f"Share of {result['models']['students']} students found at 1 % by dose, with Wilson's 95 % intervals"
    )
    return f"""{
        element(
            "svg",
            element("title", title) + joined(parts),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {width} {height}",
            role="img",
            font_family="sans-serif",
            font_size=13,
        )
    }\n"""


def _panel(told: str, curves: Mapping[str, Points], left: float, top: float) -> Iterator[Markup]:
    heads = [head for head, _ in next(iter(curves.values()))]
    places = [left + 24 + i * (PANEL - 48) / (len(heads) - 1) for i in range(len(heads))]
    for tick in (0.0, 0.5, 1.0):
        y = _y(tick, top)
        yield element("line", x1=left, y1=y, x2=left + PANEL, y2=y, stroke="#808080", stroke_width=0.5)
        yield _text(left - 8, y + 4, f"{100 * tick:g} %", anchor="end")
    for x, head in zip(places, heads, strict=True):
        yield _text(x, _y(0, top) + 20, head, anchor="middle")
    yield _text(left + PANEL / 2, _y(0, top) + 42, told, anchor="middle")
    for at, (name, points) in enumerate(curves.items()):
        ways = [x + 5 * (at - (len(curves) - 1) / 2) for x in places]
        colour = COLOURS[name]
        line = " ".join(f"{x:.1f},{_y(c['rate'], top):.1f}" for x, (_, c) in zip(ways, points, strict=True))
        yield element("polyline", points=line, fill="none", stroke=colour, stroke_width=1.5)
        for x, (_, c) in zip(ways, points, strict=True):
            low, high = c["interval"]
            yield element(
                "line", x1=x, y1=_y(low, top), x2=x, y2=_y(high, top), stroke=colour, stroke_width=1
            )
            yield element("circle", cx=x, cy=_y(c["rate"], top), r=3, fill=colour)


def _y(share: float, top: float) -> float:
    return top + HEIGHT * (1 - share)


def _text(x: float, y: float, content: str, anchor: str = "start") -> Markup:
    return element("text", content, x=x, y=y, fill="#808080", text_anchor=anchor)
