"""JSON lines: one object a line, taken by compiled code where it is plain; plain, .gz, .zst or .bz2.

Times are ISO 8601 with a zone; a missing key and null mean the same. A whole number may be written
with a zero fraction (5.0). Keys outside the contract are kept out and counted: they are learned as they
are met and passed over then, so that counting them costs next to nothing. A line
longer than 16 MB is rejected without being held. Empty lines are no rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa

from stillwatch.model.tables import TableSchema
from stillwatch.sources._base import Chunk, Reading, Source, empty_chunk
from stillwatch.sources.lines import TooLong, pieces
from stillwatch.sources.plain.lines import PlainLines
from stillwatch.sources.stream import BrokenStreamError, blocks, packed
from stillwatch.sources.texts import with_texts

_BOM = b"\xef\xbb\xbf"


def read(path: Path, table: TableSchema) -> Reading:
    """Open a file of JSON lines as that table; any line may hold any contract column."""
    names = tuple(column.name for column in table.columns)
    path.open("rb").close()
    return Reading(columns=names, chunks=partial(_chunks, path, table, names))


def write(batches: Iterable[pa.RecordBatch], path: Path) -> None:
    """Write batches as JSON lines, nulls left out, packed by the path's suffix."""
    encoder = msgspec.json.Encoder()
    with packed(path) as file:
        for batch in batches:
            for row in with_texts(batch).to_pylist():
                file.write(
                    encoder.encode({name: value for name, value in row.items() if value is not None}) + b"\n"
                )


def _chunks(path: Path, table: TableSchema, names: tuple[str, ...]) -> Iterator[Chunk]:
    growing = PlainLines(table)
    number, failure = 1, ""
    try:
        for piece in pieces(blocks(path)):
            for read in growing.add(_without_mark(piece) if number == 1 else piece, number):
                number += read
                if growing.full:
                    yield growing.chunk()
    except (BrokenStreamError, OSError) as error:
        failure = f"from line {number} on: {error}"
    yield growing.chunk()
    if failure:
        yield empty_chunk(table, names, failure=failure)


def _without_mark(piece: bytes | TooLong) -> bytes | TooLong:
    return piece if isinstance(piece, TooLong) else piece.removeprefix(_BOM)


def _looks_like(head: bytes) -> bool:
    first = head.removeprefix(_BOM).lstrip().partition(b"\n")[0]
    return first.startswith(b"{")


SOURCE = Source(
    name="jsonl",
    suffixes=(".jsonl", ".ndjson"),
    description="JSON lines with the contract's columns as keys",
    sniff=_looks_like,
    read=read,
    write=write,
    compressed=True,
)
