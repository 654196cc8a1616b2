"""Lines of JSON decoded into typed rows by msgspec, a few hundred at a time.

Small slices keep the rows in the processor's cache while they are turned into columns, which halves
the cost. A slice without a fault is decoded without any Python code a line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any

import msgspec
import pyarrow as pa

from stillwatch.model.tables import TIMESTAMP, TableSchema
from stillwatch.sources._base import Rejected
from stillwatch.sources.lines import TooLong
from stillwatch.sources.rejected import is_no_utf8, shown

MOST_LEARNED = 64
"""Unknown keys that become fields of the row type; more are counted line by line."""

MOST_NAMED = 1_000
"""Unknown keys that are counted by name; the rows of all others are counted together."""

OTHERS = "(others)"

LONGEST_NAME = 200

_ABSENT = msgspec.Raw(b"null")
_INT32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_INT64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_TYPES: dict[pa.DataType, Any] = {
    pa.string(): str,
    TIMESTAMP: str,
    pa.int32(): _INT32,
    pa.int64(): _INT64,
    pa.float64(): float,
    pa.bool_(): bool,
    pa.list_(pa.string()): list[str],
}
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_any = msgspec.json.Decoder(dict[str, Any])
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _BlankError(ValueError):
    """The line holds nothing; it is no row."""


class _LearnedError(Exception):
    """The line had unknown keys, and the row type has grown to know them."""


class RowDecoder:
    """Turns lines into record batches; `unknown` counts the rows that carried each unknown key, `learned` are those that the row type knows."""

    def __init__(self, table: TableSchema) -> None:
        """Rows with the columns of `table`; times stay texts."""
        self._columns = table.columns
        self._names = frozenset(column.name for column in table.columns)
        self._whole = [c.name for c in table.columns if pa.types.is_integer(c.type)]
        self._values = attrgetter(*(column.name for column in table.columns))
        types = [pa.string() if column.type == TIMESTAMP else column.type for column in table.columns]
        self.schema = pa.schema(
            [pa.field(c.name, kind) for c, kind in zip(table.columns, types, strict=True)]
        )
        self.unknown: Counter[str] = Counter()
        self.excluded: Counter[str] = Counter()
        self.learned: list[str] = []
        self._counted: set[str] = set()
        self._build()

    def decode(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int]
    ) -> tuple[pa.RecordBatch, list[int], list[Rejected]]:
        """The rows of the lines, the places of those lines in `some`, and the lines that are no rows."""
        while True:
            counted = self.unknown.copy()
            try:
                rows, faults = self._rows(some)
                break
            except _LearnedError:
                self.unknown = counted
        places = (
            [place for place in range(len(some)) if place not in faults] if faults else list(range(len(some)))
        )
        if self.learned:
            rows, places = self._count_learned(rows, places, some, faults)
        values = zip(*map(self._values, rows), strict=True) if rows else [()] * len(self.schema)
        arrays = [pa.array(column, field.type) for column, field in zip(values, self.schema, strict=True)]
        rejected = [_rejected(some[at], numbers[at], fault) for at, fault in faults.items()]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        return batch, places, [row for row in rejected if row is not None]

    def _build(self) -> None:
        fields: list[Any] = [(column.name, _TYPES[column.type] | None, None) for column in self._columns]
        for number, key in enumerate(self.learned):
            fields.append((f"unknown_{number}", msgspec.Raw, msgspec.field(default=_ABSENT, name=key)))
        strict = msgspec.defstruct("Row", fields, gc=False, forbid_unknown_fields=True)
        self._decoder = msgspec.json.Decoder(strict)
        self._loose = msgspec.json.Decoder(msgspec.defstruct("LooseRow", fields, gc=False))
        self._marks = attrgetter(*(f"unknown_{number}" for number in range(len(self.learned))), "__class__")

    def _rows(self, some: Sequence[bytes | TooLong]) -> tuple[list[Any], dict[int, Exception]]:
        """Decodes in one sweep, which goes on after each line that does not decode."""
        rows: list[Any] = []
        faults: dict[int, Exception] = {}
        sweep = map(self._decoder.decode, some)  # type: ignore[arg-type]
        while True:
            try:
                rows.extend(sweep)
            except (*_FAULTS, TypeError) as fault:
                place = len(rows) + len(faults)
                try:
                    rows.append(self._again(some[place], fault))
                except (*_FAULTS, _BlankError) as final:
                    faults[place] = final
            else:
                return rows, faults

    def _again(self, line: bytes | TooLong, fault: Exception) -> Any:
        """A line that did not decode at first, perhaps for an unknown key or a whole number like 5.0."""
        if isinstance(line, TooLong):
            raise _BlankError from fault
        if not line.strip():
            raise _BlankError from None
        if str(fault).startswith("Object contains unknown field"):
            keys = [key for key in _keys.decode(line) if key not in self._names and key not in self.learned]
            if len(self.learned) + len(keys) <= MOST_LEARNED and all(map(is_learnable, keys)):
                self.learned += keys
                self._build()
                raise _LearnedError
            row = self._mended(line)
            line.decode()
            self.unknown.update(self._named(keys))
            return row
        if "got `float`" in str(fault):
            return self._mended(line)
        raise fault

    def _mended(self, line: bytes) -> Any:
        try:
            return self._loose.decode(line)
        except msgspec.ValidationError as fault:
            if "got `float`" not in str(fault):
                raise
        values = _any.decode(line)
        for name in self._whole:
            number = values.get(name)
            if isinstance(number, float) and number.is_integer():
                values[name] = int(number)
        return self._loose.decode(msgspec.json.encode(values))

    def _named(self, keys: list[str]) -> list[str]:
        for key in keys:
            if len(self._counted) < MOST_NAMED:
                self._counted.add(key[:LONGEST_NAME])
        return sorted({key[:LONGEST_NAME] if key[:LONGEST_NAME] in self._counted else OTHERS for key in keys})

    def _count_learned(
        self,
        rows: list[Any],
        places: list[int],
        some: Sequence[bytes | TooLong],
        faults: dict[int, Exception],
    ) -> tuple[list[Any], list[int]]:
        """Count the learned keys; what msgspec skipped was not checked for UTF-8, so that is done here."""
        bad = {at: fault for at in places if (fault := _no_utf8(some[at])) is not None}
        if bad:
            rows = [row for row, at in zip(rows, places, strict=True) if at not in bad]
            places = [at for at in places if at not in bad]
            faults |= bad
        for marks in map(self._marks, rows):
            for key, mark in zip(self.learned, marks, strict=False):
                if mark is not _ABSENT:
                    self.unknown[key[:LONGEST_NAME]] += 1
        return rows, places


def is_learnable(key: str) -> bool:
    """Whether msgspec takes the key for the name of a field."""
    return not any(sign in '"\\' or sign < " " for sign in key)


def _no_utf8(line: bytes | TooLong) -> UnicodeDecodeError | None:
    if isinstance(line, TooLong) or line.isascii():
        return None
    try:
        line.decode()
    except UnicodeDecodeError as fault:
        return fault
    return None


def _rejected(line: bytes | TooLong, number: int, fault: Exception) -> Rejected | None:
    if isinstance(line, TooLong):
        return Rejected(number, line.reason, line.shown)
    if isinstance(fault, _BlankError):
        return None
    return Rejected(number, _reason(line, fault), shown(line))


def _reason(line: bytes, fault: Exception) -> str:
    """One of a few reasons, so that rows can be counted by reason."""
    text = str(fault)
    column = text.rpartition("at `$.")[2].rstrip("`").partition("[")[0] if "at `$." in text else ""
    out_of_range = "out of range" in text or "Expected `int` " in text
    reasons = (
        (is_no_utf8(fault), "no UTF-8"),
        (isinstance(fault, RecursionError), "nested too deeply"),
        (b"\0" in line, "null byte"),
        (out_of_range, f"number out of range: {column}"),
        (column != "", f"wrong type: {column}"),
        (isinstance(fault, msgspec.ValidationError), "no JSON object"),
        ("truncated" in text and not line.rstrip().endswith(b"}"), "truncated line"),
    )
    return next((reason for holds, reason in reasons if holds), "malformed JSON")
