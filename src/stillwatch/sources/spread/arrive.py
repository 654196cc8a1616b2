"""What an executor makes of the rows of a log: keys of the good ones, the others with their reason, and what it saw.

The casts, the checks and the door are those of a scan on one machine. A function of this file travels to executors by its
name, so the package must be installed there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.assemble import NAMED
from stillwatch.fingerprint.door import encoded, keyed
from stillwatch.fingerprint.kernels import ANCHORS
from stillwatch.fingerprint.text import string_keys
from stillwatch.model.tables import EXCHANGE, KEY, KEYED
from stillwatch.sources.check import broken_rows
from stillwatch.sources.parquet import chunk_of

FILE, LINE = "input_file", "input_line"
"""Columns that say of every row where it stood."""
GOOD, REJECTED, SEEN = 0, 1, 2
"""Kinds of rows that an executor gives: an exchange, one that broke the contract, and one a part for what it saw."""
TOGETHER = frozenset({"account", "template"})
"""Keyed columns that depend on more than one row."""
BY_ROW = tuple(column for column in KEYED.columns if column.name not in TOGETHER)
PLACES = tuple(f"anchor_{at}" for at in range(ANCHORS))

ARRIVED = pa.schema([
    ("kind", pa.int8()), ("file", pa.string()), ("line", pa.int64()), ("reason", pa.string()), ("shown", pa.string()),
    ("exchange_id", pa.string()), ("account_id", pa.string()), ("id_bits", pa.int64()),
    *((column.name, column.type) for column in BY_ROW), *((place, KEY) for place in PLACES),
])  # fmt: skip


class Seen(msgspec.Struct):
    """What one part of a log holds: rows, its files, contract columns with a value, and the names that keys stand for."""

    rows: int = 0
    files: set[str] = msgspec.field(default_factory=set)
    broken: set[str] = msgspec.field(default_factory=set)
    held: set[str] = msgspec.field(default_factory=set)
    names: dict[str, set[str]] = msgspec.field(default_factory=dict)

    def add(self, other: Seen) -> None:
        """What another part holds as well."""
        self.rows += other.rows
        self.files |= other.files
        self.broken |= other.broken
        self.held |= other.held
        for column, names in other.names.items():
            self.names.setdefault(column, set()).update(names)


@dataclass(frozen=True)
class Arrive:
    """The function of one part of a log; `columns` are those of the contract that it has."""

    columns: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rows as `ARRIVED`, the last of which is of the kind `SEEN`."""
        seen = Seen()
        for batch in batches:
            if batch.num_rows:
                good, rejected = self._sifted(batch)
                seen.add(_seen(good, rejected))
                yield from (rows for rows in (_keyed(good), rejected) if rows.num_rows)
        yield _rows(1, kind=[SEEN], shown=[msgspec.json.encode(seen).decode()])

    def _sifted(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """The rows that keep the contract, with their places, and those that do not, as `ARRIVED`."""
        rows = np.arange(batch.num_rows)
        found = batch.select(list(self.columns))
        chunk = chunk_of(found, EXCHANGE, self.columns, lines=rows, others=())
        reasons = broken_rows(chunk.batch, EXCHANGE)
        broken = [(row.line, row.reason, row.row) for row in chunk.rejected]
        broken += [(int(chunk.lines[row]), reason, chunk.show(row)) for row, reason in reasons.items()]
        keep = np.delete(np.arange(chunk.batch.num_rows), list(reasons))
        good = chunk.batch.take(pa.array(keep)) if reasons else chunk.batch
        for name in (FILE, LINE):
            good = good.append_column(name, batch.column(name).take(pa.array(chunk.lines[keep])))
        at = pa.array([row for row, _, _ in broken], pa.int64())
        return good, _rows(
            len(broken),
            kind=[REJECTED] * len(broken),
            file=batch.column(FILE).take(at),
            line=batch.column(LINE).take(at),
            reason=[reason for _, reason, _ in broken],
            shown=[msgspec.json.encode(row).decode() for _, _, row in broken],
        )


HELD = pa.schema([
    *((column.name, column.type) for column in KEYED.columns),
    ("exchange_id", pa.string()), ("id_bits", pa.int64()), ("file_number", pa.int32()), ("line", pa.int64()),
])  # fmt: skip
"""The relation `exchange` where executors hold it: with the ids and places of its rows."""


@dataclass(frozen=True, eq=False)
class Choose:
    """The function that gives every request its template: the first of its anchors that the most accounts share.

    `anchors` are those that are shared, in order, and `holders` the accounts of each.
    """

    anchors: npt.NDArray[np.uint64]
    holders: npt.NDArray[np.int64]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rows as `HELD`."""
        for batch in batches:
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            columns["template"] = pa.array(self._templates([columns.pop(place) for place in PLACES]))
            yield pa.RecordBatch.from_arrays([_signed(columns[name]) for name in HELD.names], HELD.names)

    def _templates(self, places: list[pa.Array]) -> npt.NDArray[np.uint64]:
        chosen = np.zeros(len(places[0]), np.uint64)
        most = np.zeros(len(chosen), np.int64)
        for place in places if len(self.anchors) else ():
            own = place.to_numpy(zero_copy_only=False).view(np.uint64)
            at = np.minimum(np.searchsorted(self.anchors, own), len(self.anchors) - 1)
            held = np.where(self.anchors[at] == own, self.holders[at], 0)
            chosen, most = np.where(held > most, own, chosen), np.maximum(held, most)
        return chosen


def _signed(values: pa.Array) -> pa.Array:
    return values.view(pa.int64()) if values.type == KEY else values


def show(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Every row as a rejected one shows it, with its place."""
    for batch in batches:
        names = tuple(name for name in batch.schema.names if name not in {FILE, LINE})
        chunk = chunk_of(
            batch.select(list(names)), EXCHANGE, names, lines=np.arange(batch.num_rows), others=()
        )
        shown = [msgspec.json.encode(chunk.show(row)).decode() for row in range(chunk.batch.num_rows)]
        yield pa.RecordBatch.from_pydict(
            {"file": batch.column(FILE), "line": batch.column(LINE), "shown": shown}
        )


SHOWN = pa.schema([("file", pa.string()), ("line", pa.int64()), ("shown", pa.string())])


def _seen(good: pa.RecordBatch, rejected: pa.RecordBatch) -> Seen:
    broken = set(rejected.column("file").unique().to_pylist())
    files = broken | set(good.column(FILE).unique().to_pylist())
    held = {name for name in good.schema.names if good.column(name).null_count < len(good)} - {FILE, LINE}
    names = {
        column: set(encoded(good.column(source)).dictionary.drop_null().to_pylist())
        for column, source in NAMED.items()
        if source in held
    }
    return Seen(good.num_rows + rejected.num_rows, files, broken, held, names)


def _keyed(good: pa.RecordBatch) -> pa.RecordBatch:
    keys = keyed(good)
    columns = dict(zip(keys.schema.names, keys.columns, strict=True))
    anchors = np.asarray(columns.pop("anchors").flatten()).reshape(-1, ANCHORS)
    columns |= {place: pa.array(np.ascontiguousarray(anchors[:, at])) for at, place in enumerate(PLACES)}
    columns |= {"file": good.column(FILE), "line": good.column(LINE)}
    columns["account_id"] = columns["account_id"].dictionary_decode()
    columns["id_bits"] = pa.array(string_keys(columns["exchange_id"])).view(pa.int64())
    return _rows(good.num_rows, kind=[GOOD] * good.num_rows, **columns)


def _rows(count: int, **columns: object) -> pa.RecordBatch:
    """Rows of `ARRIVED`; columns that are not given are null."""
    arrays = []
    for field in ARRIVED:
        values = columns.get(field.name)
        if values is None:
            arrays.append(pa.nulls(count, field.type))
        elif isinstance(values, list):
            arrays.append(pa.array(values, field.type))
        else:
            arrays.append(values if values.type == field.type else values.cast(field.type))  # type: ignore[attr-defined]
    return pa.RecordBatch.from_arrays(arrays, schema=ARRIVED)
