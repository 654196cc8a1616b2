"""What was drawn out: capabilities with intervals, how they were swept over time, and what speaks of their worth for training."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillwatch.model.dossier import Dossier, EvidenceLine
from stillwatch.model.finding import Campaign, Interval
from stillwatch.model.pack import Extent, FromLog, SweepDay
from stillwatch.report.svg import WIDTH, box, cut, element, joined, picture, text
from stillwatch.report.wording import count

WORTH = (
    "training_value",
    "asks_for_training_value",
    "capability_sweep",
    "narrow_capability",
    "fresh_prompts",
    "framed_prompts",
    "inline_reasoning",
    "extended_thinking",
)
"""Signals that speak of how much of a taxonomy is covered and what the answers are worth."""
MOST_COLUMNS = 62
LEAST = 0.5
"""What comes to less in all rounds to no exchange."""
LEFT, TOP, ROW, FOOT = 116.0, 22.0, 22.0, 24.0


@dataclass(frozen=True)
class SweepRow:
    """One capability: its share, how many exchanges that is at least and at most, and how many are labelled so one by one."""

    capability: str
    share: float
    exchanges: Interval
    labelled: int


def rows(campaign: Campaign, extent: Extent) -> tuple[SweepRow, ...]:
    """The capabilities of a campaign, the largest first. The interval is the campaign's own, in proportion."""
    labelled = {c.capability: c.exchanges for c in extent.capabilities}
    whole = campaign.exchanges
    found = [
        SweepRow(
            c.capability.replace("_", " "),
            c.share,
            Interval(round(whole.low * c.share), round(whole.best * c.share), round(whole.high * c.share)),
            labelled.get(c.capability, 0),
        )
        for c in campaign.capabilities
    ]
    return tuple(sorted(found, key=lambda r: (-r.share, r.capability)))


def breadth(campaign: Campaign) -> float | None:
    """How many capabilities it would be if all had equal shares: 1 is a sweep of one skill."""
    shares = [c.share for c in campaign.capabilities if c.share > 0]
    return math.exp(-math.fsum(s * math.log(s) for s in shares)) if shares else None


def worth(dossier: Dossier) -> tuple[EvidenceLine, ...]:
    """The measurements that speak of coverage and worth."""
    lines = [line for weight in dossier.weights for line in weight.lines if line.signal in WORTH]
    return tuple(sorted(lines, key=lambda n: WORTH.index(n.signal)))


def draw(log: FromLog | None, key: str) -> Markup:
    """Capabilities by day on one scale: the fuller a cell, the more exchanges. What comes to less than half an exchange is not drawn. Empty without a log."""
    if log is None or not log.sweep:
        return Markup("")
    first = min(day.day for day in log.sweep)
    width = -(-((max(day.day for day in log.sweep) - first).days + 1) // MOST_COLUMNS)
    names = _ranked(log.sweep)
    if not names:
        return Markup("")
    cells = {at: n for at, n in _cells(log.sweep, first, width).items() if at[0] in names}
    most = max(cells.values())
    columns = max(c for _, c in cells) + 1
    step = (WIDTH - LEFT - 70) / columns
    parts = [_row(name, i, cells, (columns, step, most)) for i, name in enumerate(names)]
    dates = [
        text(LEFT + c * step, TOP + len(names) * ROW + 16, _date(first, c * width), "t-muted")
        for c in range(0, columns, max(columns // 6, 1))
    ]
    head = text(LEFT, 12, "darker: more exchanges, on one scale", "t-muted") + text(
        WIDTH - 4, 12, "exchanges", "t-muted", "end"
    )
    return picture(
        joined([head, *parts, *dates]),
        key=key,
        height=TOP + len(names) * ROW + FOOT,
        title="Capabilities by day",
        description="; ".join(f"{n.replace('_', ' ')} {count(_total(log.sweep, n))}" for n in names),
    )


def _ranked(sweep: Sequence[SweepDay]) -> list[str]:
    names = {day.capability for day in sweep if _total(sweep, day.capability) >= LEAST}
    return sorted(names, key=lambda n: (-_total(sweep, n), n))


def _total(sweep: Sequence[SweepDay], name: str) -> float:
    return math.fsum(day.exchanges for day in sweep if day.capability == name)


def _cells(sweep: Sequence[SweepDay], first: dt.date, width: int) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], float] = {}
    for day in sweep:
        at = (day.capability, (day.day - first).days // width)
        found[at] = found.get(at, 0.0) + day.exchanges
    return found


def _row(name: str, i: int, cells: dict[tuple[str, int], float], size: tuple[int, float, float]) -> Markup:
    columns, step, most = size
    values = [cells.get((name, c), 0.0) for c in range(columns)]
    y = TOP + i * ROW
    parts = [text(LEFT - 8, y + 15, cut(name.replace("_", " "), 18), "", "end")]
    for c, value in enumerate(values):
        parts.append(box(LEFT + c * step, y + 2, max(step - 1, 0.5), ROW - 4, _shade(value / most)))
    parts.append(text(WIDTH - 4, y + 15, count(math.fsum(values)), "t-number", "end"))
    return element("g", joined(parts))


def _shade(share: float) -> str:
    return "track" if share <= 0 else f"shade-{min(int(share * 5) + 1, 5)}"


def _date(first: dt.date, days: int) -> str:
    return (first + dt.timedelta(days=days)).isoformat()
