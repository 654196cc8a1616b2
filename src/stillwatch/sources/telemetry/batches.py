"""The short way of batches of spans in OTLP JSON: the spans that are calls as columns, all others counted.

What `telemetry.calls` and `telemetry.columns` say of one span after the other is said here of all spans of many batches. A
batch is odd as a whole. Odd are batches of events, of spans with numbered names or with messages as events, and of the scopes
that are told twice (`telemetry.twice`): from the first line on that may be of such a scope, all lines are odd.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.lanes.columns import Columns
from stillwatch.sources.lanes.lane import Lane, Told
from stillwatch.sources.lines import Lines
from stillwatch.sources.telemetry.aliases import aliases
from stillwatch.sources.telemetry.call_columns import columns_of
from stillwatch.sources.telemetry.held_spans import SHAPE, Spans

_ESCAPED_SIGN = re.compile(rb"\\u00(?:2[d-fD-F]|3[0-9aA]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])")
"""A sign of a name that is escaped, which no program does."""


class Batches(Lane):
    """The lane of batches of spans."""

    def __init__(self) -> None:
        """That of every file alike."""
        super().__init__(SHAPE, lambda _: {})

    def columns(self, lines: Sequence[Any]) -> tuple[Columns, list[int]]:
        """The columns of the calls in batches that are as most are, and the places of the others."""
        told = self.told(lines)
        return told.columns, told.odd

    def told(self, lines: Sequence[Any]) -> Told:
        """The calls in batches that are as most are, and what in these is no call."""
        some = lines if isinstance(lines, Lines) else Lines.of(lines)
        found, are_regular = self._walked(some)
        places = np.flatnonzero(are_regular)
        spans = Spans.of(found)
        columns = columns_of(spans)
        are_regular[places[found.is_odd]] = False
        are_regular[_first_quiet(some, np.flatnonzero(~are_regular)) :] = False
        owners = places[spans.owners]
        are_kept = are_regular[owners]
        rows = are_kept[spans.chosen]
        if not rows.all():
            kept = pa.array(np.flatnonzero(rows))
            columns = {name: values.take(kept) for name, values in columns.items()}
        excluded = Counter({why: int((are & are_kept).sum()) for why, are in spans.excluded.items()})
        odd = np.flatnonzero(~are_regular).tolist()
        return Told(columns, owners[spans.chosen][rows], odd, +excluded)


def _first_quiet(some: Lines, odd: NDArray[np.int64]) -> int:
    """The first of some lines that may hold spans that are told twice; the number of all lines if none does."""
    for place in odd.tolist():
        line = some[place]
        if any(name in line for name in _quiet()) or _ESCAPED_SIGN.search(line):
            return int(place)
    return len(some)


@cache
def _quiet() -> tuple[bytes, ...]:
    """The quiet scopes, as they stand in lines."""
    return tuple(name.encode() for name in aliases().quiet)
