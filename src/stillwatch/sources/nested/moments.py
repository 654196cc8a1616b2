"""Times as programs write them, as microseconds since 1970 in UTC.

A number says no unit, and a text without a zone says no place: each envelope names what its program means.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from stillwatch.sources.nested.values import number, whole

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WITHOUT_ZONE = _EPOCH.replace(tzinfo=None)
FACTORS = {"s": 1_000_000.0, "ms": 1_000.0}
"""Microseconds of units that may be told in fractions."""
_TICKS_TO_1970 = 621_355_968_000_000_000
"""100-nanosecond steps from the year 1 to 1970, where .NET begins to count."""


def iso(value: object, *, utc: bool = False) -> int | None:
    """A time in ISO 8601; one without a zone counts only if the program is known to write UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment: datetime | None = datetime.fromisoformat(value)
    except ValueError:
        moment = _cut(value)
    if moment is None:
        return None
    if moment.tzinfo is None:
        if not utc:
            return None
        since = moment - _EPOCH_WITHOUT_ZONE
    else:
        since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def since_1970(value: object, unit: Literal["s", "ms", "us", "ns"]) -> int | None:
    """A number of seconds or parts of them, or a text of one."""
    if unit in FACTORS:
        count = number(value)
        return round(count * FACTORS[unit]) if count is not None and abs(count) <= 1e15 else None
    exact = whole(value)
    return None if exact is None else exact // 1_000 if unit == "ns" else exact


def ticks(value: object) -> int | None:
    """.NET ticks: steps of 100 nanoseconds since the year 1."""
    count = whole(value)
    return None if count is None else (count - _TICKS_TO_1970) // 10


def written(micros: int) -> str:
    """A time as ISO 8601 in UTC, with microseconds."""
    return (_EPOCH + timedelta(microseconds=micros)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _cut(value: str) -> datetime | None:
    """A time that Python does not read: finer than microseconds, or with a zone in brackets or words."""
    plain = value.strip().replace(" UTC", "Z").replace(" +0000", "Z")
    head, dot, rest = plain.partition(".")
    if dot:
        digits = len(rest) - len(rest.lstrip("0123456789"))
        plain = f"{head}.{rest[: min(digits, 6)]}{rest[digits:]}"
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        return None
