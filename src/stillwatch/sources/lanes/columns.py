"""Values of many records at once, each turned as `nested.values` turns one; where all are plain, nothing is called."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType
from typing import Any

from stillwatch.sources.lanes.shapes import inside
from stillwatch.sources.nested.moments import iso
from stillwatch.sources.nested.values import ABSENT, status, text, whole

_TEXTS, _WHOLES = frozenset({str, NoneType}), frozenset({int, NoneType})


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
    return list(map(status, inside(objects, path)))


def moments(objects: Sequence[Any], path: str) -> Sequence[int | None]:
    """Times in ISO 8601 of a program that writes UTC."""
    return [iso(value, utc=True) for value in inside(objects, path)]
