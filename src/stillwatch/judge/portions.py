"""What signals measure of clusters, some clusters at a time: only the requests of those lie in memory a second time.

A cluster is measured by itself, whatever others there are (`stillwatch.testing` demands it), so that it does not matter
which are asked about together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.memory import give_back
from stillwatch.judge.case import RowsOf
from stillwatch.judge.gather import are_among
from stillwatch.judge.groups import member_exchange, only
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import Asks, measure
from stillwatch.weigh.holding import Integers

MOST_REQUESTS = 1 << 20
"""Requests of the clusters that are asked about together, where one alone has no more."""


class Tables(Asks, Protocol):
    """What is needed of an engine beyond answers: names for tables."""

    def read(self, name: str, table: pa.Table) -> None:
        """Give a table a name."""

    def forget(self, name: str) -> None:
        """Let go of what has that name."""


def measured(
    engine: Tables,
    exchange: pa.Table,
    member: pa.Table,
    signals: Sequence[Signal],
    *,
    rows_of: RowsOf,
    rows: Integers | None = None,
    **parameters: object,
) -> Mapping[str, pa.Table]:
    """What those signals measure of the clusters with these members, by all of their requests or those at `rows`."""
    mine = [s for s in signals if s.level == "cluster"]
    looking = [s for s in mine if "member_exchange" in s.query]
    found: dict[str, list[pa.Table]] = {s.name: [] for s in mine}
    engine.read("member", member)
    for signal, table in measure(engine, [s for s in mine if s not in looking], "cluster", **parameters):
        found[signal.name].append(table)
    for some in portions(member, rows_of):
        engine.read("member", some)
        near = rows_of(some["account"].to_numpy())
        near = near if rows is None else near[are_among(near, rows)]
        engine.read("member_exchange", member_exchange(exchange, some, [s.query for s in looking], near))
        for signal, table in measure(engine, looking, "cluster", **parameters):
            found[signal.name].append(table)
        engine.forget("member_exchange")
        give_back()
    return {name: pa.concat_tables(tables) for name, tables in found.items()}


def portions(member: pa.Table, rows_of: RowsOf, most: int = MOST_REQUESTS) -> Iterator[pa.Table]:
    """The members of clusters in their order, those of so many requests together; at least one table."""
    cluster, accounts = member["cluster"].to_numpy(), member["account"].to_numpy()
    requests = rows_of.starts[accounts + 1] - rows_of.starts[accounts]
    some: list[int] = []
    together = 0
    for number, made in enumerate(np.bincount(cluster, requests).tolist()):
        if some and together + made > most:
            yield only(member, some)
            some, together = [], 0
        some.append(number)
        together += made
    yield only(member, some)
