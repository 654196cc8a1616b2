"""A file of records as one Arrow table: what edge logs and account exports have in common.

JSON lines, one JSON document, CSV and Parquet are told apart by their first bytes, packed or not. What is no row is
counted by its reason. A file that breaks off is read as far as it goes, and `failure` says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from stillwatch.errors import PartialInputError
from stillwatch.model.tables import TableSchema
from stillwatch.sources.nested.decoding import EnvelopeDecoder
from stillwatch.sources.nested.envelope import Envelope, Rows
from stillwatch.sources.nested.records import records_of

_TOGETHER = 65_536


@dataclass(frozen=True)
class Read:
    """The rows of a file, how many records were none by reason, and why reading stopped short, if it did."""

    table: pa.Table
    without: Counter[str] = field(default_factory=Counter)
    failure: str = ""


def read_rows(path: Path, table: TableSchema, rows: Rows, *, packed: tuple[str, ...] = ()) -> Read:
    """The rows of `table` that `rows` makes of the records of a file; lists under names in `packed` are opened."""
    envelope = Envelope(
        name=table.name,
        description="",
        looks_like=lambda _: True,
        record=lambda row: row,
        carries=frozenset(),
        rows=rows,
        packed=packed,
    )
    without: Counter[str] = Counter()
    parts: list[pa.Table] = []
    failure = ""
    try:
        for part in _parts(path, table, envelope, without):
            parts.append(part)  # noqa: PERF402 - what came before a break is kept
    except (PartialInputError, OSError, pa.ArrowInvalid) as error:
        failure = f"{path.name}: {error}"
    return Read(_joined(parts, table), without, failure)


def _parts(path: Path, table: TableSchema, envelope: Envelope, without: Counter[str]) -> Iterator[pa.Table]:
    """Tables of many rows; what broke off comes before the error that says so."""
    records = records_of(path)
    decoder = EnvelopeDecoder(table, envelope, path, records.parse)
    held: list[pa.RecordBatch] = []
    broken: Exception | None = None
    try:
        for some, numbers in records.lists():
            batch, _, rejected = decoder.decode(some, numbers)
            without.update(row.reason for row in rejected)
            held.append(batch)
            if sum(map(len, held)) >= _TOGETHER:
                yield _encoded(held, table)
                held = []
    except (PartialInputError, OSError, pa.ArrowInvalid) as error:
        broken = error
    without.update(decoder.excluded)
    yield _encoded(held, table)
    if broken is not None:
        raise broken


def _encoded(batches: list[pa.RecordBatch], table: TableSchema) -> pa.Table:
    """The batches as one, texts that repeat held once."""
    whole = pa.Table.from_batches(batches, table.arrow).combine_chunks()
    for place, column in enumerate(table.columns):
        if column.repeated:
            whole = whole.set_column(place, column.name, whole.column(place).dictionary_encode())
    return whole


def _joined(parts: list[pa.Table], table: TableSchema) -> pa.Table:
    return pa.concat_tables(parts or [_encoded([], table)]).unify_dictionaries()
