"""One pass over the log: what every column lacks, and a sample of exchanges that nobody is accused of.

The sample holds the exchanges whose ids have the smallest keys (a bottom-k sample; Cohen and Kaplan, 2007), so
that it is the same in whatever order the rows come. It stays in memory; nothing of it is written anywhere but
into planted copies, which are removed after their scan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.text import string_keys
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.layout import Input
from stillwatch.sources.rejected import Reject

SAMPLED = 30_000
LONGEST = 20_000
"""Characters of prompt, system prompt and answer together above which an exchange is not sampled."""
PLANTED = "planted-"
TEXTS = ("prompt", "system_prompt", "response")

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Sample:
    """What one pass over the log has shown.

    `innocent` has all columns of the contract and is sorted by key; `nulls` counts rows by column;
    `longest_planted_id` is the length of the longest exchange id that looks like one of ours, 0 if none does.
    """

    rows: int
    nulls: Mapping[str, int]
    account_ids: frozenset[str]
    innocent: pa.Table
    longest_planted_id: int


def sample(log: Input, accused: pa.Array, most: int = SAMPLED) -> Sample:
    """Read the log once; exchanges of accused accounts are counted and not sampled."""
    smallest, nulls, rows, longest = _Smallest(most), Counter[str](), 0, 0
    account_ids: set[str] = set()
    with Reject() as reject:
        for batch in log.exchanges(reject):
            rows += batch.num_rows
            nulls.update({name: batch.column(name).null_count for name in batch.schema.names})
            account_ids.update(pc.unique(batch.column("account_id")).to_pylist())
            longest = max(longest, _longest_planted(batch.column("exchange_id")))
            smallest.add(batch, accused)
    return Sample(rows, nulls, frozenset(account_ids), smallest.finish(), longest)


def _longest_planted(ids: pa.Array) -> int:
    ours = ids.filter(pc.starts_with(ids, PLANTED))
    return int(pc.max(pc.utf8_length(ours)).as_py() or 0)


@dataclass
class _Smallest:
    """The rows with the smallest keys so far, and the key above which a row can no longer be among them."""

    most: int
    parts: list[pa.Table] = field(default_factory=list)
    keys: list[Keys] = field(default_factory=list)
    bar: np.uint64 = field(default_factory=lambda: np.uint64(2**64 - 1))

    def add(self, batch: pa.RecordBatch, accused: pa.Array) -> None:
        keys = string_keys(batch.column("exchange_id"))
        near = np.flatnonzero(keys < self.bar)
        rows = _plain(batch.take(pa.array(near)))
        fit = pc.and_(pc.invert(pc.is_in(rows["account_id"], value_set=accused)), _is_short(rows))
        self.parts.append(rows.filter(fit))
        self.keys.append(keys[near][fit.to_numpy()])
        if sum(map(len, self.keys)) > 2 * self.most:
            self._shrink()

    def finish(self) -> pa.Table:
        self._shrink()
        return self.parts[0] if self.parts else EXCHANGE.arrow.empty_table()

    def _shrink(self) -> None:
        if not self.parts:
            return
        keys = np.concatenate(self.keys)
        order = np.argsort(keys, kind="stable")[: self.most]
        self.parts = [pa.concat_tables(self.parts).take(pa.array(order)).combine_chunks()]
        self.keys = [keys[order]]
        if len(order) == self.most:
            self.bar = keys[order[-1]]


def _plain(batch: pa.RecordBatch) -> pa.Table:
    """The rows with all columns of the contract and no encoded texts."""
    have = set(batch.schema.names)
    columns = [
        batch.column(c.name).cast(c.type) if c.name in have else pa.nulls(batch.num_rows, c.type)
        for c in EXCHANGE.columns
    ]
    return pa.Table.from_arrays(columns, schema=EXCHANGE.arrow)


def _is_short(rows: pa.Table) -> pa.ChunkedArray:
    lengths = [pc.fill_null(pc.binary_length(rows[name]), 0) for name in TEXTS]
    return pc.less_equal(pc.add(pc.add(lengths[0], lengths[1]), lengths[2]), LONGEST)
