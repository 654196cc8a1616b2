"""Raw records decoded and turned into typed rows, a few hundred at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from sys import getsizeof
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.model.tables import TIMESTAMP, TableSchema
from stillwatch.sources._base import Rejected
from stillwatch.sources.lines import TooLong
from stillwatch.sources.nested.apart import kept_apart
from stillwatch.sources.nested.arrays import Arrays, Columns
from stillwatch.sources.nested.envelope import Envelope, Excluded, Held, NoExchangeError, Row
from stillwatch.sources.nested.values import from_json
from stillwatch.sources.rejected import is_no_utf8, shown

Parse = Callable[[bytes], object]

_ADDED = ("source", "raw_ref")
_BYTES = 1 << 18
"""About how many bytes of records are decoded before what they say is turned: few enough to stay in the processor's cache."""

_CUT = 1 << 16
"""Bytes of rows that are copied in the time of one cut between them."""

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
    ) -> tuple[pa.RecordBatch | pa.Table, list[int], list[Rejected]]:
        """The rows, the place in `some` of the record that each came from, and the records that are none."""
        if self._lane is None or self._state.waits():
            return self._decoded(some, numbers, range(len(some)))
        told = self._lane.told(some)
        if self._state.others is not None:
            told = kept_apart(told, some, self._state.others, self._envelope.unpacked)
        odd, regular = told.odd, told.places
        self.excluded.update(told.excluded)
        batch = self._in_columns(told.columns, np.asarray(numbers, np.int64)[regular])
        if not odd:
            return batch, regular.tolist(), []
        others, places, rejected = self._decoded(some, numbers, odd)
        both = np.concatenate([regular, np.array(places, np.int64)])
        return among(batch, others, regular, places), np.sort(both, kind="stable").tolist(), rejected

    def _decoded(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int], chosen: Sequence[int]
    ) -> tuple[pa.RecordBatch, list[int], list[Rejected]]:
        """The same of some places by the full reading."""
        places: list[int] = []
        rejected: list[Rejected] = []
        size = sum(getsizeof(some[place]) for place in chosen)
        step = max(1, _BYTES * len(chosen) // (size + 1))
        for start in range(0, len(chosen), step):
            rows, within, faults = self._rows(some, numbers, chosen[start : start + step])
            self._arrays.add(_columns(rows), len(within))
            places += within
            rejected += faults
        batch, bad = self._batch([numbers[place] for place in places])
        for row, why in bad.items():
            raw = some[places[row]]
            rejected.append(Rejected(numbers[places[row]], why, shown(raw)))
        if bad:
            kept = _without(range(len(places)), bad)
            batch, places = batch.take(pa.array(kept, pa.int64())), [places[row] for row in kept]
        return batch, places, rejected

    def _rows(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int], chosen: Iterable[int]
    ) -> tuple[list[Any], list[int], list[Rejected]]:
        """The rows of the records at some places by the full reading, their places, and the records that are none."""
        rows: list[Any] = []
        places: list[int] = []
        rejected: list[Rejected] = []
        parse, read, is_single = self._parse, self._state.rows, self._envelope.is_single
        holds = self._state.holds
        for place in chosen:
            raw = some[place]
            if isinstance(raw, TooLong):
                rejected.append(Rejected(numbers[place], raw.reason, raw.shown))
                continue
            if not raw or raw.isspace():
                continue
            try:
                record: Any = parse(raw)
                if holds is not None:
                    holds.line(len(raw), self._envelope.count(record))
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
        return batch.take(kept), [
            Rejected(number, why, shown(self._of_rest(rows[row], number))) for row, why in bad.items()
        ]

    def _of_rest(self, row: Any, number: int) -> Row:
        origin = {"source": self._envelope.reader, "raw_ref": f"{self._file}:{number}"}
        told: Row = row | origin
        return told

    def _whole(self, rows: Sequence[Row], numbers: Sequence[int]) -> tuple[pa.RecordBatch, dict[int, str]]:
        """Rows as columns of the contract, and those that are none."""
        self._arrays.add(_columns(rows), len(rows))
        return self._batch(numbers)

    def _take(self, made: Iterable[Row | Excluded | Held], rows: list[Any]) -> None:
        for one in made:
            if isinstance(one, Excluded):
                self.excluded[one.reason] += 1
            else:
                rows.append(one)

    def _batch(self, numbers: Sequence[int]) -> tuple[pa.RecordBatch, dict[int, str]]:
        """What was told as columns of the contract; values that say none of the type are null, and their rows named."""
        found, bad = self._arrays.whole()
        return self._in_columns(found, np.array(numbers, np.int64)), bad

    def _in_columns(self, found: Mapping[str, pa.Array], numbers: NDArray[np.int64]) -> pa.RecordBatch:
        """Columns with those that are missing, and where each row comes from."""
        if len(next(iter(self._nothing.values()))) != len(numbers):
            self._nothing = self._nulls(len(numbers))
        told = pa.array(numbers).cast(pa.string())
        arrays = {**self._nothing, **found, "raw_ref": pc.binary_join_element_wise(self._file, told, ":")}
        if "ts" in arrays and arrays["ts"].type == pa.int64():
            arrays["ts"] = arrays["ts"].view(TIMESTAMP)
        return pa.RecordBatch.from_arrays([arrays[name] for name in self.schema.names], schema=self.schema)

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


def among(
    regular: pa.RecordBatch, others: pa.RecordBatch, places: NDArray[np.int64], other_places: Sequence[int]
) -> pa.RecordBatch | pa.Table:
    """Rows and others in the order of their places, both of which rise; of few others, the rows are not copied."""
    if regular.nbytes > _CUT * len(other_places):
        return _between(regular, others, np.searchsorted(places, other_places))
    order = np.argsort(np.concatenate([places, np.array(other_places, np.int64)]), kind="stable")
    return pa.concat_batches([regular, others]).take(pa.array(order))


def _between(regular: pa.RecordBatch, others: pa.RecordBatch, places: NDArray[np.int64]) -> pa.Table:
    """Rows with others between them, each before the row at its place; nothing is copied."""
    parts, last = [], 0
    for number, place in enumerate(places.tolist()):
        parts += [regular.slice(last, place - last), others.slice(number, 1)]
        last = place
    return pa.Table.from_batches([*parts, regular.slice(last)])


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
