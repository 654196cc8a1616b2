"""The raw records of a file, whatever holds them: JSON lines, one JSON document, CSV or Parquet; packed or not.

Lines may begin with what a logger or a container's runtime puts before a record: a time, a level, a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import PartialInputError
from stillwatch.sources.comma_separated import fields, header, records
from stillwatch.sources.lines import LONGEST, TooLong, pieces
from stillwatch.sources.nested.envelope import NoExchangeError
from stillwatch.sources.nested.otlp import frames, is_framed, parsed
from stillwatch.sources.nested.values import from_json
from stillwatch.sources.nested.wrapped import behind_prefix, is_wrapped, unwrapped
from stillwatch.sources.plain.ends import cut
from stillwatch.sources.stream import blocks, first_bytes

DOCUMENT = 128 * 1024 * 1024
"""Bytes of the largest file that is read as one JSON document; longer ones must be JSON lines."""

VALUES = 8_000_000
"""About how many values such a document may have: each takes some sixty bytes once it is decoded."""

_HEAD = 1 << 20
_AT_ONCE = 1 << 23
"""Bytes of lines that are read at once: of a few thousand records, of which many are turned for what it costs to begin."""

_LOOKED_AT, _LOOKED_BEHIND = 8, 1_000
_IN_NAMES = str.maketrans(".- ", "___")
_BOM = b"\xef\xbb\xbf"
_PARQUET = b"PAR1"
_encode = msgspec.json.Encoder(uuid_format="canonical").encode

Raw = Sequence[bytes | TooLong]


@dataclass(frozen=True)
class Records:
    """A file's raw records in lists with their numbers, counted from 1, and what makes an object of one."""

    lists: Callable[[], Iterator[tuple[Raw, Sequence[int]]]]
    parse: Callable[[bytes], object]


def records_of(path: Path) -> Records:
    """How the records of this file are held, by its first bytes."""
    head = first_bytes(path, _HEAD)
    if head.startswith(_PARQUET):
        return Records(lambda: _rows(path), from_json)
    if is_framed(head):
        return Records(lambda: frames(blocks(path)), parsed)
    start = head.removeprefix(_BOM).lstrip()
    if (parse := _parse_of_lines(start)) is not None:
        return Records(lambda: _lines(path), parse)
    if start and start[:1] not in (b"{", b"["):
        if not (names := header(path)):
            raise PartialInputError("it holds neither JSON nor a table: its first line is no header row")
        return Records(lambda: _comma_separated(path), partial(_by_names, names))
    if _is_document(start):
        return Records(lambda: _document(path), from_json)
    return Records(lambda: _lines(path), from_json)


def head_of(path: Path, size: int) -> bytes:
    """The first bytes of a file, unpacked; of a Parquet file its first row as JSON, after which its format is known too."""
    head = first_bytes(path, size)
    if not head.startswith(_PARQUET):
        return head
    try:
        first = next(pq.ParquetFile(path).iter_batches(1), None)
        return _encode(_plain(first).to_pylist()[0]) if first is not None and first.num_rows else head
    except (pa.ArrowException, OSError, ValueError, TypeError):
        return head


def first_record(head: bytes) -> object:
    """The first record in the first bytes of a file, None if there is none that can be read."""
    if is_framed(head):
        return {"resourceSpans": None}
    start = head.removeprefix(_BOM).lstrip()
    if (parse := _parse_of_lines(start)) is not None:
        lines = (line.removesuffix(b"\n") for line in BytesIO(start))
        return next(
            filter(None, map(_record, lines if parse is from_json else map(behind_prefix, lines))), None
        )
    if start[:1] in (b"{", b"["):
        for raw in (start.partition(b"\n")[0], start):
            try:
                return from_json(raw)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                continue
        return _opening(start)
    some = start.split(b"\n", 2)
    names = fields(some[0].rstrip(b"\r")) if len(some) > 1 and b"," in some[0] else None
    if names is None:
        return None
    return dict.fromkeys(names, "") | dict(zip(names, fields(some[1].rstrip(b"\r")) or (), strict=False))


def _opening(start: bytes) -> object:
    """Of a first record that is longer than what is looked at, its first name."""
    name, quote, _ = start[1:].lstrip().removeprefix(b'"').partition(b'"')
    return {name.decode("utf-8", "replace"): None} if start.startswith(b"{") and quote else None


def _by_names(names: list[str], raw: bytes) -> dict[str, str]:
    """The fields of a CSV record under the names of the header row."""
    if not _is_text(raw):
        raise NoExchangeError("no UTF-8")
    found = fields(raw)
    if found is None:
        raise NoExchangeError("quote left open or misplaced")
    if len(found) != len(names):
        raise NoExchangeError(f"{len(found)} fields, the header has {len(names)}")
    return dict(zip(names, found, strict=True))


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parse_of_lines(start: bytes) -> Callable[[bytes], object] | None:
    """What makes an object of a line, if lines hold objects."""
    return from_json if _is_lines(start) else _prefixed if _is_prefixed(start) else None


def _is_lines(start: bytes) -> bool:
    """Whether most lines after the first are JSON objects: a log that was cut when it was rotated begins in the middle of one."""
    some = [line for line in islice(BytesIO(start), 1, _LOOKED_AT + 1) if line.endswith(b"\n")]
    return bool(some) and 2 * sum(_object(line) is not None for line in some) > len(some)


def _is_prefixed(start: bytes) -> bool:
    """Whether lines hold an object behind something else, in what is neither a document nor a table."""
    if start.startswith(b"{") or _is_document(start) or _is_header(start.partition(b"\n")[0]):
        return False
    return any(_object(behind_prefix(line)) for line in start.split(b"\n", _LOOKED_BEHIND)[:_LOOKED_BEHIND])


def _is_header(line: bytes) -> bool:
    """Whether a line is the header row of a table: several names and nothing else."""
    names = fields(line.rstrip(b"\r")) if b"," in line else None
    return names is not None and all(name.translate(_IN_NAMES).isidentifier() for name in names)


def _prefixed(line: bytes) -> object:
    found = behind_prefix(line)
    if not found:
        raise NoExchangeError("no JSON object")
    return from_json(found)


def _record(line: bytes) -> dict[str, object] | None:
    """The object of a line, out of what a container's runtime wrapped it in."""
    found: object = _object(line)
    while isinstance(found, dict) and is_wrapped(found):
        found = unwrapped(found)
    return found if isinstance(found, dict) else None


def _object(line: bytes) -> dict[str, object] | None:
    if not line.startswith(b"{"):
        return None
    try:
        found = from_json(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None


def _is_document(start: bytes) -> bool:
    """A file whose first line is not JSON by itself, while the beginning of a JSON text."""
    line, end, _ = start.partition(b"\n")
    try:
        from_json(line)
    except msgspec.DecodeError as fault:
        return bool(end) and "truncated" in str(fault)
    except (RecursionError, UnicodeDecodeError):
        return False
    return False


def _lines(path: Path) -> Iterator[tuple[Raw, Sequence[int]]]:
    number = 1
    for piece in pieces(blocks(path, _AT_ONCE), LONGEST):
        some: Raw = [piece] if isinstance(piece, TooLong) else cut(_without_mark(piece, number))
        yield some, range(number, number + len(some))
        number += len(some)


def _without_mark(piece: bytes, number: int) -> bytes:
    return piece.removeprefix(_BOM) if number == 1 else piece


def _document(path: Path) -> Iterator[tuple[Raw, Sequence[int]]]:
    """The elements of one document's outermost list, or the document itself."""
    held, size = [], 0
    for block in blocks(path):
        size += len(block)
        if size > DOCUMENT:
            raise PartialInputError(
                f"one JSON document of more than {DOCUMENT >> 20} MB; write it as JSON lines"
            )
        held.append(block)
    whole = b"".join(held).removeprefix(_BOM)
    if whole.count(b",") + whole.count(b"[") + whole.count(b"{") > VALUES:
        raise PartialInputError(f"one JSON document of more than {VALUES:,} values; write it as JSON lines")
    try:
        found = from_json(whole)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        yield [whole], [1]
        return
    if isinstance(found, list):
        for start in range(0, len(found), 256):
            some = found[start : start + 256]
            yield [_encode(one) for one in some], list(range(start + 1, start + len(some) + 1))
    else:
        yield [whole], [1]


def _comma_separated(path: Path) -> Iterator[tuple[Raw, Sequence[int]]]:
    is_first = True
    for some, numbers in records(path):
        yield (some[1:], numbers[1:]) if is_first else (some, numbers)
        is_first = False


def _rows(path: Path) -> Iterator[tuple[Raw, Sequence[int]]]:
    number = 1
    for batch in pq.ParquetFile(path).iter_batches(1_024):
        some: Raw = [_encode(row) for row in _plain(batch).to_pylist()]
        yield some, list(range(number, number + len(some)))
        number += len(some)


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with times no finer than Python holds, microseconds."""
    for place, column in enumerate(batch.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            coarse = pa.timestamp("us", column.type.tz)
            batch = batch.set_column(place, column.name, batch.column(place).cast(coarse, safe=False))
    return batch
