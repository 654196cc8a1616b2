"""What stands round a record that a program wrote to its output: a logger's prefix, or a container runtime's object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillwatch.sources.nested.values import loaded

_NAMES = 4
"""Names that a runtime's object has at most: log, stream, time and attrs."""
_LONGEST_PREFIX = 200
_BEFORE_RECORD = b" \t|"


def is_wrapped(record: Mapping[str, Any]) -> bool:
    """Whether a container's runtime wrote the record: one line of a program's output with its stream and time."""
    return len(record) <= _NAMES and "stream" in record and isinstance(record.get("log"), str)


def unwrapped(record: Mapping[str, Any]) -> object:
    """What the line says that a runtime wrapped: an object, also one behind a prefix, or the text."""
    line = record["log"]
    found = loaded(line)
    if isinstance(found, str):
        found = loaded(behind_prefix(line.encode("utf-8", "replace")).decode("utf-8", "replace"))
    return found


def behind_prefix(line: bytes) -> bytes:
    """From where the object of a line begins; nothing where none does."""
    at = line.find(b"{", 0, _LONGEST_PREFIX)
    return line[at:] if at == 0 or (at > 0 and line[at - 1] in _BEFORE_RECORD) else b""
