"""Parquet: row groups streamed, only contract columns decoded, repeated texts kept encoded.

The line of a row is its number from 1.

Strings may be plain, large, views, dictionary-encoded or raw bytes; whole numbers of any width; times
of any unit, and one without a zone is taken as UTC. A row group that does not decode costs its own
rows and those batched with it, not the rest of the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from stillwatch.errors import PartialInputError, SchemaError
from stillwatch.fingerprint.columns import in_place
from stillwatch.model.tables import TableSchema
from stillwatch.sources._base import ROWS, Chunk, Reading, Rejected, Source, empty_chunk
from stillwatch.sources.cast import cast, check_castable
from stillwatch.sources.rejected import shown

BYTES = 32 * 1024 * 1024
"""Text of a batch. Each batch makes the keys of its dictionaries anew; larger ones are new memory from the system each time, and no faster."""
_UNREADABLE = (pa.ArrowException, OSError, ValueError)
_LONG = frozenset({pa.string(), pa.large_string(), pa.binary(), pa.large_binary()})
"""What takes as much room as it is long: a batch is sized by the file, where a text that comes again may lie once."""


def read(path: Path, table: TableSchema) -> Reading:
    """Open a Parquet file as that table."""
    try:
        file = pq.ParquetFile(path, memory_map=False)
        schema, rows = file.schema_arrow, file.metadata.num_rows
    except _UNREADABLE as error:
        raise PartialInputError(f"not readable as Parquet: {str(error).rstrip('.')}") from error
    names = _contract_names(schema, table, path)
    notes = tuple(
        f"{path.name}: {name} has times without a zone; they were taken as UTC"
        for name in names
        if pa.types.is_timestamp(schema.field(name).type) and schema.field(name).type.tz is None
    )
    file.close()
    chunks = partial(_chunks, path, table, names, schema)
    return Reading(columns=names, chunks=chunks, rows=rows, notes=notes)


def write(batches: Iterable[pa.RecordBatch], path: Path) -> None:
    """Write batches as Parquet with zstd; there must be at least one, for its schema."""
    waiting = iter(batches)
    first = next(waiting)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_batch(first)
        for batch in waiting:
            writer.write_batch(batch)


def _contract_names(schema: pa.Schema, table: TableSchema, path: Path) -> tuple[str, ...]:
    known = {column.name for column in table.columns}
    found = [name for name in schema.names if name in known]
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise SchemaError(
            f"{path.name}: column {twice[0]} occurs {found.count(twice[0])} times; keep one of them."
        )
    missing = [name for name in table.required if name not in found]
    if missing:
        raise SchemaError(
            f"{path.name} has no column {', '.join(missing)}, which every row of {table.name} needs; "
            f"it has {', '.join(schema.names[:60]) or 'no columns'}."
        )
    for name in found:
        check_castable(schema.field(name).type, table[name], where=path.name)
    return tuple(column.name for column in table.columns if column.name in found)


def _chunks(path: Path, table: TableSchema, names: tuple[str, ...], schema: pa.Schema) -> Iterator[Chunk]:
    repeated = [name for name in names if table[name].repeated]
    written_out = [name for name in names if name not in repeated]
    opened, lost = _opened(path, repeated, schema)
    if opened is None:
        yield empty_chunk(table, names, failure=lost)
        return
    with opened as file:
        others = [name for name in file.schema_arrow.names if name not in names]
        first = 1
        for groups, rows in _spans(file.metadata):
            at = first
            rows_each = _batch_rows(file.metadata, groups)
            batches = file.iter_batches(rows_each, groups, list(names), use_threads=False)
            while at < first + rows:
                try:
                    batch = _sound(next(batches))
                except (*_UNREADABLE, StopIteration) as error:
                    lost = f"rows {at} to {first + rows - 1} could not be read: {error}"
                    yield empty_chunk(table, names, failure=lost)
                    break
                for piece in _pieces(batch, written_out):
                    lines = np.arange(at, at + piece.num_rows, dtype=np.int64)
                    yield chunk_of(piece, table, names, lines=lines, others=others)
                    at += piece.num_rows
                    del piece
                del batch
            first += rows


def _opened(path: Path, repeated: list[str], schema: pa.Schema) -> tuple[pq.ParquetFile | None, str]:
    """The file with repeated texts left encoded, or why it is not the one that was looked at before."""
    said = (
        "no row could be read, for the file is another one than when it was looked at; is it being written?"
    )
    try:
        now = pq.read_schema(path)
        if now.equals(schema):
            return pq.ParquetFile(path, read_dictionary=repeated), ""
    except (*_UNREADABLE, KeyError) as error:
        return None, f"{said} {error}"
    return None, f"{said} Its columns are {', '.join(now.names[:60]) or 'none'}."


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch, if the places of its encoded texts lie within their dictionaries; a damaged file may hold others."""
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            places = in_place(column.indices)
            if not len(places) or 0 <= places.min() <= places.max() < len(column.dictionary):
                continue
            ends = pc.min_max(column.indices)
            low, high = ends["min"].as_py(), ends["max"].as_py()
            if low is not None and (low < 0 or high >= len(column.dictionary)):
                raise ValueError("a text's place lies outside its dictionary")
    return batch


def _pieces(batch: pa.RecordBatch, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The batch in pieces whose encoded columns of these names fill about `BYTES` written out."""
    size = np.zeros(batch.num_rows, np.int64)
    for column in map(batch.column, names):
        if pa.types.is_dictionary(column.type) and column.type.value_type in _LONG:
            each = pc.binary_length(column.dictionary.cast(pa.large_binary()))
            size += in_place(each.take(column.indices).fill_null(0))
    piece = np.cumsum(size) // BYTES
    starts = np.flatnonzero(np.append([True], piece[1:] > piece[:-1])).tolist()
    for start, end in zip(starts, [*starts[1:], batch.num_rows], strict=True):
        yield batch.slice(start, end - start)


def _spans(metadata: pq.FileMetaData) -> Iterator[tuple[list[int], int]]:
    """Runs of row groups that together fill a chunk, with their rows."""
    groups: list[int] = []
    rows = 0
    for group in range(metadata.num_row_groups):
        groups.append(group)
        rows += metadata.row_group(group).num_rows
        if rows >= ROWS:
            yield groups, rows
            groups, rows = [], 0
    if groups:
        yield groups, rows


def _batch_rows(metadata: pq.FileMetaData, groups: list[int]) -> int:
    """Rows of a batch: even parts of a group, each small enough that its text fits in `BYTES`."""
    rows: int = sum(metadata.row_group(group).num_rows for group in groups)
    size: int = sum(metadata.row_group(group).total_byte_size for group in groups)
    parts = max(1, math.ceil(size / BYTES), math.ceil(rows / (1.5 * ROWS)))
    return max(1, math.ceil(rows / parts))


def chunk_of(
    batch: pa.RecordBatch,
    table: TableSchema,
    names: tuple[str, ...],
    *,
    lines: NDArray[np.int64],
    others: Sequence[str],
) -> Chunk:
    """The rows of a batch, which stand at `lines`, with contract columns in contract types, and those that cannot be turned."""
    casts = [cast(batch.column(name), table[name]) for name in names]
    reasons: dict[int, str] = {}
    for turned in casts:
        for position in turned.bad.tolist():
            reasons.setdefault(position, turned.reason)
    good = pa.RecordBatch.from_arrays([turned.array for turned in casts], names)
    rejected = tuple(Rejected(int(lines[at]), why, _shown(batch, at)) for at, why in sorted(reasons.items()))
    if reasons:
        keep = np.delete(np.arange(batch.num_rows), list(reasons))
        good, batch, lines = good.take(pa.array(keep)), batch.take(pa.array(keep)), lines[keep]
    unknown = dict.fromkeys(others, len(lines) + len(rejected))
    return Chunk(good, lines, partial(_shown, batch), rejected=rejected, unknown=unknown)


def _shown(batch: pa.RecordBatch, row: int) -> object:
    return {
        name: _value(batch.column(name), row)
        for name in batch.schema.names
        if batch.column(name)[row].is_valid
    }


def _value(column: pa.Array, row: int) -> object:
    one = column.slice(row, 1)
    try:
        return shown(one[0].as_py())
    except (UnicodeDecodeError, ValueError, OverflowError):
        return shown(_raw(one))


def _raw(one: pa.Array) -> object:
    if pa.types.is_timestamp(one.type):
        return str(one.cast(pa.int64())[0].as_py())
    if pa.types.is_dictionary(one.type):
        one = one.dictionary_decode()
    if pa.types.is_string(one.type):
        return one.view(pa.binary())[0].as_py()
    return str(one.type)


SOURCE = Source(
    name="parquet",
    suffixes=(".parquet",),
    description="Apache Parquet with the contract's columns",
    sniff=lambda head: head.startswith(b"PAR1"),
    read=read,
    write=write,
)
