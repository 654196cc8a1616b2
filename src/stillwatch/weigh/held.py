"""Who holds the traits of all trait signals: counted where their column lies here, or else made of an engine's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from queue import SimpleQueue

import pyarrow as pa

from stillwatch.engine.batches import in_order
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import columns_counted
from stillwatch.weigh.counted import Turned, counted, party_by_party
from stillwatch.weigh.holding import Holding, Holdings, Integers, holding

Ask = Callable[[Sequence[Signal]], Iterable[tuple[Signal, pa.Table]]]
"""Each of some signals with its measurement."""
MOST_AT_ONCE = 2
"""Columns counted at once: each takes room for three."""


def held(
    signals: Sequence[Signal],
    principal: Integers,
    exchange: pa.Table | None,
    ask: Ask,
    *,
    threads: int = 1,
) -> Holdings:
    """The holdings of those of these signals that are of traits, in their order; none of one in which nobody shares a trait.

    `exchange` is the keyed exchange table, None where it lies elsewhere.
    """
    signals = [s for s in signals if s.level == "trait"]
    columns = {} if exchange is None else columns_counted(signals)
    found = {}
    if exchange is not None and columns:
        mine = [s for s in signals if s.name in columns]
        for one in _counted(mine, columns, exchange, principal, min(threads, MOST_AT_ONCE)):
            found[one.signal] = one
    for s, table in ask([s for s in signals if s.name not in columns]):
        found[s.name] = holding(table, principal, signal=s.name, family=s.family)
    return Holdings.side_by_side(found[s.name] for s in signals if len(found[s.name].keys))


def _counted(
    signals: Sequence[Signal],
    columns: Mapping[str, str],
    exchange: pa.Table,
    principal: Integers,
    threads: int,
) -> Iterator[Holding]:
    """The holdings of signals that count a column each, a few columns at once, each in room of its own."""
    rows = party_by_party(exchange["account"].to_numpy(), principal)
    idle: SimpleQueue[Turned] = SimpleQueue()
    for _ in range(threads):
        idle.put(replace(rows))

    def count(s: Signal) -> Holding:
        room = idle.get()
        try:
            return counted(exchange[columns[s.name]], room, signal=s.name, family=s.family)
        finally:
            idle.put(room)

    return in_order(signals, count, threads=threads)
