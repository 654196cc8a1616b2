"""Records of which several make one exchange, and of which a lane takes those that are complete by themselves.

A lane knows nothing of other lines. So it may take a line only if no other line that waits, or that is left to the full
reading, is of the same exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from stillwatch.sources.lanes.lane import Told
from stillwatch.sources.nested.envelope import NoExchangeError, Record
from stillwatch.sources.nested.values import from_json

Others = Callable[[Iterable[Record]], Container[str] | None]
"""The ids that wait and those of some records; None if there is room for no more."""

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, NoExchangeError)


def kept_apart(
    told: Told,
    some: Sequence[Any],
    others: Others,
    unpacked: Callable[[object], Iterator[Record]],
) -> Told:
    """What a lane told of some lines, without those of which another record is of the same exchange; and the places of the others."""
    odd, columns = told.odd, told.columns
    if len(odd) == len(some):
        return told
    ids = others(_records([some[place] for place in odd], unpacked))
    if ids is None:
        return Told({}, np.zeros(0, np.int64), list(range(len(some))))
    are_shared = np.array([one in ids for one in columns["exchange_id"].to_pylist()], np.bool_)
    if not are_shared.any():
        return told
    kept = pa.array(np.flatnonzero(~are_shared))
    more = told.places[are_shared].tolist()
    columns = {name: values.take(kept) for name, values in columns.items()}
    return Told(columns, told.places[~are_shared], sorted([*odd, *more]))


def _records(lines: Sequence[Any], unpacked: Callable[[object], Iterator[Record]]) -> Iterator[Record]:
    """The records in some lines, as far as they can be read."""
    for line in lines:
        if isinstance(line, bytes):
            with suppress(*_FAULTS):
                yield from unpacked(from_json(line))
