"""Texts that say a value, as CSV and loosely typed Parquet hold it, turned into contract types."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from stillwatch.model.tables import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUTH = {"true": True, "false": False}
_list = msgspec.json.Decoder(list[str])


def from_texts(texts: Sequence[str | None], wanted: pa.DataType) -> pa.Array:
    """The values the texts say; null where a text is null or says no value of that type."""
    parse = _parser(wanted)
    known: dict[str | None, Any] = {None: None}
    values = []
    for text in texts:
        if text not in known:
            if len(known) > len(_TRUTH) + 10_000:
                known = {None: None}
            known[text] = parse(text)
        values.append(known[text])
    return pa.array(values, wanted)


def parse_time(text: str) -> int | None:
    """Microseconds since 1970 of an ISO 8601 time with a zone; None if it is none."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or "T" not in text.upper().replace(" ", "T"):
            return None
        gap = moment - _EPOCH
    except (ValueError, OverflowError):
        return None
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


def _parser(wanted: pa.DataType) -> Callable[[str], Any]:
    if wanted == TIMESTAMP:
        return parse_time
    if pa.types.is_boolean(wanted):
        return lambda text: _TRUTH.get(text.strip().lower())
    if pa.types.is_floating(wanted):
        return _parse_float
    if pa.types.is_list(wanted):
        return _parse_list
    if pa.types.is_string(wanted):
        return lambda text: text
    edge = 2 ** (wanted.bit_width - 1)
    return lambda text: _parse_whole(text, edge)


def _parse_float(text: str) -> float | None:
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _parse_whole(text: str, edge: int) -> int | None:
    plain = text.strip()
    if not plain.lstrip("+-").isdigit() or not plain.isascii():
        number = _parse_float(plain)
        if number is None or number != math.floor(number):
            return None
        plain = str(int(number))
    try:
        whole = int(plain)
    except ValueError:
        return None
    return whole if -edge <= whole < edge else None


def _parse_list(text: str) -> list[str] | None:
    try:
        return _list.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
