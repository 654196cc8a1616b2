"""Volume by day and model, and below it the births of accounts, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from stillwatch.model.dossier import Bin, Timeline
from stillwatch.report.svg import WIDTH, box, element, joined, line, picture, text, ticks
from stillwatch.report.wording import count, of

LEFT, RIGHT, TOP = 52, 8, 30
VOLUME_HEIGHT, GAP, BIRTH_HEIGHT, FOOT = 170, 46, 52, 26
LABELS = 8


def draw(timeline: Timeline, key: str) -> Markup:
    """The drawing of one campaign's timeline."""
    volume_scale = ticks(0, max((sum(b.exchanges) for b in timeline.bins), default=0) or 1, 4)
    birth_scale = ticks(0, max((b.births for b in timeline.bins), default=0) or 1, 2)
    body = joined(
        [
            _grid(volume_scale, TOP, VOLUME_HEIGHT),
            _grid(birth_scale, _birth_top(), BIRTH_HEIGHT),
            text(0, TOP - 14, "exchanges", "t-muted"),
            text(0, _birth_top() - 14, "accounts signed up", "t-muted"),
            *(_bin(timeline, i, volume_scale[-1], birth_scale[-1]) for i in range(len(timeline.bins))),
            *_dates(timeline),
        ]
    )
    return picture(
        body,
        key=key,
        height=_birth_top() + BIRTH_HEIGHT + FOOT,
        title="Timeline",
        description=_told(timeline),
    )


def _birth_top() -> float:
    return TOP + VOLUME_HEIGHT + GAP


def _step(timeline: Timeline) -> float:
    return (WIDTH - LEFT - RIGHT) / len(timeline.bins)


def _bin(timeline: Timeline, index: int, most_volume: float, most_births: float) -> Markup:
    """One stacked bar, one bar of births, and what both say when pointed at."""
    this, step = timeline.bins[index], _step(timeline)
    x, width = LEFT + index * step + step * 0.1, step * 0.8
    bottom = float(TOP + VOLUME_HEIGHT)
    parts = [element("title", _bin_told(timeline, this))]
    for i, exchanges in enumerate(this.exchanges):
        if exchanges:
            height = VOLUME_HEIGHT * exchanges / most_volume
            bottom -= height
            parts.append(box(x, bottom, width, height, f"m-{i}"))
    if this.births:
        height = BIRTH_HEIGHT * this.births / most_births
        parts.append(box(x, _birth_top() + BIRTH_HEIGHT - height, width, height, "births"))
    return element("g", joined(parts)) if len(parts) > 1 else Markup("")


def _bin_told(timeline: Timeline, this: Bin) -> str:
    days = f" and {timeline.days_a_bin - 1} more days" if timeline.days_a_bin > 1 else ""
    volume = "".join(
        f", {model}: {count(n)}" for model, n in zip(timeline.models, this.exchanges, strict=True) if n
    )
    return f"{this.start.isoformat()}{days}{volume}, {of(this.births, 'account')} signed up"


def _grid(scale: Sequence[float], top: float, height: float) -> Markup:
    parts = []
    for value in scale:
        y = top + height * (1 - value / scale[-1])
        parts += [
            line((LEFT, y), (WIDTH - RIGHT, y), "grid"),
            text(LEFT - 8, y + 4, _axis(value), "t-muted", "end"),
        ]
    return joined(parts)


def _axis(value: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def _dates(timeline: Timeline) -> list[Markup]:
    every = max(-(-len(timeline.bins) // LABELS), 1)
    y, step = _birth_top() + BIRTH_HEIGHT + 17, _step(timeline) if timeline.bins else 0
    return [
        text(LEFT + i * step + step / 2, y, _date(timeline, i, every), "t-muted", "middle")
        for i in range(0, len(timeline.bins), every)
    ]


def _date(timeline: Timeline, index: int, every: int) -> str:
    start = timeline.bins[index].start
    is_year_new = index == 0 or timeline.bins[index - every].start.year != start.year
    return start.isoformat() if is_year_new else start.strftime("%m-%d")


def _told(timeline: Timeline) -> str:
    total = sum(sum(b.exchanges) for b in timeline.bins)
    busiest = max(timeline.bins, key=lambda b: (sum(b.exchanges), b.start), default=None)
    if busiest is None:
        return "No exchange is recorded."
    return (
        f"{of(total, 'exchange')} from {timeline.bins[0].start} to {timeline.bins[-1].start}; the most, "
        f"{count(sum(busiest.exchanges))}, from {busiest.start}. The table below holds the figures."
    )
