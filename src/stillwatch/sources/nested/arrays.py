"""Values as JSON gave them, turned into columns of the contract.

Whether a value fits its column does not depend on the rows around it: where all values of a column have its type they are
turned in one go, else each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch.model.tables import TIMESTAMP, Column, TableSchema
from stillwatch.sources.nested.values import flag, number, text, whole

Columns = dict[str, Sequence[Any]]
"""Values of contract columns, one for each record; a missing column says nothing."""

_LONG = frozenset({"prompt", "response", "system_prompt"})
"""Columns of long texts."""

_UNFIT = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)


class Arrays:
    """Columns in the making, a few rows at a time.

    Long texts are encoded with the rows that they come with, while they are still in the processor's cache; all other
    values are turned in one go.
    """

    def __init__(self, table: TableSchema) -> None:
        """No rows yet."""
        self._kinds = [(column, _held(column), _EXACT.get(_held(column))) for column in table.columns]
        self._start()

    def _start(self) -> None:
        self._rows = 0
        self._values: dict[str, list[Any]] = {}
        self._bad: dict[str, dict[int, str]] = {}

    def add(self, told: Columns, rows: int) -> None:
        """More rows; a column that is missing says nothing."""
        for column, _, _ in self._kinds:
            name = column.name
            values = told.get(name)
            if values is None and name not in self._values:
                continue
            before = self._values.get(name)
            if before is None:
                before = self._values[name] = [None] * self._rows
            if values is None:
                values = [None] * rows
            before += self._encoded(values, column) if name in _LONG else values
        self._rows += rows

    def whole(self) -> tuple[dict[str, pa.Array], dict[int, str]]:
        """The columns of which any row says something, and the rows of which a value says none of its type, with the reason."""
        found: dict[str, pa.Array] = {}
        bad: dict[int, str] = {}
        for column, held, exact in self._kinds:
            name = column.name
            values = self._values.get(name)
            if values is not None:
                found[name] = _texts(values) if name in _LONG else self._array(values, column, held, exact)
                bad = self._bad.get(name, {}) | bad
        if "ts" in found:
            found["ts"] = found["ts"].view(TIMESTAMP)
        self._start()
        return found, bad

    def _encoded(self, values: Sequence[Any], column: Column) -> list[bytes | None]:
        try:
            return [None if text is None else text.encode() for text in values]
        except (AttributeError, UnicodeEncodeError):
            mended = self._mended(values, column, self._rows)
            return [None if text is None else text.encode() for text in mended]

    def _array(
        self, values: Sequence[Any], column: Column, held: pa.DataType, exact: frozenset[type] | None
    ) -> pa.Array:
        try:
            if exact is None or exact.issuperset(map(type, values)):
                return pa.array(values, held)
        except _UNFIT:
            pass
        return pa.array(self._mended(values, column, 0), held)

    def _mended(self, values: Sequence[Any], column: Column, first: int) -> list[Any]:
        """The values one by one, each turned into the column's type; `first` is the row of the first."""
        low, high = _BOUNDS.get(column.type, (None, None))
        turn = _TURNS[column.type]
        bad = self._bad.setdefault(column.name, {})
        found: list[Any] = []
        for place, value in enumerate(values, first):
            turned = None if value is None else turn(value)
            if value is not None and turned is None and value != "":
                bad.setdefault(place, f"wrong type: {column.name}")
            if low is not None and high is not None and turned is not None and not low <= turned <= high:
                bad.setdefault(place, f"number out of range: {column.name}")
                turned = None
            found.append(turned)
        return found


def _texts(encoded: Sequence[bytes | None]) -> pa.Array:
    """Texts in UTF-8 as a column."""
    offsets = np.zeros(len(encoded) + 1, np.int32)
    sizes = np.fromiter((0 if one is None else len(one) for one in encoded), np.int32, len(encoded))
    np.cumsum(sizes, out=offsets[1:])
    there = pa.array([one is not None for one in encoded], pa.bool_()).buffers()[1]
    some = pa.py_buffer(b"".join([one for one in encoded if one is not None]))
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), some, there)


def _held(column: Column) -> pa.DataType:
    """The type in which a column's values are turned; of times, their microseconds."""
    return pa.int64() if column.type == TIMESTAMP else column.type


def _names(value: object) -> list[str] | None:
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


_EXACT: Mapping[pa.DataType, frozenset[type]] = {
    pa.int32(): frozenset({int, NoneType}),
    pa.int64(): frozenset({int, NoneType}),
    pa.float64(): frozenset({float, int, NoneType}),
}
"""The types of numbers that keep their value in a column's type; others Arrow would cut."""

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
    pa.list_(pa.string()): _names,
}
