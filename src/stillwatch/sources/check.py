"""What a value must satisfy beyond its type: required, in range, UTF-8, no null byte.

Works on whole Arrow batches: a batch without a broken row costs a few passes over its buffers.
"""

from __future__ import annotations

import ipaddress

import numba as nb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.fingerprint.columns import in_place
from stillwatch.fingerprint.vectors import WIDTH, being, reaching
from stillwatch.model.tables import TIMESTAMP, TableSchema

_COUNT = (0, 2**31 - 1)
_SHARE = (0.0, 1.0)
_EARLIEST = 0
_LATEST = 7_258_118_400_000_000
"""1970-01-01 up to 2200-01-01 in microseconds: no log of model requests is from outside."""

RANGES: dict[str, tuple[float, float]] = {
    "turns": _COUNT,
    "images": _COUNT,
    "temperature": (0.0, 100.0),
    "max_tokens": _COUNT,
    "n": _COUNT,
    "input_tokens": _COUNT,
    "output_tokens": _COUNT,
    "cached_input_tokens": _COUNT,
    "reasoning_tokens": _COUNT,
    "top_p": _SHARE,
    "sampling_rate": _SHARE,
    "status": (100, 599),
    "asn": (0, 2**32 - 1),
}
"""Least and greatest value of the number columns that have bounds."""


def broken_rows(batch: pa.RecordBatch, table: TableSchema) -> dict[int, str]:
    """Positions of the rows that break the contract, each with its first reason in contract order."""
    reasons: dict[int, str] = {}
    for name in batch.schema.names:
        column = batch.column(name)
        for positions, reason in _column_faults(name, column, required=table[name].required):
            for position in positions.tolist():
                reasons.setdefault(position, reason)
    return reasons


def _column_faults(name: str, column: pa.Array, *, required: bool) -> list[tuple[NDArray[np.int64], str]]:
    faults = []
    if pa.types.is_dictionary(column.type):
        return _encoded_faults(name, column, required=required)
    if required:
        faults.append((_missing(column), f"no {name}"))
    if pa.types.is_string(column.type):
        faults += _text_faults(name, column)
    if pa.types.is_list(column.type):
        faults += _list_faults(name, column)
    if column.type == TIMESTAMP:
        faults.append(
            (_outside(column.view(pa.int64()), _EARLIEST, _LATEST - 1), f"time out of range: {name}")
        )
    if pa.types.is_float64(column.type):
        faults.append((_not_finite(column), f"number out of range: {name}"))
    if name in RANGES and not pa.types.is_string(column.type):
        faults.append((_outside(column, *RANGES[name]), f"number out of range: {name}"))
    if name == "cidr":
        faults.append((_no_network(column), "no address range in cidr"))
    return [(positions, reason) for positions, reason in faults if len(positions)]


def _encoded_faults(
    name: str, column: pa.DictionaryArray, *, required: bool
) -> list[tuple[NDArray[np.int64], str]]:
    faults = [(_where(column.is_null()), f"no {name}")] if required and column.null_count else []
    for values, reason in _column_faults(name, column.dictionary, required=required):
        faults.append((_where(pc.is_in(column.indices, value_set=pa.array(values, pa.int32()))), reason))
    return [(positions, reason) for positions, reason in faults if len(positions)]


def _where(mask: pa.BooleanArray) -> NDArray[np.int64]:
    return np.flatnonzero(np.asarray(mask.fill_null(False)))  # noqa: FBT003


_BYTE = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = rf"\A({_BYTE}\.){{3}}{_BYTE}(/(3[0-2]|[12]?\d))?\z"
_NONE = np.empty(0, dtype=np.int64)
_LOOK = 1 << 18
"""Bytes that are looked at before the next ones."""
_NULL_BYTE, _NOT_ASCII = 1, 2
_BEYOND_ASCII = np.uint8(128)


def _missing(column: pa.Array) -> NDArray[np.int64]:
    missing = column.is_null() if column.null_count else None
    if pa.types.is_string(column.type):
        empty = np.diff(text_buffers(column)[0]) == 0
        if missing is None:
            return np.flatnonzero(empty)
        missing = pc.or_(missing, pa.array(empty))
    return _NONE if missing is None else _where(missing)


def _outside(column: pa.Array, least: float, greatest: float) -> NDArray[np.int64]:
    """Most often all that lies there is within; only if not, it is asked what is null."""
    numbers = in_place(column)
    if not len(numbers) or (numbers.min() >= least and numbers.max() <= greatest):
        return _NONE
    ends = pc.min_max(column)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is None or (low >= least and high <= greatest):
        return _NONE
    return _where(pc.or_(pc.less(column, least), pc.greater(column, greatest)))


def _not_finite(column: pa.Array) -> NDArray[np.int64]:
    if np.isfinite(in_place(column)).all():
        return _NONE
    return _where(pc.invert(pc.is_finite(column)))


def text_buffers(column: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Offsets of a string column's rows, from 0, and the bytes they point into; no copy of the bytes."""
    _, offsets, data = column.buffers()
    if not len(column):
        return np.zeros(1, dtype=np.int32), np.empty(0, dtype=np.uint8)
    places = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    text = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8)
    return places - places[0], text[places[0] : places[-1]]


def _text_faults(name: str, column: pa.Array) -> list[tuple[NDArray[np.int64], str]]:
    """Most columns have neither a null byte nor any that is none of ASCII's; one look tells."""
    offsets, text = text_buffers(column)
    if all(text[at : at + _LOOK].view(np.int8).min() > 0 for at in range(0, len(text), _LOOK)):
        return []
    held = _held(offsets, text)
    others = np.flatnonzero(held & _NOT_ASCII)
    return [
        (np.flatnonzero(held & _NULL_BYTE), f"null byte in {name}"),
        (others[_no_utf8(column.take(pa.array(others)))], f"no UTF-8 in {name}"),
    ]


@nb.njit(cache=True, nogil=True)
def _held(offsets: NDArray[np.int32], text: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of each text whether it holds `_NULL_BYTE` and `_NOT_ASCII`."""
    held = np.zeros(len(offsets) - 1, np.uint8)
    for row in range(len(held)):
        at, end = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        null, other = np.uint64(0), np.uint64(0)
        while at < end:
            if at + np.uint64(WIDTH) > np.uint64(len(text)):
                null |= np.uint64(text[at] == 0)
                other |= np.uint64(text[at] >= _BEYOND_ASCII)
                at += np.uint64(1)
                continue
            told = ~np.uint64(0)
            if end - at < np.uint64(WIDTH):
                told = (np.uint64(1) << (end - at)) - np.uint64(1)
            null |= being(text, at, np.uint8(0)) & told
            other |= reaching(text, at, _BEYOND_ASCII) & told
            at += np.uint64(WIDTH)
        held[row] = _NULL_BYTE * (null != 0) + _NOT_ASCII * (other != 0)
    return held


def _no_utf8(texts: pa.Array) -> NDArray[np.int64]:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = texts.view(pa.binary()).to_pylist()
        return np.array([row for row, text in enumerate(raw) if text and not _decodes(text)], np.int64)
    return _NONE


def decodable(texts: pa.Array) -> pa.Array:
    """The same texts; in those that are no UTF-8 the bad bytes are replaced."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = texts.view(pa.binary()).to_pylist()
        return pa.array(
            [None if text is None else text.decode("utf-8", "replace") for text in raw], pa.string()
        )
    return texts


def _decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _list_faults(name: str, column: pa.Array) -> list[tuple[NDArray[np.int64], str]]:
    items = column.flatten()
    faults = _text_faults(name, items)
    if items.null_count:
        faults.insert(0, (_where(items.is_null()), f"wrong type: null in {name}"))
    faults = [(places, reason) for places, reason in faults if len(places)]
    if not faults:
        return []
    ends = np.cumsum(np.asarray(pc.list_value_length(column).fill_null(0)), dtype=np.int64)
    return [(np.unique(np.searchsorted(ends, places, side="right")), reason) for places, reason in faults]


def _no_network(column: pa.Array) -> NDArray[np.int64]:
    usual = pc.match_substring_regex(decodable(column), _IPV4).fill_null(True)  # noqa: FBT003
    others = np.flatnonzero(~np.asarray(usual)).tolist()
    texts = decodable(column).take(pa.array(others, pa.int64())).to_pylist()
    return np.array([row for row, text in zip(others, texts, strict=True) if not _is_network(text)], np.int64)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "%" not in text
