"""Values of records of which nobody can be sure: a missing key, another type, JSON inside a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

NOTHING: Mapping[str, Any] = {}
from_json = msgspec.json.Decoder().decode
ABSENT = frozenset({"", "None", "null", "undefined", "-"})
_BEGINNINGS = frozenset('{["tfn0123456789-' + " \n\t")
_TRUE, _FALSE = frozenset({"true", "True", "1"}), frozenset({"false", "False", "0"})


def at(value: object, *names: str) -> Any:
    """What stands at a path of keys; None where a step is missing or leads into something else than an object."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def first(record: object, *names: str) -> Any:
    """The first value that is there under one of several names of one record."""
    if isinstance(record, dict):
        for name in names:
            if (value := record.get(name)) is not None:
                return value
    return None


def first_text(record: Mapping[str, Any], names: Iterable[str]) -> str | None:
    """What the first of these keys says that says anything."""
    for name in names:
        if (found := text(record.get(name))) is not None:
            return found
    return None


def mapping(value: object) -> Mapping[str, Any]:
    """An object, parsed where it stands as JSON in a text; empty where it is neither."""
    if isinstance(value, str):
        value = loaded(value)
    return value if isinstance(value, dict) else NOTHING


def items(value: object) -> list[Any]:
    """A list, parsed where it stands as JSON in a text; empty where it is neither."""
    if isinstance(value, str):
        value = loaded(value)
    return value if isinstance(value, list) else []


def loaded(value: object) -> Any:
    """What a text says as JSON; the text itself if it is none, any other value as it is."""
    if not isinstance(value, str) or value[:1] not in _BEGINNINGS:
        return value
    try:
        return from_json(value)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return value


def text(value: object) -> str | None:
    """A text that says something; numbers as texts. None for what programs write where there is nothing."""
    if isinstance(value, str):
        return None if value in ABSENT else value
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value)


def whole(value: object) -> int | None:
    """A whole number, also one held as a text or with a zero fraction."""
    if value is None or type(value) is int:
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return None


def status(value: object) -> int | None:
    """An HTTP status; None for what is none."""
    code = whole(value)
    return code if code is not None and 100 <= code <= 599 else None


def listed(value: object) -> list[Any]:
    """A list, empty where there is none."""
    return value if isinstance(value, list) else []


def number(value: object) -> float | None:
    """A number, also one held as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def flag(value: object) -> bool | None:
    """Yes or no, also as a text or 0 and 1."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        return None
    return True if value in _TRUE else False if value in _FALSE else None


def without_nones(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object without the keys that hold nothing."""
    return {name: inside for name, inside in value.items() if inside is not None}
