"""What happened on a campaign's time axis, in sentences: beginnings, moves to new models, blocks, and what came after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stillwatch.model.attributed import Attributed
from stillwatch.model.dossier import Bin, Release, Timeline
from stillwatch.model.pack import Block, FromLog
from stillwatch.report.shown import shown
from stillwatch.report.wording import count, of, percent

BURST = 0.2
MOVED = 0.1
MOST_TIMES = 10.0
OF_MEMBERS = "exchanges of the members, whether they belong or not,"
AROUND_DAYS = 3


@dataclass(frozen=True)
class Event:
    """Something that happened, and on which day."""

    day: dt.date
    kind: str
    text: str


@dataclass(frozen=True)
class Elsewhere:
    """A release of an actor's own, fit to be shown: nobody's log holds it, and it proves no link."""

    day: dt.date
    name: str
    text: str


def elsewhere(told: Attributed | None) -> tuple[Elsewhere, ...]:
    """The calendar of the actors that were compared."""
    return tuple(
        Elsewhere(
            r.day,
            shown(f"{r.actor}: {r.product}", 60),
            f"{shown(r.product, 60)} of {shown(r.actor, 60)} came out, by {shown(r.source, 60)} ({shown(r.code, 4)}).",
        )
        for r in (told.calendar if told else ())
    )


def with_layers(timeline: Timeline, log: FromLog | None, beside: Sequence[Elsewhere] = ()) -> Timeline:
    """The time axis with releases and blocks laid over it, and releases of others as a layer of their own."""
    if not timeline.bins:
        return timeline
    start, end = timeline.bins[0].start, _end(timeline)
    others = tuple(Release(r.name, r.day) for r in beside if start <= r.day <= end)
    timeline = replace(timeline, elsewhere=others)
    if log is None:
        return timeline
    blocked: dict[int, int] = {}
    for block in log.blocks:
        if start <= block.day <= end:
            place = (block.day - start).days // timeline.days_a_bin
            blocked[place] = blocked.get(place, 0) + block.accounts
    bins = tuple(replace(b, blocks=blocked.get(i, 0)) for i, b in enumerate(timeline.bins))
    return replace(timeline, bins=bins, releases=tuple(r for r in log.releases if start <= r.day <= end))


def events(timeline: Timeline, log: FromLog | None, beside: Sequence[Elsewhere] = ()) -> tuple[Event, ...]:
    """All that is told of the axis, in order of time; releases of others that lie near it too."""
    found = [*_births(timeline), *_releases(timeline), *_blocks(timeline, log.blocks if log else ())]
    found += [Event(r.day, "elsewhere", r.text) for r in beside]
    return tuple(sorted(found, key=lambda e: (e.day, e.kind, e.text)))


def _births(timeline: Timeline) -> Iterator[Event]:
    total = sum(b.births for b in timeline.bins) + timeline.born_before
    for this in timeline.bins:
        if total and this.births >= max(3, BURST * total):
            yield Event(
                this.start,
                "births",
                f"{of(this.births, 'account')} of {count(total)} signed up{_span(timeline)}.",
            )
    active = [b for b in timeline.bins if sum(b.exchanges)]
    if active:
        yield Event(active[0].start, "begin", "The first of its members' exchanges that the log holds.")
        most = max(sum(b.exchanges) for b in active)
        busiest = [b for b in active if sum(b.exchanges) == most]
        if len(busiest) == 1:
            yield Event(busiest[0].start, "peak", f"The most {OF_MEMBERS}{_span(timeline)}: {count(most)}.")


def _releases(timeline: Timeline) -> Iterator[Event]:
    for release in timeline.releases:
        text = f"{release.model} was released."
        if release.model in timeline.models:
            text = f"{text} {_moved(timeline, release)}"
        yield Event(release.day, "release", text)


def _moved(timeline: Timeline, release: Release) -> str:
    """How much of the traffic was on the model in the days after its release."""
    at = timeline.models.index(release.model)
    after = _between(timeline.bins, release.day, release.day + dt.timedelta(days=AROUND_DAYS))
    total = sum(sum(b.exchanges) for b in after)
    share = sum(b.exchanges[at] for b in after) / total if total else 0.0
    if not total:
        return "Nothing was asked of any model in the days after it."
    verb = "moved to it" if share >= MOVED else "went to it"
    return f"Within {AROUND_DAYS} days {percent(share)} of the members' exchanges {verb}."


def _blocks(timeline: Timeline, blocks: Sequence[Block]) -> Iterator[Event]:
    if not blocks or not timeline.bins:
        return
    total, most = sum(b.accounts for b in blocks), max(b.accounts for b in blocks)
    largest, *ties = [b for b in blocks if b.accounts == most]
    if ties:
        return
    yield Event(
        largest.day,
        "block",
        f"The most blocks on a day: {of(largest.accounts, 'account')} of {count(total)} in all. {_after(timeline, largest.day)}",
    )


def _after(timeline: Timeline, day: dt.date) -> str:
    """Whether the volume outlived a block: what is conserved was displaced."""
    before = _daily(timeline, day - dt.timedelta(days=AROUND_DAYS), day)
    after = _daily(timeline, day + dt.timedelta(days=1), day + dt.timedelta(days=1 + AROUND_DAYS))
    if before is None or after is None:
        return "What came after cannot be compared: the log ends, or there are too few days."
    share = after / before if before else 0.0
    return (
        f"{AROUND_DAYS} days before it there were {count(before)} {OF_MEMBERS} a day, {AROUND_DAYS} days after it {count(after)}: "
        f"{_went_on(share)}."
    )


def _went_on(share: float) -> str:
    """A share of more than all is no share."""
    if share > MOST_TIMES:
        return f"more than {MOST_TIMES:g} times as many"
    return f"{share:.1f} times as many" if share > 1 else f"{percent(share)} of the members' volume went on"


def _daily(timeline: Timeline, start: dt.date, end: dt.date) -> float | None:
    if (
        start < timeline.bins[0].start
        or end > _end(timeline) + dt.timedelta(days=1)
        or timeline.days_a_bin > 1
    ):
        return None
    return sum(sum(b.exchanges) for b in _between(timeline.bins, start, end)) / (end - start).days


def _between(bins: Sequence[Bin], start: dt.date, end: dt.date) -> list[Bin]:
    return [b for b in bins if start <= b.start < end]


def _end(timeline: Timeline) -> dt.date:
    return timeline.bins[-1].start + dt.timedelta(days=timeline.days_a_bin - 1)


def _span(timeline: Timeline) -> str:
    return " on one day" if timeline.days_a_bin == 1 else f" within {timeline.days_a_bin} days"


EVENT_WORD: Mapping[str, str] = {
    "begin": "begins",
    "births": "births",
    "block": "block",
    "elsewhere": "release of another's",
    "peak": "peak",
    "release": "release",
}
