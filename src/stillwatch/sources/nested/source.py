"""An envelope as a source: the one place that opens files, numbers records and writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from stillwatch.errors import PartialInputError, SchemaError
from stillwatch.model.tables import EXCHANGE, TIMESTAMP, TableSchema
from stillwatch.sources._base import Chunk, Reading, Source, empty_chunk
from stillwatch.sources.nested.decoding import EnvelopeDecoder
from stillwatch.sources.nested.envelope import Envelope, NoExchangeError, Row
from stillwatch.sources.nested.holding import HoldingDecoder
from stillwatch.sources.nested.records import first_record, records_of
from stillwatch.sources.nested.values import from_json, without_nones
from stillwatch.sources.rejected import shown
from stillwatch.sources.stream import packed
from stillwatch.sources.textchunk import Growing

_encode = msgspec.json.Encoder().encode
_AT_ONCE = 16_384
"""Records that become one batch."""


def source(envelope: Envelope) -> Source:
    """The source of an envelope: JSON lines, one JSON document, CSV or Parquet, told apart by their first bytes."""
    return Source(
        name=envelope.name,
        suffixes=(),
        description=envelope.description,
        sniff=partial(_sniff, envelope),
        read=partial(_read, envelope),
        write=partial(_write, envelope),
        compressed=True,
        carries=envelope.carries,
    )


def _sniff(envelope: Envelope, head: bytes) -> bool:
    try:
        record = next(envelope.unpacked(first_record(head)), None)
    except NoExchangeError:
        return False
    return record is not None and envelope.looks_like(record)


def _read(envelope: Envelope, path: Path, table: TableSchema) -> Reading:
    if table is not EXCHANGE:
        raise SchemaError(
            f"{path.name}: {envelope.name} is a log of exchanges and holds no {table.name}. "
            "Give that table as Parquet, JSON lines or CSV."
        )
    names = tuple(column.name for column in table.columns)
    path.open("rb").close()
    return Reading(columns=names, chunks=partial(_chunks, envelope, path, table))


def _chunks(envelope: Envelope, path: Path, table: TableSchema) -> Iterator[Chunk]:
    try:
        records = records_of(path)
    except PartialInputError as error:
        yield empty_chunk(table, tuple(table.arrow.names), failure=str(error))
        return
    is_held = envelope.lane is not None and envelope.is_holding and records.parse is from_json
    made = HoldingDecoder if is_held else EnvelopeDecoder
    decoder = made(table, envelope, path, records.parse)
    growing = Growing(table, decoder, _AT_ONCE)
    last, failure = 0, ""
    try:
        for some, numbers in records.lists():
            growing.add(some, numbers)
            last = numbers[-1] if numbers else last
            if growing.full:
                yield growing.chunk()
    except (PartialInputError, OSError, pa.ArrowInvalid) as error:
        failure = f"after record {last}: {error}"
    yield growing.chunk()
    batch, rejected = decoder.rest(last)
    if batch.num_rows or rejected or decoder.excluded:
        lines = np.full(batch.num_rows, max(last, 1), dtype=np.int64)
        yield Chunk(
            batch,
            lines,
            lambda row: shown(batch.slice(row, 1).to_pylist()[0]),
            rejected=tuple(rejected),
            excluded=dict(decoder.excluded),
        )
    if failure:
        yield empty_chunk(table, tuple(table.arrow.names), failure=failure)


def _write(envelope: Envelope, batches: Iterable[pa.RecordBatch], path: Path) -> None:
    """Write batches as JSON lines of the format's records; columns that it cannot hold are left out."""
    with packed(path) as file:
        for batch in batches:
            for row in _rows(batch):
                file.write(_encode(envelope.record(row)) + b"\n")


def _rows(batch: pa.RecordBatch) -> Iterator[Row]:
    """The rows with their times as microseconds, without what is null."""
    for place, column in enumerate(batch.schema):
        if column.type == TIMESTAMP:
            batch = batch.set_column(place, column.name, batch.column(place).cast(pa.int64()))
    for row in batch.to_pylist():
        yield without_nones(row)
