"""What a lane is: the short way for the records of a format that are as most are.

A lane knows the shape of such records and makes columns of many at a time. What it tells must be what the full reading
tells, `Envelope.rows`; a record for which that cannot be said at once has another shape, or is told to be odd, and is left
to the full reading. So a lane refuses nothing, excludes nothing and knows no exceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any

from stillwatch.sources.lanes.shapes import NEVER, Shape

Columns = dict[str, Sequence[Any]]
"""Values of contract columns, one for each record; a missing column says nothing."""


class Lane:
    """The short way of one format."""

    def __init__(
        self,
        shape: Mapping[str, Any],
        columns: Callable[[Sequence[Any]], Columns],
        *,
        needed: Sequence[str] = (),
    ) -> None:
        """Records of that shape as columns; one without a value in a `needed` column is odd."""
        self._shape = Shape({**shape, "log": NEVER})
        self._turn, self._needed = columns, needed

    def columns(self, lines: Sequence[Any]) -> tuple[Columns, list[int]]:
        """The columns of the lines that are as most are, and the places of the others, in their order."""
        objects, odd = self._shape.sweep(lines)
        columns = self._turn(objects) if objects else {}
        lacking = {row for name in self._needed for row in _empty(columns.get(name, ()))}
        if not lacking:
            return columns, odd
        regular = _others(range(len(lines)), set(odd))
        odd = sorted({*odd, *(regular[row] for row in lacking)})
        return {name: _others(values, lacking) for name, values in columns.items()}, odd


def over(told: Columns, more: Columns) -> Columns:
    """The columns, with what the others say in place of what they said."""
    for name, values in more.items():
        before = told.get(name)
        told[name] = (
            values
            if before is None or not has_nothing(values)
            else [was if now is None else now for was, now in zip(before, values, strict=True)]
        )
    return told


def has_nothing(values: Sequence[Any]) -> bool:
    """Whether any value is None; by their types, for comparing a text with None takes longer."""
    return NoneType in set(map(type, values))


def _others(some: Sequence[Any], rows: set[int]) -> list[Any]:
    return [one for row, one in enumerate(some) if row not in rows]


def _empty(values: Sequence[Any]) -> list[int]:
    return [row for row, value in enumerate(values) if value is None] if has_nothing(values) else []
