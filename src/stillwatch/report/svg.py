"""Parts of a drawing: pure functions from numbers and text to SVG markup, the same bytes every time.

Colours and fonts come from the page's style sheet by class, so that one drawing serves light, dark and print.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from stillwatch.model.finding import FAMILIES

WIDTH = 880


def number(value: float) -> str:
    """A coordinate with at most two decimals and no trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(name: str, content: str = "", **attributes: str | float) -> Markup:
    """One element; attribute names are written with `_` for `-` and `class_` for `class`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{number(v) if isinstance(v, (int, float)) else escape(v)}"'
        for key, v in attributes.items()
    )
    inside = escape(content)
    return Markup(f"<{name}{written}>{inside}</{name}>") if inside else Markup(f"<{name}{written}/>")  # noqa: S704


def joined(parts: Iterable[str]) -> Markup:
    """Markup parts in a row."""
    return Markup("").join(parts)


def picture(
    body: Markup,
    *,
    key: str,
    height: float,
    title: str,
    description: str,
    width: float = WIDTH,
    above: float = 0,
) -> Markup:
    """A whole drawing with its title and description, which a screen reader reads out; `above` is room over its origin."""
    heading = element("title", title, id=f"{key}-t") + element("desc", description, id=f"{key}-d")
    return element(
        "svg",
        heading + body,
        class_="chart",
        viewBox=f"0 {number(-above)} {number(width)} {number(height + above)}",
        role="img",
        aria_labelledby=f"{key}-t {key}-d",
    )


def text(x: float, y: float, content: str, class_: str = "", anchor: str = "start") -> Markup:
    """A line of text with its baseline at (x, y)."""
    return element("text", content, x=x, y=y, class_=f"t {class_}".strip(), text_anchor=anchor)


def box(x: float, y: float, width: float, height: float, class_: str) -> Markup:
    """A filled rectangle."""
    return element("rect", x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), class_=class_)


def line(start: tuple[float, float], end: tuple[float, float], class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=class_)


def family_class(family: str) -> str:
    """The style class that gives a family its colour."""
    return f"f-{family}" if family in FAMILIES else "f-other"


def cut(content: str, limit: int) -> str:
    """Text short enough for its place in a drawing."""
    return content if len(content) <= limit else f"{content[: limit - 1].rstrip()}…"


def cut_middle(content: str, limit: int) -> str:
    """The same, keeping both ends: shared texts often differ in their last words only."""
    if len(content) <= limit:
        return content
    tail = limit // 3
    return f"{content[: limit - tail - 1].rstrip()}…{content[-tail:].lstrip()}"


def ticks(low: float, high: float, most: int = 6) -> Sequence[float]:
    """Round numbers from `low` to `high`, both included by rounding outwards; at most about `most` of them."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(m * power for m in (1, 2, 2.5, 5, 10, 20) if span / (m * power) <= most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(i * step for i in range(first, last + 1))
