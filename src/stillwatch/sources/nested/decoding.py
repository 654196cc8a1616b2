"""Raw records decoded and turned into typed rows, a few hundred at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from stillwatch.model.tables import TIMESTAMP, Column, TableSchema
from stillwatch.sources._base import Rejected
from stillwatch.sources.lines import TooLong
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Row
from stillwatch.sources.nested.values import flag, number, text, whole
from stillwatch.sources.rejected import shown

Parse = Callable[[bytes], object]

_json = msgspec.json.Decoder().decode
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, NoExchangeError)


class EnvelopeDecoder:
    """Turns raw records into record batches; counts what was excluded by reason."""

    unknown: Counter[str]

    def __init__(self, table: TableSchema, envelope: Envelope, file: str, parse: Parse = _json) -> None:
        """Rows of `table` from records that `parse` makes of raw bytes; `file` is the file's name in `raw_ref`."""
        self._envelope, self._file, self._parse = envelope, file, parse
        self._state = envelope.opened()
        self._columns = table.columns
        self.schema = table.arrow
        self.unknown, self.excluded = Counter(), Counter[str]()

    def decode(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int]
    ) -> tuple[pa.RecordBatch, list[int], list[Rejected]]:
        """The rows, the place in `some` of the record that each came from, and the records that are none."""
        rows: list[Row] = []
        places: list[int] = []
        rejected: list[Rejected] = []
        for place, raw in enumerate(some):
            if isinstance(raw, TooLong):
                rejected.append(Rejected(numbers[place], raw.reason, raw.shown))
                continue
            if not raw or raw.isspace():
                continue
            try:
                for record in self._envelope.unpacked(self._parse(raw)):
                    self._take(self._state.rows(record), rows, self._raw_ref(numbers[place]))
            except _FAULTS as fault:
                rejected.append(Rejected(numbers[place], _reason(raw, fault), shown(raw)))
            places += [place] * (len(rows) - len(places))
        batch, bad = _batch(rows, self._columns, self.schema)
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
        self._take(self._state.rest(), rows, self._raw_ref(number))
        batch, bad = _batch(rows, self._columns, self.schema)
        kept = pa.array([row for row in range(len(rows)) if row not in bad], pa.int64())
        return batch.take(kept), [Rejected(number, why, shown(rows[row])) for row, why in bad.items()]

    def _take(self, made: Iterable[Row | Excluded], rows: list[Row], raw_ref: str) -> None:
        reader = self._envelope.reader
        for one in made:
            if isinstance(one, Excluded):
                self.excluded[one.reason] += 1
                continue
            one["source"], one["raw_ref"] = reader, raw_ref
            rows.append(one)

    def _raw_ref(self, number: int) -> str:
        return f"{self._file}:{number}"


def _batch(
    rows: Sequence[Row], columns: Sequence[Column], schema: pa.Schema
) -> tuple[pa.RecordBatch, dict[int, str]]:
    """The rows as columns of the contract; values that say none of the type are null, and their rows named."""
    arrays: list[pa.Array] = []
    bad: dict[int, str] = {}
    for column in columns:
        name = column.name
        values = [row.get(name) for row in rows]
        kind = pa.int64() if column.type == TIMESTAMP else column.type
        try:
            array = pa.array(values, kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError):
            array = pa.array(_mended(values, column, bad), kind)
        arrays.append(array.cast(TIMESTAMP) if column.type == TIMESTAMP else array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema), bad


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
