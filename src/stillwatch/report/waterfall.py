"""Evidence in bits, added up step by step: to the right for a finding, to the left against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from stillwatch.report.svg import WIDTH, box, cut, joined, line, picture, text, ticks
from stillwatch.report.wording import signed_bits

LEFT, RIGHT, TOP, ROW, FOOT = 216.0, 70.0, 6.0, 38.0, 26.0
BAR_TOP, BAR = 9.0, 20.0


@dataclass(frozen=True)
class Step:
    """One row: its name and a word on it, what it adds, what it takes away, and the class of its colour."""

    name: str
    about: str
    up: float
    down: float
    class_: str


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    def x(self, bits: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (bits - self.low) / (self.high - self.low)


def draw(steps: Sequence[Step], key: str, about: str) -> Markup:
    """The waterfall of the steps, and below them what they come to together."""
    reached = list(accumulate((s.up + s.down for s in steps), initial=0.0))
    marks = ticks(*_range(steps, reached))
    scale = _Scale(marks[0], marks[-1])
    bottom = TOP + (len(steps) + 1) * ROW
    rows = [_row(s, reached[i], TOP + i * ROW, scale) for i, s in enumerate(steps)]
    joins = [_join(scale.x(bits), TOP + i * ROW) for i, bits in enumerate(reached[1:])]
    total = _total(reached[-1], TOP + len(steps) * ROW, scale)
    return picture(
        joined([_grid(marks, scale, bottom), *rows, *joins, total]),
        key=key,
        height=bottom + FOOT,
        title=f"Evidence: {about}",
        description=_told(steps, reached[-1]),
    )


def _range(steps: Sequence[Step], reached: Sequence[float]) -> tuple[float, float]:
    places = [*reached, *(start + step.up for start, step in zip(reached, steps, strict=False))]
    return min(places), max(*places, min(places) + 1)


def _join(x: float, y: float) -> Markup:
    return line((x, y + BAR_TOP + BAR), (x, y + ROW + BAR_TOP), "join")


def _grid(marks: Sequence[float], scale: _Scale, bottom: float) -> Markup:
    return joined(
        line((scale.x(m), TOP), (scale.x(m), bottom), "zero" if m == 0 else "grid")
        + text(scale.x(m), bottom + 17, f"{m:.3g}", "t-muted", "middle")
        for m in marks
    ) + text(WIDTH - 4, bottom + 17, "bits", "t-muted", "end")


def _row(step: Step, sofar: float, y: float, scale: _Scale) -> Markup:
    parts = [
        text(LEFT - 14, y + 17, cut(step.name, 30), "t-strong", "end"),
        text(LEFT - 14, y + 31, cut(step.about, 34), "t-muted", "end"),
    ]
    top = sofar + step.up
    if step.up:
        parts.append(
            box(scale.x(sofar), y + BAR_TOP, scale.x(top) - scale.x(sofar), BAR, f"fill {step.class_}")
        )
    if step.down:
        parts.append(
            box(
                scale.x(top + step.down),
                y + BAR_TOP,
                scale.x(top) - scale.x(top + step.down),
                BAR,
                f"against {step.class_}",
            )
        )
    parts.append(text(scale.x(max(top, sofar)) + 7, y + 23, signed_bits(step.up + step.down), "t-number"))
    return joined(parts)


def _total(bits: float, y: float, scale: _Scale) -> Markup:
    start, end = sorted((scale.x(0), scale.x(bits)))
    return (
        text(LEFT - 14, y + 23, "together", "t-strong", "end")
        + box(start, y + BAR_TOP, end - start, BAR, "together")
        + text(end + 7, y + 23, signed_bits(bits), "t-strong")
    )


def _told(steps: Sequence[Step], together: float) -> str:
    told = "; ".join(f"{s.name} {signed_bits(s.up + s.down)}" for s in steps) or "no evidence rows"
    return f"In bits: {told}. Together: {signed_bits(together)}."
