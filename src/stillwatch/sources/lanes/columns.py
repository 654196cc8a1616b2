"""Values of many records at once, each turned as `nested.values` turns one; where all are plain, nothing is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import NoneType
from typing import Any

from stillwatch.sources.lanes.shapes import inside
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.moments import iso
from stillwatch.sources.nested.values import ABSENT, status, text, whole

_TEXTS, _WHOLES, _SIMPLE = (
    frozenset({str, NoneType}),
    frozenset({int, NoneType}),
    frozenset({str, int, NoneType}),
)


def texts(objects: Sequence[Any], path: str) -> Sequence[str | None]:
    """Texts that say something."""
    values = inside(objects, path)
    if _TEXTS.issuperset(map(type, values)) and ABSENT.isdisjoint(values):
        return values
    return list(map(text, values))


def wholes(objects: Sequence[Any], path: str) -> Sequence[int | None]:
    """Whole numbers."""
    values = inside(objects, path)
    return values if _WHOLES.issuperset(map(type, values)) else list(map(whole, values))


def statuses(objects: Sequence[Any], path: str) -> Sequence[int | None]:
    """HTTP statuses."""
    return turned(status, inside(objects, path))


def turned(turn: Callable[[Any], Any], values: Sequence[Any]) -> Sequence[Any]:
    """Values of which most are the same, each turned; a value of one kind is turned once."""
    if not _SIMPLE.issuperset(map(type, values)):
        return list(map(turn, values))
    return list(map({value: turn(value) for value in set(values)}.__getitem__, values))


def moments(objects: Sequence[Any], path: str) -> Sequence[int | None]:
    """Times in ISO 8601 of a program that writes UTC."""
    return [iso(value, utc=True) for value in inside(objects, path)]


def either(values: Sequence[Any], others: Sequence[Any]) -> Sequence[Any]:
    """The first values, and the others where those say nothing."""
    return [value or other for value, other in zip(values, others, strict=True)]


def unless(values: Sequence[Any], are_odd: Iterable[object]) -> Sequence[Any]:
    """The values, and None where a record is odd: of a needed column, so that it is read in full."""
    return [None if is_odd else value for value, is_odd in zip(values, are_odd, strict=True)]


def addresses(objects: Sequence[Any], path: str) -> Sequence[str | None]:
    """Addresses of clients."""
    return turned(address, inside(objects, path))
