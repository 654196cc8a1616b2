"""Volume by day and model, below it the births and blocks of accounts, and over it releases of models, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from stillwatch.model.dossier import Bin, Release, Timeline
from stillwatch.report.svg import WIDTH, box, cut, element, joined, line, picture, text, ticks
from stillwatch.report.wording import count, of

LEFT, RIGHT, TOP = 52, 8, 30
VOLUME_HEIGHT, GAP, BIRTH_HEIGHT, FOOT = 170, 46, 52, 26
LABELS = 8
LANE, MOST_LANES, RELEASE_LABEL = 15, 4, 132.0


def draw(timeline: Timeline, key: str) -> Markup:
    """The drawing of one campaign's timeline."""
    volume_scale = ticks(0, max((sum(b.exchanges) for b in timeline.bins), default=0) or 1, 4)
    birth_scale = ticks(0, max((b.births for b in timeline.bins), default=0) or 1, 2)
    lanes = _lanes(timeline)
    body = joined(
        [
            _grid(volume_scale, TOP, VOLUME_HEIGHT),
            _grid(birth_scale, _birth_top(), BIRTH_HEIGHT),
            text(0, TOP - 14, "exchanges", "t-muted"),
            text(0, _birth_top() - 14, "accounts signed up", "t-muted"),
            *(_bin(timeline, i, volume_scale[-1], birth_scale[-1]) for i in range(len(timeline.bins))),
            *_blocks(timeline),
            *_dates(timeline, _foot(timeline)),
            *(_release(placed, _foot(timeline)) for placed in lanes),
        ]
    )
    above = (max(placed.lane for placed in lanes) + 1) * LANE if lanes else 0
    return picture(
        body,
        key=key,
        height=_foot(timeline) + FOOT,
        above=above,
        title="Timeline",
        description=_told(timeline),
    )


def _birth_top() -> float:
    return TOP + VOLUME_HEIGHT + GAP


def _block_top() -> float:
    return _birth_top() + BIRTH_HEIGHT + GAP


def _foot(timeline: Timeline) -> float:
    """Where the axis of dates lies: below the blocks, if any were made."""
    return (_block_top() if any(b.blocks for b in timeline.bins) else _birth_top()) + BIRTH_HEIGHT


class Placed(NamedTuple):
    """A release on the axis: where, in which lane above it, and in which style."""

    release: Release
    x: float
    lane: int
    style: str


def _lanes(timeline: Timeline) -> list[Placed]:
    """Where each release stands, and in which lane its name does not cover another's; those that do not fit have no name."""
    free = [-RELEASE_LABEL] * MOST_LANES
    placed = []
    layers = (("release", timeline.releases), ("elsewhere", timeline.elsewhere))
    given = [(release, style) for style, releases in layers for release in releases]
    for release, style in sorted(given, key=lambda g: (g[0].day, g[1] != "release")):
        days = (release.day - timeline.bins[0].start).days if timeline.bins else -1
        x = LEFT + (days / timeline.days_a_bin) * _step(timeline) if timeline.bins else 0.0
        begins = x - RELEASE_LABEL if _is_right(x) else x
        lane = next((i for i, end in enumerate(free) if begins >= end), None)
        if timeline.bins and 0 <= days < len(timeline.bins) * timeline.days_a_bin and lane is not None:
            free[lane] = begins + RELEASE_LABEL
            placed.append(Placed(release, x, lane, style))
    return placed


def _is_right(x: float) -> bool:
    """Whether a name has room on the left of its line only."""
    return x > WIDTH - RELEASE_LABEL


def _release(placed: Placed, foot: float) -> Markup:
    release, x, lane, style = placed
    y = -(lane + 1) * LANE + 11
    is_right = _is_right(x)
    label = text(
        x - 4 if is_right else x + 4, y, cut(release.model, 20), f"t-{style}", "end" if is_right else "start"
    )
    told = element("title", f"{release.model} was released on {release.day.isoformat()}")
    return element("g", told + line((x, y - 9), (x, foot), style) + label)


def _blocks(timeline: Timeline) -> list[Markup]:
    most = max((b.blocks for b in timeline.bins), default=0)
    if not most:
        return []
    scale, step = ticks(0, most, 2), _step(timeline)
    parts = [
        _grid(scale, _block_top(), BIRTH_HEIGHT),
        text(0, _block_top() - 14, "accounts blocked", "t-muted"),
    ]
    for i, this in enumerate(timeline.bins):
        if this.blocks:
            height = BIRTH_HEIGHT * this.blocks / scale[-1]
            top = _block_top() + BIRTH_HEIGHT - height
            told = element("title", f"{this.start.isoformat()}, {of(this.blocks, 'account')} blocked")
            parts.append(
                element("g", told + box(LEFT + i * step + step * 0.1, top, step * 0.8, height, "blocks"))
            )
    return parts


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


def _dates(timeline: Timeline, foot: float) -> list[Markup]:
    every = max(-(-len(timeline.bins) // LABELS), 1)
    y, step = foot + 17, _step(timeline) if timeline.bins else 0
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
