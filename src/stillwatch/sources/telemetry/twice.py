"""Calls that a client's own library tells without words, and an instrumentation around it with them, in records of their own.

Where one record holds both, the relation of spans tells (`telemetry.calls`); here it is looked for across a few records,
for the outer span ends, and is written, right after the inner one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from stillwatch.sources.nested.envelope import Excluded, Row
from stillwatch.sources.telemetry.aliases import aliases
from stillwatch.sources.telemetry.calls import TWICE
from stillwatch.sources.telemetry.spans import Span

MOST_WAITING = 64
"""Calls without words that wait for one with them; the oldest is told when there are more."""


class Twice:
    """The calls of one file that wait for another that is the same."""

    def __init__(self) -> None:
        """None yet."""
        self._waiting: OrderedDict[tuple[str, str], tuple[Span, Row]] = OrderedDict()

    def each_once(self, calls: Iterable[tuple[Span, Row] | Excluded]) -> Iterator[Row | Excluded]:
        """The calls, without those that another tells with its words."""
        for one in calls:
            if isinstance(one, Excluded):
                yield one
                continue
            span, row = one
            place = (span.trace, span.id)
            if span.scope in aliases().quiet and span.id and place not in self._waiting:
                self._waiting[place] = one
                if len(self._waiting) > MOST_WAITING:
                    yield self._waiting.popitem(last=False)[1][1]
                continue
            for place in [place for place, held in self._waiting.items() if _is_same(held, span, row)]:
                del self._waiting[place]
                yield TWICE
            yield row

    def waits(self) -> bool:
        """Whether any waits."""
        return bool(self._waiting)

    def rest(self) -> Iterator[Row]:
        """Those for which no other came."""
        yield from (row for _, row in self._waiting.values())
        self._waiting.clear()


def _is_same(held: tuple[Span, Row], span: Span, row: Row) -> bool:
    inner, told = held
    is_around = bool(inner.parent) and (inner.trace, inner.parent) == (span.trace, span.id)
    return is_around or (told.get("exchange_id") == row.get("exchange_id") is not None)
