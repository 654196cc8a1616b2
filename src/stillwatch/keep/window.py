"""Which days of a log are scanned: so many whole days (UTC) up to one that is named, or that of the latest exchange."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow.compute as pc

from stillwatch.errors import UsageError
from stillwatch.fingerprint.assemble import Passed
from stillwatch.fingerprint.door import DAY
from stillwatch.keep.partial import Span

OUTSIDE = "outside the days asked for"
"""The reason under which exchanges are excluded."""
_MOST_DAYS = 366_000


@dataclass(frozen=True)
class Window:
    """The days asked for."""

    days: int
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse a window that holds no day."""
        if not 1 <= self.days <= _MOST_DAYS:
            raise UsageError(
                f"The last {self.days} days of the log were asked for. Name a number from 1 on, such as 28."
            )

    def bounds(self, spans: Iterable[Span | None]) -> Bounds:
        """The days of a log whose files have these times."""
        if self.until is not None:
            day = (self.until - date(1970, 1, 1)) // timedelta(days=1)
        else:
            day = max((span.last // DAY for span in spans if span is not None), default=0)
        return Bounds((day + 1 - self.days) * DAY, (day + 1) * DAY)


@dataclass(frozen=True)
class Bounds:
    """From a time on, and up to another one, in microseconds."""

    start: int
    end: int

    def hold_some(self, span: Span | None) -> bool:
        """Whether rows with these times may lie within; so do those of a file that has none, for its rejected rows."""
        return span is None or (span.first < self.end and span.last >= self.start)

    def within(self, passed: Passed) -> tuple[Passed, int]:
        """The rows that lie within, and how many do not."""
        times = passed.keyed.column("ts")
        mask = pc.and_(pc.greater_equal(times, self.start), pc.less(times, self.end))
        inside = int(pc.sum(mask).as_py() or 0)
        if inside == len(times):
            return passed, 0
        codes = passed.codes if passed.codes is None else passed.codes[np.asarray(mask)]
        contract = passed.contract if passed.contract is None else passed.contract.filter(mask)
        return Passed(passed.keyed.filter(mask), passed.names, codes, contract=contract), len(times) - inside

    def __str__(self) -> str:
        """The first and the last day."""
        first, last = (
            datetime.fromtimestamp(at // 1_000_000, UTC).date() for at in (self.start, self.end - DAY)
        )
        return f"{first} to {last} (UTC)"


def asked(days: int | None, until: str | date | None) -> Window | None:
    """The window that was asked for, if any."""
    if days is None:
        if until is not None:
            raise UsageError(
                f"The log up to {until} was asked for, and not how much of it. Say how many days, such as 28."
            )
        return None
    return Window(days, _day(until) if isinstance(until, str) else until)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day. Write it like 2026-11-28.") from error
