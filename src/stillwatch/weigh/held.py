"""Who holds the traits of all trait signals: counted where their column lies here, or else made of an engine's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from queue import SimpleQueue

import pyarrow as pa

from stillwatch.engine.batches import in_order
from stillwatch.engine.crew import Crew
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import Asks, columns_counted, measure
from stillwatch.weigh.counted import Turned, counted, party_by_party
from stillwatch.weigh.holding import Holding, Holdings, Integers, holding

MOST_AT_ONCE = 2
"""Columns counted at once: each takes room for three."""
MOST_THREADS = 4
"""Each that links has space of its own, as long as all traits are many, and more of them wait for each other."""


def held(
    signals: Sequence[Signal],
    principal: Integers,
    exchange: pa.Table | None,
    engine: Asks,
    *,
    threads: int,
    counted_at_once: int = 1,
) -> Holdings:
    """The holdings of those of these signals that are of traits, in their order; none of one in which nobody shares a trait.

    `exchange` is the keyed exchange table, None where it lies elsewhere. So many `threads` may weigh and link, and so many
    columns are counted at once, up to `MOST_AT_ONCE`.
    """
    signals = [s for s in signals if s.level == "trait"]
    columns = {} if exchange is None else columns_counted(signals)
    found = {}
    if exchange is not None and columns:
        mine = [s for s in signals if s.name in columns]
        for one in _counted(mine, columns, exchange, principal, min(counted_at_once, MOST_AT_ONCE)):
            found[one.signal] = one
    for s, table in measure(engine, [s for s in signals if s.name not in columns], "trait"):
        found[s.name] = holding(table, principal, signal=s.name, family=s.family)
    holdings = Holdings.side_by_side(found[s.name] for s in signals if len(found[s.name].keys))
    holdings.crew = Crew(min(threads, MOST_THREADS))
    return holdings


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
