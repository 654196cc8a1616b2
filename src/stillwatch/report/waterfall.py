"""Evidence in bits, added up step by step: to the right for a finding, to the left against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def draw(steps: Sequence[Step], judged: float | None, key: str, about: str) -> Markup:
    """The waterfall of the steps; `judged` is what the scan counts after allowing for dependence."""
    marks = ticks(*_range(steps, judged))
    scale = _Scale(marks[0], marks[-1])
    rows = len(steps) + (judged is not None)
    bottom = TOP + rows * ROW
    parts = [_grid(marks, scale, bottom)]
    sofar = 0.0
    for i, step in enumerate(steps):
        parts.append(_row(step, sofar, TOP + i * ROW, scale))
        sofar += step.up + step.down
        parts.append(
            line(
                (scale.x(sofar), TOP + i * ROW + BAR_TOP + BAR),
                (scale.x(sofar), TOP + (i + 1) * ROW + BAR_TOP),
                "join",
            )
        )
    if judged is not None:
        parts.append(_total(judged, TOP + len(steps) * ROW, scale))
    return picture(
        joined(parts),
        key=key,
        height=bottom + FOOT,
        title=f"Evidence: {about}",
        description=_told(steps, judged),
    )


def _range(steps: Sequence[Step], judged: float | None) -> tuple[float, float]:
    places, sofar = [0.0, judged or 0.0], 0.0
    for step in steps:
        places += [sofar + step.up, sofar + step.up + step.down]
        sofar += step.up + step.down
    return min(places), max(places) if max(places) > min(places) else min(places) + 1


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


def _total(judged: float, y: float, scale: _Scale) -> Markup:
    start, end = sorted((scale.x(0), scale.x(judged)))
    return (
        text(LEFT - 14, y + 23, "as judged", "t-strong", "end")
        + box(start, y + BAR_TOP, end - start, BAR, "judged")
        + text(end + 7, y + 23, signed_bits(judged), "t-strong")
    )


def _told(steps: Sequence[Step], judged: float | None) -> str:
    told = "; ".join(f"{s.name} {signed_bits(s.up + s.down)}" for s in steps) or "no evidence rows"
    return f"In bits: {told}." + (f" As judged: {signed_bits(judged)}." if judged is not None else "")
