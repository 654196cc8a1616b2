"""A partial: what came out of the door of one file of a log, read as if there were no other file.

It is a folder of three files: `rows.arrow`, the keyed rows batch by batch as the door gave them (Arrow's stream, not
compressed: it is mapped and used as it lies there); `rejected.jsonl`, the rows that broke the contract as a scan shows
them; and `partial.json`, all that was counted, and size and checksum of the other two. It holds ids and keys; no prompt
and no address but in rows that were rejected.

Whether an id came in another file too is not known here: whoever takes a partial has to ask.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.errors import DiskError
from stillwatch.fingerprint.assemble import Names, Passed
from stillwatch.keep.sealed import DamagedError, seal, unsealed
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.layout import Table
from stillwatch.sources.rejected import Reject

ROWS, REJECTED, TOLD = "rows.arrow", "rejected.jsonl", "partial.json"
_CODES = "codes"
_SMALL = 1 << 16
"""Bytes of a file that is read and not mapped: a log may have many small files, and a process so many maps."""


class _Row(msgspec.Struct):
    """A line of `rejected.jsonl`; the row itself is passed on as it stands there."""

    line: int
    reason: str
    row: msgspec.Raw


@dataclass(frozen=True)
class Span:
    """The first and the last time of some rows in microseconds."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was counted of a file; `name` is what it was called, `stored` the size and checksum of the partial's files."""

    name: str
    rows: int
    span: Span | None
    rows_read: int
    unknown: dict[str, int]
    excluded: dict[str, int]
    held: tuple[str, ...]
    names: dict[str, dict[int, str]]
    stored: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Partial:
    """A partial, mapped: it stays readable when its folder goes. `failures` is what could not be read of the file."""

    told: Told
    rows: pa.Buffer
    rejects: pa.Buffer
    failures: Mapping[str, str] = field(default_factory=dict)

    def batches(self) -> list[pa.RecordBatch]:
        """The rows as they lie there."""
        return list(pa.ipc.open_stream(self.rows)) if self.told.rows else []

    def passed(self, batches: Iterable[pa.RecordBatch]) -> Iterator[Passed]:
        """The rows, batch by batch as they passed the door; what keys stood for comes with the first."""
        names: Names = self.told.names
        for batch in batches:
            yield _parted(batch, names)
            names = {}

    def counted(self) -> Table:
        """The file as a table of its own that was read."""
        told = self.told
        return Table(
            EXCHANGE,
            (),
            rows_read=told.rows_read,
            unknown=Counter(told.unknown),
            excluded=Counter(told.excluded),
            held=set(told.held),
            failures=dict(self.failures),
        )

    def hand_on(self, reject: Reject, *, file: str) -> None:
        """Reject again what was rejected, under the name that the file has now."""
        for line in re.finditer(rb".+", self.rejects):
            row = msgspec.json.decode(line[0], type=_Row)
            reject.add(EXCHANGE.name, file=file, line=row.line, reason=row.reason, row=row.row)

    def mentions(self, name: str) -> bool:
        """Whether a rejected row holds that name, as a log's records may hold the name of their file."""
        return re.search(re.escape(msgspec.json.encode(name)[1:-1]), self.rejects) is not None


def write(folder: Path, passed: Iterable[Passed], *, counted: Table, name: str) -> Partial:
    """Write a partial into a folder that holds its `rejected.jsonl`; `counted` is asked once `passed` is exhausted."""
    rows, span, names = 0, None, dict[str, dict[int, str]]()
    with closing(_Writer(folder / ROWS)) as writer:
        for one in passed:
            writer.write(_joined(one))
            rows += one.keyed.num_rows
            span = _over(span, one.keyed.column("ts"))
            for column, told_of in one.names.items():
                known = names.setdefault(column, {})
                known |= {key: value for key, value in told_of.items() if key not in known}
    mapped = {stored: _mapped(folder / stored) for stored in (ROWS, REJECTED)}
    told = Told(
        name=name,
        rows=rows,
        span=span,
        rows_read=counted.rows_read,
        unknown=dict(counted.unknown),
        excluded=dict(counted.excluded),
        held=tuple(sorted(counted.held or ())),
        names=names,
        stored={stored: _sum(held) for stored, held in mapped.items()},
    )
    with room_in(folder.parent):
        (folder / TOLD).write_bytes(seal(msgspec.json.encode(told)))
    return Partial(told, mapped[ROWS], mapped[REJECTED], dict(counted.failures))


def read(folder: Path) -> Partial:
    """The partial in that folder; raises `DamagedError` if it is not as it was written, `OSError` if it is not there."""
    try:
        told = msgspec.json.decode(unsealed((folder / TOLD).read_bytes()), type=Told)
    except msgspec.DecodeError as error:
        raise DamagedError(TOLD) from error
    held = {}
    for name, stored in told.stored.items():
        held[name] = _mapped(folder / name)
        if _sum(held[name]) != stored:
            raise DamagedError(name)
    return Partial(told, held[ROWS], held[REJECTED])


class _Writer:
    """Record batches as they come, in one stream; an empty file if there are none."""

    def __init__(self, path: Path) -> None:
        self._folder = path.parent.parent
        self._file = path.open("wb")
        self._stream: pa.RecordBatchStreamWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """The next batch."""
        with room_in(self._folder):
            self._stream = self._stream or pa.ipc.new_stream(self._file, batch.schema)
            self._stream.write_batch(batch)

    def close(self) -> None:
        """No batch comes after."""
        with room_in(self._folder), self._file:
            if self._stream is not None:
                self._stream.close()


@contextmanager
def room_in(folder: Path) -> Iterator[None]:
    """Says what to do where there is no room."""
    try:
        yield
    except OSError as error:
        raise DiskError(
            f"What was read of the log could not be kept in {folder}: {error.strerror or error}. It takes about 300 bytes for "
            "each exchange. Name a folder with more room, or set TMPDIR to one if you named none."
        ) from error


def _joined(passed: Passed) -> pa.RecordBatch:
    """The keyed batch, with the codes of meaning as a further column if there are any."""
    if passed.codes is None:
        return passed.keyed
    codes = pa.FixedSizeListArray.from_arrays(pa.array(passed.codes.ravel()), passed.codes.shape[1])
    return passed.keyed.append_column(_CODES, codes)


def _parted(batch: pa.RecordBatch, names: Names) -> Passed:
    at = batch.schema.get_field_index(_CODES)
    if at < 0:
        return Passed(batch, names, is_mapped=True)
    codes = np.asarray(batch.column(at).flatten()).reshape(len(batch), -1)
    return Passed(batch.remove_column(at), names, codes, is_mapped=True)


def _over(span: Span | None, times: pa.Array) -> Span | None:
    found = pc.min_max(times).as_py()
    if found["min"] is None:
        return span
    if span is None:
        return Span(found["min"], found["max"])
    return Span(min(span.first, found["min"]), max(span.last, found["max"]))


def _mapped(path: Path) -> pa.Buffer:
    """The file's bytes, which stay when it goes; no file stays open."""
    if path.stat().st_size < _SMALL:
        return pa.py_buffer(path.read_bytes())
    with pa.memory_map(str(path)) as file:
        return file.read_buffer()


def _sum(held: pa.Buffer) -> tuple[int, int]:
    """Size and checksum: against accident, not against malice."""
    return held.size, zlib.crc32(held)
