"""The drawing of the comparison: F1 of every detector on every world, one panel a size.

Each peer stands at the better of its two lines. Greys and colours read on light and on dark pages alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup
from peers.interface import OURS
from peers.shown import WORLDS

from stillwatch.report.svg import element, joined

Document = Mapping[str, Any]

COLOURS = {"easy": "#3a9d5d", "mixed": "#3b82c4", "hard": "#d9730d"}
GREY = "#808080"
LEFT, PANEL, GAP, ROW, TOP = 170, 300, 40, 26, 62
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def drawing(result: Document) -> str:
    """The whole file."""
    names = list(result["sizes"][0]["detectors"])
    width = LEFT + len(result["sizes"]) * (PANEL + GAP)
    height = TOP + len(names) * ROW + 30
    parts = [*_legend(), *_names(result, names)]
    for place, size in enumerate(result["sizes"]):
        parts += _panel(size, LEFT + place * (PANEL + GAP), height)
    heading = element("title", "F1 of accounts by detector and simulated world, for each size of world")
    drawn = element(
        "svg",
        heading + joined(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        role="img",
        font_family="sans-serif",
        font_size=13,
    )
    return f"{drawn}\n"


def _legend() -> Iterator[Markup]:
    for place, (world, colour) in enumerate(COLOURS.items()):
        x = LEFT + place * 80
        yield element("circle", cx=x, cy=16, r=5, fill=colour)
        yield _text(x + 10, 20, world)


def _names(result: Document, names: list[str]) -> Iterator[Markup]:
    for row, name in enumerate(names):
        shown = result["peers"].get(name, {"title": name})["title"]
        weight = "bold" if name == OURS else "normal"
        yield _text(LEFT - 14, TOP + row * ROW + 4, shown, anchor="end", weight=weight)


def _panel(size: Document, left: float, height: float) -> Iterator[Markup]:
    yield _text(left, TOP - 22, f"F1, {size['exchanges']:,} exchanges", weight="bold")
    for tick in TICKS:
        x = left + tick * PANEL
        yield element(
            "line", x1=x, x2=x, y1=TOP - 14, y2=height - 26, stroke=GREY, stroke_opacity=0.35, stroke_width=1
        )
        yield _text(x, height - 10, f"{tick:g}", anchor="middle")
    for row, points in enumerate(size["detectors"].values()):
        for world in WORLDS:
            reached = [p["worlds"][world]["f1"] or 0.0 for p in points.values() if world in p["worlds"]]
            if reached:
                yield element(
                    "circle",
                    cx=left + max(reached) * PANEL,
                    cy=TOP + row * ROW,
                    r=5,
                    fill=COLOURS[world],
                    fill_opacity=0.85,
                )


def _text(x: float, y: float, content: str, *, anchor: str = "start", weight: str = "normal") -> Markup:
    return element("text", content, x=x, y=y, fill=GREY, text_anchor=anchor, font_weight=weight)
