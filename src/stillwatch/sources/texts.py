"""Texts that say a value, as CSV and loosely typed columns hold it, turned into contract types."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.tables import TIMESTAMP
from stillwatch.sources.check import decodable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUTH = {"true": True, "false": False}
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}(\.0*)?")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)", re.ASCII | re.IGNORECASE
)
_SLICE = 256
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_list = msgspec.json.Decoder(list[str])


def with_texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with its times as texts in UTC, as the text formats write them."""
    for place, column in enumerate(batch.schema):
        if column.type == TIMESTAMP:
            batch = batch.set_column(place, column.name, pc.strftime(batch.column(place), format=_TIME))
    return batch


def from_texts(texts: pa.Array, wanted: pa.DataType) -> pa.Array:
    """The values that a column of strings says; null where a text is null or says no value of that type."""
    if wanted == TIMESTAMP:
        return _times(texts)
    parse = _parser(wanted)
    encoded = decodable(texts).dictionary_encode()
    values = pa.array([parse(text) for text in encoded.dictionary.to_pylist()], wanted)
    return values.take(encoded.indices)


def parse_time(text: str) -> int | None:
    """Microseconds since 1970 of an ISO 8601 time with a zone, finer digits cut off; None if it is none."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        gap = datetime.fromisoformat(text.upper()) - _EPOCH
    except (ValueError, OverflowError):
        return None
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


def _times(texts: pa.Array) -> pa.Array:
    """Whole slices by Arrow where it understands them, else text by text: what passes does not depend on its slice."""
    parts = []
    for start in range(0, len(texts), _SLICE):
        part = texts.slice(start, _SLICE)
        try:
            parts.append(part.cast(TIMESTAMP))
        except pa.ArrowInvalid:
            values = [None if text is None else _one_time(text) for text in decodable(part).to_pylist()]
            parts.append(pa.array(values, pa.int64()).cast(TIMESTAMP))
    return pa.concat_arrays(parts) if parts else pa.array([], TIMESTAMP)


def _one_time(text: str) -> int | None:
    try:
        micros: int = pa.scalar(text).cast(TIMESTAMP).value
    except pa.ArrowInvalid:
        return parse_time(text)
    return micros


def _parser(wanted: pa.DataType) -> Callable[[str], Any]:
    if pa.types.is_boolean(wanted):
        return lambda text: _TRUTH.get(text.lower())
    if pa.types.is_floating(wanted):
        return _parse_float
    if pa.types.is_list(wanted):
        return _parse_list
    edge = 2 ** (wanted.bit_width - 1)
    return lambda text: _parse_whole(text, edge)


def _parse_float(text: str) -> float | None:
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None


def _parse_whole(text: str, edge: int) -> int | None:
    whole = int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else edge
    return whole if -edge <= whole < edge else None


def _parse_list(text: str) -> list[str] | None:
    try:
        return _list.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
