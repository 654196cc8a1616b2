"""Where a value stands in a record: a CSV header, or a path of keys into nested objects.

`customer.id` is first looked for as a name by itself, as flat records and CSV files have it, and then as a path: the
key `id` of the object under `customer`. A number is a place in a list, counted from 0. `tools[].name` gives the name of
each element of a list. Objects and lists that stand as JSON in a text are read on the way. Where a key holds a dot and
is nested as well, the path is written as a list: `["attributes", "gen_ai.request.model"]`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from stillwatch.sources.nested.envelope import Record
from stillwatch.sources.nested.values import loaded

Reader = Callable[[Record], Any]
"""Gives the value at a place of a record, None where there is none."""

EACH = "[]"


def reader(place: str | Sequence[str]) -> Reader:
    """What reads that place of a record; never raises."""
    if not isinstance(place, str):
        steps = tuple(place)
        return lambda record: _stepped(record, steps)
    name, steps = place, tuple(place.split("."))
    if len(steps) == 1 and not name.endswith(EACH):
        return lambda record: record.get(name)

    def found(record: Record) -> Any:
        value = record.get(name)
        return value if value is not None else _stepped(record, steps)

    return found


def _stepped(value: Any, steps: Sequence[str]) -> Any:
    for number, step in enumerate(steps, 1):
        name = step.removesuffix(EACH)
        value = _inside(loaded(value), name)
        if name != step:
            return _each(loaded(value), steps[number:])
        if value is None:
            return None
    return value


def _each(value: Any, steps: Sequence[str]) -> list[Any] | None:
    if not isinstance(value, list):
        return None
    found = [_stepped(one, steps) for one in value]
    return [one for one in found if one is not None]


def _inside(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isascii() and name.isdigit():
        return value[int(name)] if int(name) < len(value) else None
    return None
