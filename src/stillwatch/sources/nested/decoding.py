"""Raw records decoded and turned into typed rows, a few hundred at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.tables import TIMESTAMP, Column, TableSchema
from stillwatch.sources._base import Rejected
from stillwatch.sources.lines import TooLong
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Row
from stillwatch.sources.nested.values import flag, number, text, whole
from stillwatch.sources.nested.wrapped import is_wrapped
from stillwatch.sources.rejected import shown

Parse = Callable[[bytes], object]
_Columns = Sequence[tuple[Column, pa.DataType]]

_json = msgspec.json.Decoder().decode
_ADDED = ("source", "raw_ref")
_UNFIT = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, NoExchangeError)


class EnvelopeDecoder:
    """Turns raw records into record batches; counts what was excluded by reason."""

    unknown: Counter[str]

    def __init__(self, table: TableSchema, envelope: Envelope, log: Path, parse: Parse = _json) -> None:
        """Rows of `table` from records that `parse` makes of the raw bytes of a log, whose name is in `raw_ref`."""
        self._envelope, self._parse = envelope, parse
        self._file = log.name.encode("utf-8", "replace").decode()
        self._state = envelope.opened(log)
        self._columns = tuple((column, _held(column)) for column in table.columns)
        self.schema = table.arrow
        self.unknown, self.excluded = Counter(), Counter[str]()

    def decode(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int]
    ) -> tuple[pa.RecordBatch, list[int], list[Rejected]]:
        """The rows, the place in `some` of the record that each came from, and the records that are none."""
        rows: list[Row] = []
        places: list[int] = []
        rejected: list[Rejected] = []
        parse, read, is_packed = self._parse, self._state.rows, bool(self._envelope.packed)
        for place, raw in enumerate(some):
            if isinstance(raw, TooLong):
                rejected.append(Rejected(numbers[place], raw.reason, raw.shown))
                continue
            if not raw or raw.isspace():
                continue
            try:
                record: Any = parse(raw)
                is_one = isinstance(record, dict) and not is_packed and not is_wrapped(record)
                for one in (record,) if is_one else self._envelope.unpacked(record):
                    self._take(read(one), rows)
            except _FAULTS as fault:
                rejected.append(Rejected(numbers[place], _reason(raw, fault), shown(raw)))
            while len(places) < len(rows):
                places.append(place)
        batch, bad = self._batch(rows, [numbers[place] for place in places])
        for row, why in bad.items():
            raw = some[places[row]]
            rejected.append(Rejected(numbers[places[row]], why, shown(raw)))
        if bad:
            kept = [row for row in range(len(rows)) if row not in bad]
            batch, places = batch.take(pa.array(kept, pa.int64())), [places[row] for row in kept]
        return batch, places, rejected

    def rest(self, number: int) -> tuple[pa.RecordBatch, list[Rejected]]:
        """What waited for its other part when the file ended; `number` is the last record's."""
        rows: list[Row] = []
        self._take(self._state.rest(), rows)
        batch, bad = self._batch(rows, [number] * len(rows))
        kept = pa.array([row for row in range(len(rows)) if row not in bad], pa.int64())
        origin = {"source": self._envelope.reader, "raw_ref": f"{self._file}:{number}"}
        return batch.take(kept), [
            Rejected(number, why, shown(rows[row] | origin)) for row, why in bad.items()
        ]

    def _take(self, made: Iterable[Row | Excluded], rows: list[Row]) -> None:
        for one in made:
            if isinstance(one, Excluded):
                self.excluded[one.reason] += 1
            else:
                rows.append(one)

    def _batch(self, rows: Sequence[Row], numbers: Sequence[int]) -> tuple[pa.RecordBatch, dict[int, str]]:
        """The rows as columns of the contract; values that say none of the type are null, and their rows named."""
        bad: dict[int, str] = {}
        found = _arrays(rows, self._columns, bad)
        found["source"] = pa.repeat(self._envelope.reader, len(rows))
        places = pa.array(numbers, pa.int64()).cast(pa.string())
        found["raw_ref"] = pc.binary_join_element_wise(self._file, places, ":")
        arrays = [found.get(field.name) for field in self.schema]
        for place, array in enumerate(arrays):
            if array is None:
                arrays[place] = pa.nulls(len(rows), self.schema.field(place).type)
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema), bad


def _arrays(rows: Sequence[Row], columns: _Columns, bad: dict[int, str]) -> dict[str, pa.Array]:
    """The columns of which any row says something, turned in one go where every value fits."""
    told = set().union(*rows).difference(_ADDED)
    present = [(column, held) for column, held in columns if column.name in told]
    try:
        whole = pa.array(rows, pa.struct([(column.name, held) for column, held in present]))
        arrays = [whole.field(place) for place in range(len(present))]
    except _UNFIT:
        arrays = [
            _array([row.get(column.name) for row in rows], column, held, bad) for column, held in present
        ]
    found = {column.name: array for (column, _), array in zip(present, arrays, strict=True)}
    if "ts" in found:
        found["ts"] = found["ts"].cast(TIMESTAMP)
    return found


def _array(values: list[Any], column: Column, held: pa.DataType, bad: dict[int, str]) -> pa.Array:
    try:
        return pa.array(values, held)
    except _UNFIT:
        return pa.array(_mended(values, column, bad), held)


def _held(column: Column) -> pa.DataType:
    """The type in which a column's values are turned; of times, their microseconds."""
    return pa.int64() if column.type == TIMESTAMP else column.type


def _mended(values: list[Any], column: Column, bad: dict[int, str]) -> list[Any]:
    """The values one by one, each turned into the column's type."""
    low, high = _BOUNDS.get(column.type, (None, None))
    turn = _TURNS[column.type]
    found: list[Any] = []
    for place, value in enumerate(values):
        turned = None if value is None else turn(value)
        if value is not None and turned is None and value != "":
            bad.setdefault(place, f"wrong type: {column.name}")
        if low is not None and high is not None and turned is not None and not low <= turned <= high:
            bad.setdefault(place, f"number out of range: {column.name}")
            turned = None
        found.append(turned)
    return found


def _texts(value: object) -> list[str] | None:
    if not isinstance(value, list):
        return None
    kept = [text(one) for one in value]
    return [one for one in kept if one is not None] if all(kept) else None


def _text(value: object) -> str | None:
    told = value if isinstance(value, str) else text(value)
    if told is None or told.isascii():
        return told
    try:
        told.encode()
    except UnicodeEncodeError:
        return None
    return told


_BOUNDS = {
    pa.int32(): (-(2**31), 2**31 - 1),
    pa.int64(): (-(2**63), 2**63 - 1),
    TIMESTAMP: (-(2**63), 2**63 - 1),
}
_TURNS: Mapping[pa.DataType, Callable[[Any], Any]] = {
    pa.string(): _text,
    TIMESTAMP: whole,
    pa.int32(): whole,
    pa.int64(): whole,
    pa.float64(): number,
    pa.bool_(): flag,
    pa.list_(pa.string()): _texts,
}


def _reason(raw: bytes, fault: Exception) -> str:
    """One of a few reasons, so that rows can be counted by reason."""
    if isinstance(fault, NoExchangeError):
        return str(fault)
    told = str(fault)
    reasons = (
        (isinstance(fault, UnicodeDecodeError), "no UTF-8"),
        (isinstance(fault, RecursionError), "nested too deeply"),
        (b"\0" in raw, "null byte"),
        ("truncated" in told, "truncated line"),
    )
    return next((reason for holds, reason in reasons if holds), "malformed JSON")
