"""What a source is: a log format that can be recognised, read as a contract table, and written.

A source is one file in this room that binds the name `SOURCE`. It reads one file at a time and hands
over chunks: rows with contract columns in contract types (a repeated text may be encoded), and beside
them the rows that could not be turned into such, each with its line and reason. It does not judge
values: ranges, missing ids, bytes that are no UTF-8 and duplicates are checked once, for all formats,
in `check` and `duplicates`.

A row that breaks the contract is rejected and counted. A file that breaks off is read as far as it
goes, and its last chunk says so in `failure`. A file that cannot be read at all raises
`PartialInputError` when it is opened; a file whose columns have impossible types raises `SchemaError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.model.tables import TableSchema

ROWS = 65_536
"""Rows of a full chunk."""

BYTES = 64 * 1024 * 1024
"""About how much raw text a chunk may hold, however few rows that is."""


@dataclass(frozen=True)
class Rejected:
    """A row that broke the contract: its line, counted from 1, why, and the row as far as it can be shown."""

    line: int
    reason: str
    row: object


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, in file order.

    `lines` holds the line of every row of the batch; `show` gives the raw row of one of them, for
    `rejected.jsonl`. `unknown` counts the rows that carried a column outside the contract, `excluded` by
    reason what is no exchange of a customer's. `failure` says why nothing, or not everything, could be read
    after this chunk.
    """

    batch: pa.RecordBatch
    lines: NDArray[np.int64]
    show: Callable[[int], object]
    rejected: tuple[Rejected, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True)
class Reading:
    """An opened file: the contract columns its chunks have, and the chunks.

    `rows` is how many rows the file says it has, None if only reading can tell; `notes` say how
    something was understood that could be understood otherwise.
    """

    columns: tuple[str, ...]
    chunks: Callable[[], Iterator[Chunk]]
    rows: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A log format's declaration.

    `suffixes` are file name endings without compression; `sniff` recognises the first bytes of a file
    that has none of them, after decompression. `read` opens a file as one table of the contract;
    `write` writes batches with contract columns. `compressed` says that `.gz`, `.zst` and `.bz2` may follow
    the suffix. `carries` are the columns of the exchange table that the log of another program can hold, its
    only table; None says that every table is held in full.
    """

    name: str
    suffixes: tuple[str, ...]
    description: str
    sniff: Callable[[bytes], bool]
    read: Callable[[Path, TableSchema], Reading]
    write: Callable[[Iterable[pa.RecordBatch], Path], None]
    compressed: bool = False
    carries: frozenset[str] | None = None


def empty_chunk(
    table: TableSchema, columns: tuple[str, ...], *, rejected: tuple[Rejected, ...] = (), failure: str = ""
) -> Chunk:
    """A chunk without good rows, to say what was rejected or why reading stopped."""
    schema = pa.schema([pa.field(name, table[name].type) for name in columns])
    batch = pa.RecordBatch.from_pylist([], schema=schema)
    return Chunk(batch, np.empty(0, dtype=np.int64), lambda _row: None, rejected=rejected, failure=failure)
