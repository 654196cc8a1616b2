"""Raw records decoded and turned into typed rows, a few hundred at a time."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from sys import getsizeof
from typing import Any

import msgspec
import pyarrow as pa

from stillwatch.model.tables import TableSchema
from stillwatch.sources._base import Rejected
from stillwatch.sources.lanes.lane import Columns
from stillwatch.sources.lines import TooLong
from stillwatch.sources.nested.arrays import Arrays
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Row
from stillwatch.sources.nested.values import from_json
from stillwatch.sources.rejected import is_no_utf8, shown

Parse = Callable[[bytes], object]

_ADDED = ("source", "raw_ref")
_BYTES = 1 << 18
"""About how many bytes of records are decoded before what they say is turned: few enough to stay in the processor's cache."""

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, NoExchangeError)


class EnvelopeDecoder:
    """Turns raw records into record batches; counts what was excluded by reason."""

    unknown: Counter[str]

    def __init__(self, table: TableSchema, envelope: Envelope, log: Path, parse: Parse = from_json) -> None:
        """Rows of `table` from records that `parse` makes of the raw bytes of a log, whose name is in `raw_ref`."""
        self._envelope, self._parse = envelope, parse
        self._file = log.name.encode("utf-8", "replace").decode()
        self._state = envelope.opened(log)
        self._lane = envelope.lane if parse is from_json else None
        self._arrays = Arrays(table)
        self.schema = table.arrow
        self._nothing = self._nulls(0)
        self.unknown, self.excluded = Counter(), Counter[str]()

    def decode(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int]
    ) -> tuple[pa.RecordBatch, list[int], list[Rejected]]:
        """The rows, the place in `some` of the record that each came from, and the records that are none."""
        places: list[int] = []
        rejected: list[Rejected] = []
        step = max(1, _BYTES * len(some) // (sum(map(getsizeof, some)) + 1))
        for start in range(0, len(some), step):
            columns, within, faults = self._told(some[start : start + step], numbers[start : start + step])
            self._arrays.add(columns, len(within))
            places += [start + place for place in within]
            rejected += faults
        batch, bad = self._batch([numbers[place] for place in places])
        for row, why in bad.items():
            raw = some[places[row]]
            rejected.append(Rejected(numbers[places[row]], why, shown(raw)))
        if bad:
            kept = _without(range(len(places)), bad)
            batch, places = batch.take(pa.array(kept, pa.int64())), [places[row] for row in kept]
        return batch, places, rejected

    def _told(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int]
    ) -> tuple[Columns, list[int], list[Rejected]]:
        """What a few records say, by their lane where there is one and they are as most are, else by the full reading."""
        if self._lane is None:
            rows, places, rejected = self._rows(some, numbers, range(len(some)))
            return _columns(rows), places, rejected
        columns, odd = self._lane.columns(some)
        regular = _without(range(len(some)), odd)
        rows, places, rejected = self._rows(some, numbers, odd)
        if rows:
            columns = _merged(columns, regular, rows, places)
        return columns, sorted((*regular, *places)) if rows else regular, rejected

    def _rows(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int], odd: Iterable[int]
    ) -> tuple[list[Row], list[int], list[Rejected]]:
        """The rows of the records at some places by the full reading, their places, and the records that are none."""
        rows: list[Row] = []
        places: list[int] = []
        rejected: list[Rejected] = []
        parse, read, is_single = self._parse, self._state.rows, self._envelope.is_single
        for place in odd:
            raw = some[place]
            if isinstance(raw, TooLong):
                rejected.append(Rejected(numbers[place], raw.reason, raw.shown))
                continue
            if not raw or raw.isspace():
                continue
            try:
                record: Any = parse(raw)
                for one in (record,) if is_single(record) else self._envelope.unpacked(record):
                    self._take(read(one), rows)
            except _FAULTS as fault:
                rejected.append(Rejected(numbers[place], _reason(raw, fault), shown(raw)))
            while len(places) < len(rows):
                places.append(place)
        return rows, places, rejected

    def rest(self, number: int) -> tuple[pa.RecordBatch, list[Rejected]]:
        """What waited for its other part when the file ended; `number` is the last record's."""
        rows: list[Row] = []
        self._take(self._state.rest(), rows)
        self._arrays.add(_columns(rows), len(rows))
        batch, bad = self._batch([number] * len(rows))
        kept = pa.array(_without(range(len(rows)), bad), pa.int64())
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

    def _batch(self, numbers: Sequence[int]) -> tuple[pa.RecordBatch, dict[int, str]]:
        """What was told as columns of the contract; values that say none of the type are null, and their rows named."""
        found, bad = self._arrays.whole()
        found["raw_ref"] = pa.array([f"{self._file}:{number}" for number in numbers], pa.string())
        if len(next(iter(self._nothing.values()))) != len(numbers):
            self._nothing = self._nulls(len(numbers))
        arrays = [found.get(name, nothing) for name, nothing in self._nothing.items()]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema), bad

    def _nulls(self, count: int) -> Mapping[str, pa.Array]:
        """Columns of so many rows that say nothing, but where they come from."""
        return {
            field.name: pa.repeat(self._envelope.reader, count)
            if field.name == "source"
            else pa.nulls(count, field.type)
            for field in self.schema
        }


def _without(some: Iterable[int], odd: Iterable[int]) -> list[int]:
    out = frozenset(odd)
    return [place for place in some if place not in out] if out else list(some)


def _columns(rows: Sequence[Row]) -> Columns:
    """Rows as columns."""
    return {name: [row.get(name) for row in rows] for name in set().union(*rows).difference(_ADDED)}


def _merged(columns: Columns, regular: Sequence[int], rows: Sequence[Row], places: Sequence[int]) -> Columns:
    """The columns with the rows that belong between them; `regular` and `places` say which record each came from."""
    positions = [bisect(regular, place) + number for number, place in enumerate(places)]
    whole: Columns = {}
    for name in set(columns).union(*rows).difference(_ADDED):
        values = list(columns.get(name, [None] * len(regular)))
        for position, row in zip(positions, rows, strict=True):
            values.insert(position, row.get(name))
        whole[name] = values
    return whole


def _reason(raw: bytes, fault: Exception) -> str:
    """One of a few reasons, so that rows can be counted by reason."""
    if isinstance(fault, NoExchangeError):
        return str(fault)
    told = str(fault)
    reasons = (
        (is_no_utf8(fault), "no UTF-8"),
        (isinstance(fault, RecursionError), "nested too deeply"),
        (b"\0" in raw, "null byte"),
        ("truncated" in told, "truncated line"),
    )
    return next((reason for holds, reason in reasons if holds), "malformed JSON")
