"""Ids that repeat: some programs count anew every day or in every file, and what looks like a duplicate is another call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.tables import TableSchema
from stillwatch.sources._base import Chunk, Reading, Source

SCOPES = ("day", "file")
"""What an id can be unique in: a day in UTC, or a file."""

_ID = "exchange_id"


def scoped(source: Source, scope: str) -> Source:
    """The same format, its exchange ids with what they are unique in before them: `2026-03-02/17`."""

    def read(path: Path, table: TableSchema) -> Reading:
        reading = source.read(path, table)
        if _ID not in reading.columns:
            return reading

        def chunks() -> Iterator[Chunk]:
            for chunk in reading.chunks():
                yield replace(chunk, batch=_scoped(chunk.batch, path.name, scope))

        return replace(reading, chunks=chunks)

    return replace(source, read=read)


def _scoped(batch: pa.RecordBatch, file: str, scope: str) -> pa.RecordBatch:
    place = batch.schema.get_field_index(_ID)
    if place < 0 or not batch.num_rows:
        return batch
    before = pc.strftime(batch.column("ts"), format="%Y-%m-%d") if scope == "day" else pa.scalar(file)
    named = pc.binary_join_element_wise(before, batch.column(place), "/")
    return batch.set_column(place, batch.schema.field(place), named)
