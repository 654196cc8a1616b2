"""What signals measure of clusters, some clusters at a time: only the requests of those lie in memory a second time.

A cluster is measured by itself, whatever others there are (`stillwatch.testing` demands it), so that it does not matter
which are asked about together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.memory import give_back
from stillwatch.judge.by_account import TALLIED
from stillwatch.judge.case import RowsOf
from stillwatch.judge.counted import COUNTED
from stillwatch.judge.gather import marked
from stillwatch.judge.groups import member_exchange, only
from stillwatch.judge.narrowed import NARROWED, narrowed
from stillwatch.judge.requests import Requests
from stillwatch.judge.shares import SHARES
from stillwatch.judge.wordings import WORDINGS
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import Asks, measure
from stillwatch.weigh.holding import Integers

T = TypeVar("T")
R = TypeVar("R")

MOST_REQUESTS, MOST_IN_ALL = 1 << 20, 1 << 21
"""Requests of the clusters that are asked about together, and of all that are asked about at a time, where one alone has no more."""

HERE = {**COUNTED, **SHARES, **TALLIED, **WORDINGS}
"""By query, what counts its answer here."""

EVERYBODY, WIDER = re.compile(r"\bexchange\b"), 8
"""A query that reads everybody's requests does so for each portion, and names few columns: it is asked for so many times as much."""


class Tables(Asks, Protocol):
    """What is needed to ask about some clusters: answers, and names for tables."""

    def read(self, name: str, table: pa.Table) -> None:
        """Give a table a name."""

    def forget(self, name: str) -> None:
        """Let go of what has that name."""


class Engine(Protocol):
    """What is needed to ask about a few portions of clusters at once."""

    def side_by_side(
        self, items: Sequence[T], function: Callable[[Any, T], R], *, at_once: int
    ) -> Iterator[R]:
        """`function` of something to ask by and each item, so many at once, in the items' order."""


def measured(
    engine: Engine,
    exchange: pa.Table,
    member: pa.Table,
    signals: Sequence[Signal],
    *,
    rows_of: RowsOf,
    rows: Integers | None = None,
    at_once: int = 1,
    **parameters: object,
) -> Mapping[str, pa.Table]:
    """What those signals measure of the clusters with these members, by all of their requests or those at `rows`; `at_once` says of how many portions side by side."""
    mine = [s for s in signals if s.level == "cluster"]
    found: dict[str, list[pa.Table]] = {s.name: [] for s in mine}
    chosen = None if rows is None else marked(rows, len(exchange))

    def look(tables: Tables, asked_of: tuple[pa.Table, list[Signal]]) -> Mapping[str, pa.Table]:
        some, asking = asked_of
        tables.read("member", some)
        if not any(map(_looks, asking)):
            return {s.name: answer for s, answer in measure(tables, asking, "cluster", **parameters)}
        near = rows_of(some["account"].to_numpy())
        near = near if chosen is None else near[chosen[near]]
        asked = Requests(member_exchange(exchange, some, [s.query for s in asking], near), parameters)
        tables.read("member_exchange", asked.table)
        answers = dict(_looked(tables, asking, asked, some))
        tables.forget("member_exchange")
        del asked
        give_back()
        return answers

    for answers in engine.side_by_side(
        list(_asked_of(member, mine, rows_of, at_once)), look, at_once=at_once
    ):
        for name, answer in answers.items():
            found[name].append(answer)
    return {name: pa.concat_tables(tables) for name, tables in found.items()}


def _looks(signal: Signal) -> bool:
    """Whether its query looks at requests of members, and not at accounts alone."""
    return "member_exchange" in signal.query


def _asked_of(
    member: pa.Table, signals: Sequence[Signal], rows_of: RowsOf, at_once: int
) -> Iterator[tuple[pa.Table, list[Signal]]]:
    """Members with the signals that are asked about them together: more at once where a query goes through the whole log as well, by itself."""
    through_all = [s for s in signals if EVERYBODY.search(s.query)]
    others = [s for s in signals if s not in through_all]
    for s in through_all:
        for some in portions(member, rows_of, MOST_REQUESTS * WIDER) if _looks(s) else [member]:
            yield some, [s]
    for some in portions(member, rows_of, min(MOST_REQUESTS, MOST_IN_ALL // at_once)) if others else ():
        yield some, others


def _looked(
    engine: Tables,
    signals: Sequence[Signal],
    asked: Requests,
    member: pa.Table,
) -> Iterator[tuple[str, pa.Table]]:
    """What each of these signals, by its name, measures of the clusters at hand."""
    here = HERE.keys() | NARROWED.keys()
    others = [s for s in signals if s.query not in here]
    for signal, table in measure(engine, others, "cluster", **asked.parameters):
        yield signal.name, table
    for signal in signals:
        if signal.query in HERE:
            yield signal.name, HERE[signal.query](asked, member)
        elif signal.query in NARROWED:
            engine.read("member_exchange", narrowed(asked, signal.query))
            ((_, few),) = measure(engine, [signal], "cluster", **asked.parameters)
            yield signal.name, NARROWED[signal.query].answer(asked, few)


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
