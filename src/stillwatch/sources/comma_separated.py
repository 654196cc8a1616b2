"""CSV with a header row: lists as JSON arrays, empty means null; plain, .gz, .zst or .bz2.

Times are ISO 8601 with a zone. A quoted field may hold line ends; the line of a row is the one it
starts on. A row with another number of fields than the header is rejected. Where a quote is left open,
the line it stands on is rejected, not everything up to the next quote. Columns outside the contract
are kept out and counted.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from stillwatch.errors import PartialInputError, SchemaError
from stillwatch.model.tables import TableSchema
from stillwatch.sources._base import Chunk, Reading, Rejected, Source, empty_chunk
from stillwatch.sources.lines import LONGEST, TooLong, lines
from stillwatch.sources.rejected import shown
from stillwatch.sources.stream import BrokenStreamError, blocks, packed
from stillwatch.sources.textchunk import Growing
from stillwatch.sources.texts import with_texts

_BOM = "\ufeff"
_TOGETHER = 1_024


def read(path: Path, table: TableSchema) -> Reading:
    """Open a CSV file as that table, by its header row."""
    csv.field_size_limit(max(csv.field_size_limit(), 2 * LONGEST))
    heads = header(path)
    names = tuple(column.name for column in table.columns if column.name in heads)
    missing = [name for name in table.required if name not in names]
    if missing:
        raise SchemaError(
            f"{path.name} has no column {', '.join(missing)}, which every row of {table.name} needs; "
            f"its header row is {', '.join(heads)[:1000] or 'empty'}."
        )
    twice = [name for name, times in Counter(heads).items() if times > 1]
    if twice:
        raise SchemaError(f"{path.name}: the header row names {twice[0]!r} more than once; keep one of them.")
    return Reading(columns=names, chunks=partial(_chunks, path, table, heads))


def write(batches: Iterable[pa.RecordBatch], path: Path) -> None:
    """Write batches as CSV, packed by the path's suffix; there must be at least one, for the header row."""
    with packed(path) as file:
        for number, batch in enumerate(batches):
            rows = with_texts(batch).to_pylist()
            records = [batch.schema.names] if number == 0 else []
            records += [[_written(value) for value in row.values()] for row in rows]
            sink = _Sink()
            csv.writer(sink, lineterminator="\r\n").writerows(records)
            file.write("".join(sink.pieces).encode())


class _Sink:
    """What `csv.writer` writes to."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def write(self, piece: str) -> None:
        self.pieces.append(piece)


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, list) else value


def header(path: Path) -> list[str]:
    """The names in a CSV file's first record, empty if there is none."""
    try:
        for some, _ in records(path):
            first = some[0]
            if isinstance(first, TooLong):
                break
            return next(csv.reader([first.decode("utf-8", "replace").removeprefix(_BOM)]), [])
    except BrokenStreamError as error:
        raise PartialInputError(f"not readable as CSV: {error}") from error
    except csv.Error as error:
        raise SchemaError(f"{path.name} has no header row that can be read: {error}.") from error
    return []


def _chunks(path: Path, table: TableSchema, heads: list[str]) -> Iterator[Chunk]:
    decoder = _RowDecoder(table, heads)
    growing = Growing(table, decoder)
    skip, last, failure = 1, 1, ""
    try:
        for some, numbers in records(path):
            growing.add(some[skip:], numbers[skip:])
            skip, last = 0, numbers[-1]
            if growing.full:
                yield growing.chunk()
    except (BrokenStreamError, OSError) as error:
        failure = f"after line {last}: {error}"
    yield growing.chunk()
    if failure:
        yield empty_chunk(table, tuple(decoder.schema.names), failure=failure)


def records(path: Path) -> Iterator[tuple[list[bytes | TooLong], list[int]]]:
    """Records, which may span lines, in lists, with the numbers of the lines on which they start."""
    source = _Numbered(path)
    gathered: list[bytes | TooLong] = []
    numbers: list[int] = []
    while (line := source.next()) is not None:
        number = source.number
        joined = _joined(line, source) if isinstance(line, bytes) and line.count(b'"') % 2 else line
        gathered.append(joined)
        numbers.append(number)
        if len(gathered) >= _TOGETHER:
            yield gathered, numbers
            gathered, numbers = [], []
    if gathered:
        yield gathered, numbers
    if source.broken is not None:
        raise source.broken


class _Numbered:
    """Lines one at a time, with their numbers; lines can be put back. `broken` says why they end early."""

    def __init__(self, path: Path) -> None:
        self._more = lines(blocks(path))
        self._waiting: deque[bytes | TooLong] = deque()
        self.number = 0
        self.broken: BrokenStreamError | OSError | None = None

    def next(self) -> bytes | TooLong | None:
        if not self._waiting:
            try:
                self._waiting.extend(next(self._more, ()))
            except (BrokenStreamError, OSError) as error:
                self.broken = error
        if not self._waiting:
            return None
        self.number += 1
        return self._waiting.popleft()

    def put_back(self, some: Sequence[bytes | TooLong]) -> None:
        self._waiting.extendleft(reversed(some))
        self.number -= len(some)


def _joined(first: bytes, source: _Numbered) -> bytes:
    """A line with an open quote and the lines up to the closing one; alone, if those make no record."""
    following: list[bytes | TooLong] = []
    size = len(first)
    while size <= LONGEST and (line := source.next()) is not None:
        following.append(line)
        if isinstance(line, TooLong):
            break
        size += len(line)
        if line.count(b'"') % 2:
            record = b"\n".join([first, *(one for one in following if isinstance(one, bytes))])
            if _parsed(_text(record)) is not None:
                return record
            break
    source.put_back(following)
    return first


def _text(record: bytes) -> str:
    return record.decode("utf-8", "surrogateescape")


def fields(record: bytes) -> list[str] | None:
    """The fields of one record, bytes that are no UTF-8 as lone surrogates; None if it is none."""
    return _parsed(_text(record))


def _parsed(record: str) -> list[str] | None:
    """The fields of one record; None if it is none."""
    try:
        return next(csv.reader([record], strict=True), [])
    except csv.Error:
        return None


class _RowDecoder:
    """Turns records into batches of texts; the values are read from the texts chunk by chunk."""

    def __init__(self, table: TableSchema, header: list[str]) -> None:
        self._width = len(header)
        self._places = [(c.name, header.index(c.name)) for c in table.columns if c.name in header]
        known = {name for name, _ in self._places}
        self._others = [name for name in header if name not in known]
        self.schema = pa.schema([pa.field(name, pa.string()) for name, _ in self._places])
        self.unknown: Counter[str] = Counter()
        self.excluded: Counter[str] = Counter()

    def decode(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int]
    ) -> tuple[pa.RecordBatch, list[int], list[Rejected]]:
        """The rows, the places of their records in `some`, and the records that are no rows."""
        rows, places, rejected = [], [], []
        for place, (record, fields) in enumerate(zip(some, _fields(some), strict=True)):
            reason = self._fault(record, fields)
            if reason:
                shape = record.shown if isinstance(record, TooLong) else shown(record)
                rejected.append(Rejected(numbers[place], reason, shape))
            elif fields and isinstance(record, bytes) and record.strip():
                rows.append(fields)
                places.append(place)
        self.unknown.update(dict(zip(self._others, repeat(len(rows)), strict=False)))
        arrays = [_strings([row[at] or None for row in rows]) for _, at in self._places]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema), places, rejected

    def _fault(self, record: bytes | TooLong, fields: list[str] | None) -> str:
        if isinstance(record, TooLong):
            return record.reason
        if fields is None:
            return "quote left open or misplaced"
        if fields and len(fields) != self._width:
            return f"{len(fields)} fields, the header has {self._width}" if record.strip() else ""
        return ""


def _fields(some: Sequence[bytes | TooLong]) -> list[list[str] | None]:
    """The fields of every record, all in one go if none of them is at fault."""
    texts = [_text(record) if isinstance(record, bytes) else "" for record in some]
    try:
        rows: list[list[str] | None] = list(csv.reader(texts, strict=True))
    except csv.Error:
        rows = []
    return rows if len(rows) == len(texts) else [_parsed(text) for text in texts]


def _strings(values: list[str | None]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        raw = [None if value is None else value.encode("utf-8", "surrogateescape") for value in values]
        return pa.array(raw, pa.binary()).view(pa.string())


def _looks_like(head: bytes) -> bool:
    first = head.partition(b"\n")[0].decode("utf-8", "replace").removeprefix(_BOM)
    return "exchange_id" in (_parsed(first) or [])


SOURCE = Source(
    name="csv",
    suffixes=(".csv",),
    description="CSV with a header row of the contract's columns, lists as JSON arrays",
    sniff=_looks_like,
    read=read,
    write=write,
    compressed=True,
)
