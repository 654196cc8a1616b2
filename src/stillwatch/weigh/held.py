"""Who holds the traits of all trait signals: counted where their column lies here, or else made of an engine's answers."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from stillwatch.engine.crew import Crew
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import Asks, columns_counted, measure
from stillwatch.weigh.counted import counted, party_by_party
from stillwatch.weigh.holding import Holdings, Integers, holding

MOST_THREADS = 4
"""Each has space of its own, as long as all traits are many, and more of them wait for each other."""


def held(
    signals: Sequence[Signal], principal: Integers, exchange: pa.Table | None, engine: Asks, *, threads: int
) -> Holdings:
    """The holdings of those of these signals that are of traits, in their order; none of one in which nobody shares a trait.

    `exchange` is the keyed exchange table, None where it lies elsewhere. So many `threads` may weigh and link them.
    """
    signals = [s for s in signals if s.level == "trait"]
    columns = {} if exchange is None else columns_counted(signals)
    found = {}
    if exchange is not None and columns:
        rows = party_by_party(exchange["account"].to_numpy(), principal)
        for s in signals:
            if s.name in columns:
                found[s.name] = counted(exchange[columns[s.name]], rows, signal=s.name, family=s.family)
        del rows
    for s, table in measure(engine, [s for s in signals if s.name not in columns], "trait"):
        found[s.name] = holding(table, principal, signal=s.name, family=s.family)
    holdings = Holdings.side_by_side(found[s.name] for s in signals if len(found[s.name].keys))
    holdings.crew = Crew(min(threads, MOST_THREADS))
    return holdings
