"""Requests of many groups of accounts, brought together in one pass through the columns where these lie in files.

A group's requests lie all over the log. Looked up group by group where pages come and go, each of them reads nearly all of
each column again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from stillwatch.judge.case import RowsOf, rows_of
from stillwatch.judge.gather import marked, rows_at
from stillwatch.weigh.holding import Integers

MOST_BROUGHT = 1 << 21
"""Requests that are brought together; a group with more is looked up where the columns lie."""


@dataclass(frozen=True, eq=False)
class Brought:
    """Exchanges with those of some groups among them, and their rows by account; `rows` says which of the log's they are, None if they are all."""

    exchange: pa.Table
    rows_of: RowsOf
    rows: Integers | None = None

    def here(self, rows: Integers) -> Integers:
        """Where these rows of the log stand."""
        return rows if self.rows is None else np.searchsorted(self.rows, rows)

    def there(self, rows: Integers) -> Integers:
        """Which rows of the log these are."""
        return rows if self.rows is None else self.rows[rows]


def brought(
    everything: Brought,
    groups: Sequence[Integers],
    *,
    in_files: bool,
    beside: Integers | None = None,
) -> Iterator[tuple[slice, Brought]]:
    """Runs of these groups of accounts, each with exchanges that hold theirs, and the rows `beside` them; all at once where columns lie in memory."""
    if not in_files:
        yield slice(0, len(groups)), everything
        return
    sizes = [everything.rows_of.count(group) for group in groups]
    for some in _runs(sizes, MOST_BROUGHT):
        if sum(sizes[some]) > MOST_BROUGHT:
            yield some, everything
            continue
        wanted = marked(everything.rows_of(np.concatenate(groups[some])), len(everything.exchange))
        if beside is not None:
            wanted[beside] = True
        yield some, _brought(everything, np.flatnonzero(wanted))


def _runs(sizes: Sequence[int], most: int) -> Iterator[slice]:
    """Runs of what has these sizes, each of no more than `most` together or of one alone."""
    first, together = 0, 0
    for at, size in enumerate(sizes):
        if first < at and together + size > most:
            yield slice(first, at)
            first, together = at, 0
        together += size
    if sizes:
        yield slice(first, len(sizes))


def _brought(everything: Brought, rows: Integers) -> Brought:
    """Column after column, each in one piece."""
    exchange = everything.exchange
    columns = [
        rows_at(exchange.select([name]), rows)[name].combine_chunks() for name in exchange.column_names
    ]
    table = pa.table(columns, schema=exchange.schema)
    return Brought(table, rows_of(table["account"].to_numpy(), len(everything.rows_of.starts) - 1), rows)
