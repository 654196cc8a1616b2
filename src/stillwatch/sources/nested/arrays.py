"""Values as JSON gave them, turned into columns of the contract.

Whether a value fits its column does not depend on the rows around it: where all values of a column have its type they are
turned in one go, else each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any

import pyarrow as pa

from stillwatch.model.tables import TIMESTAMP, Column, TableSchema
from stillwatch.sources.lanes.lane import Columns
from stillwatch.sources.nested.values import flag, number, text, whole

_LONG = frozenset({"prompt", "response", "system_prompt"})
"""Columns of long texts."""

_UNFIT = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)


class Arrays:
    """Columns in the making, a few rows at a time.

    Long texts are turned with the rows that they come with, so that they are still in the processor's cache, and no object
    of Python holds them for long; all other values in one go.
    """

    def __init__(self, table: TableSchema) -> None:
        """No rows yet."""
        self._kinds = [(column, _held(column), _EXACT.get(_held(column))) for column in table.columns]
        self._start()

    def _start(self) -> None:
        self._rows = 0
        self._values: dict[str, list[Any]] = {}
        self._texts: dict[str, list[pa.Array]] = {}
        self._bad: dict[int, str] = {}

    def add(self, told: Columns, rows: int) -> None:
        """More rows; a column that is missing says nothing."""
        for column, held, exact in self._kinds:
            name = column.name
            values = told.get(name)
            if name in _LONG:
                some = values or [None] * rows
                self._texts.setdefault(name, []).append(self._array(some, column, held, exact, self._rows))
            elif values is not None or name in self._values:
                before = self._values.get(name)
                if before is None:
                    before = self._values[name] = [None] * self._rows
                before += values or [None] * rows
        self._rows += rows

    def whole(self) -> tuple[dict[str, pa.Array], dict[int, str]]:
        """The columns of which any row says something, and the rows of which a value says none of its type, with the reason."""
        found = {name: pa.concat_arrays(some) for name, some in self._texts.items()}
        for column, held, exact in self._kinds:
            values = self._values.get(column.name)
            if values is not None and values.count(None) < len(values):
                found[column.name] = self._array(values, column, held, exact, 0)
        if "ts" in found:
            found["ts"] = found["ts"].view(TIMESTAMP)
        bad = self._bad
        self._start()
        return found, bad

    def _array(
        self,
        values: Sequence[Any],
        column: Column,
        held: pa.DataType,
        exact: frozenset[type] | None,
        first: int,
    ) -> pa.Array:
        try:
            if exact is None or exact.issuperset(map(type, values)):
                return pa.array(values, held)
        except _UNFIT:
            pass
        return pa.array(_mended(values, column, self._bad, first), held)


def _held(column: Column) -> pa.DataType:
    """The type in which a column's values are turned; of times, their microseconds."""
    return pa.int64() if column.type == TIMESTAMP else column.type


def _mended(values: Sequence[Any], column: Column, bad: dict[int, str], first: int) -> list[Any]:
    """The values one by one, each turned into the column's type."""
    low, high = _BOUNDS.get(column.type, (None, None))
    turn = _TURNS[column.type]
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
    pa.list_(pa.string()): _texts,
}
