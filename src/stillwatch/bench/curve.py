"""The power curves of one archetype at one level of stealth: a line for each rate over the size of the campaign."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from stillwatch.bench.power import TARGET, Point
from stillwatch.report.svg import WIDTH, box, element, joined, line, number, picture, text
from stillwatch.report.wording import count, percent, small

LEFT, RIGHT, TOP, HEIGHT, FOOT = 58.0, 96.0, 26.0, 250.0, 52.0
APART = 7.0
"""How far the intervals of neighbouring curves stand from each other, so that none hides another."""
CLEAR = 15.0
"""The least distance of two curves' names."""
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def draw_power(curves: Sequence[Sequence[Point]], key: str, title: str) -> Markup:
    """The drawing of the curves; they share their sizes."""
    sizes = [point.cell.accounts for point in curves[0]]
    body = joined(
        [
            *_grid(),
            *_sizes(sizes),
            *(_curve(curve, i, len(curves), sizes) for i, curve in enumerate(curves)),
            *_names(curves),
        ]
    )
    return picture(body, key=key, height=TOP + HEIGHT + FOOT, title=title, description=_told(curves))


def _y(power: float) -> float:
    return TOP + HEIGHT * (1 - power)


def _x(accounts: int, sizes: Sequence[int]) -> float:
    """The place of a size on a logarithmic axis; a size alone stands in the middle."""
    low, high, room = math.log(sizes[0]), math.log(sizes[-1]), WIDTH - LEFT - RIGHT - 60
    way = (math.log(accounts) - low) / (high - low) if high > low else 0.5
    return LEFT + 30 + room * way


def _grid() -> list[Markup]:
    end = WIDTH - RIGHT
    parts = [text(0, TOP - 12, "share found", "t-muted")]
    for share in SHARES:
        style = "target" if share == TARGET else "zero" if share == 0 else "grid"
        parts += [
            line((LEFT, _y(share)), (end, _y(share)), style),
            text(LEFT - 8, _y(share) + 4, percent(share), "t-muted", "end"),
        ]
    return parts


def _sizes(sizes: Sequence[int]) -> list[Markup]:
    foot = TOP + HEIGHT
    parts = [text(_x(size, sizes), foot + 18, count(size), "t-number", "middle") for size in sizes]
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    return [*parts, text(middle, foot + 40, "accounts of the planted campaign", "t-muted", "middle")]


def _curve(curve: Sequence[Point], index: int, of: int, sizes: Sequence[int]) -> Markup:
    """The fitted line, and at each size what was seen, with its interval."""
    shift = (index - (of - 1) / 2) * APART
    ways = [_x(point.cell.accounts, sizes) + shift for point in curve]
    path = " ".join(f"{number(x)},{number(_y(p.fitted))}" for x, p in zip(ways, curve, strict=True))
    parts = [element("polyline", points=path, class_=f"power s-{index}")]
    for x, point in zip(ways, curve, strict=True):
        parts.append(line((x, _y(point.low)), (x, _y(point.high)), f"interval s-{index}"))
        parts.append(_dot(x, point, index))
    return element("g", joined(parts))


def _dot(x: float, point: Point, index: int) -> Markup:
    told = (
        f"{count(point.cell.accounts)} accounts at {small(point.cell.rate)} a day: "
        f"{point.found} of {point.trials} found"
    )
    dot = element("circle", element("title", told), cx=x, cy=_y(point.power), r=4.2, class_=f"m-{index}")
    return joined([dot])


def _names(curves: Sequence[Sequence[Point]]) -> list[Markup]:
    """Each curve's rate at its right end, moved apart where ends meet."""
    order = sorted(range(len(curves)), key=lambda i: (_y(curves[i][-1].fitted), -i))
    parts: list[Markup] = []
    free = TOP - CLEAR
    for i in order:
        y = max(_y(curves[i][-1].fitted), free + CLEAR)
        free = y
        x = WIDTH - RIGHT + 10
        parts += [
            box(x, y - 5, 9, 9, f"m-{i}"),
            text(x + 14, y + 4, f"{small(curves[i][0].cell.rate)} a day", "t-number"),
        ]
    return parts


def _told(curves: Sequence[Sequence[Point]]) -> str:
    lines = []
    for curve in curves:
        seen = ", ".join(f"{count(p.cell.accounts)} accounts {percent(p.power)}" for p in curve)
        lines.append(f"At {small(curve[0].cell.rate)} exchanges per account and day: {seen}.")
    return " ".join(lines)
