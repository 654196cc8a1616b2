"""What a value must satisfy beyond its type: required, in range, UTF-8, no null byte.

Works on whole Arrow batches: a batch without a broken row costs a few passes over its buffers.
"""

from __future__ import annotations

import ipaddress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
        if not _is_plain(column):
            faults += [
                (_null_bytes(column), f"null byte in {name}"),
                (_no_utf8(column), f"no UTF-8 in {name}"),
            ]
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


def _missing(column: pa.Array) -> NDArray[np.int64]:
    missing = column.is_null() if column.null_count else None
    if pa.types.is_string(column.type):
        empty = pc.equal(pc.binary_length(column), 0)
        missing = empty if missing is None else pc.or_(missing, empty.fill_null(False))  # noqa: FBT003
    return _NONE if missing is None else _where(missing)


def _outside(column: pa.Array, least: float, greatest: float) -> NDArray[np.int64]:
    ends = pc.min_max(column)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is None or (low >= least and high <= greatest):
        return _NONE
    return _where(pc.or_(pc.less(column, least), pc.greater(column, greatest)))


def _not_finite(column: pa.Array) -> NDArray[np.int64]:
    finite = pc.is_finite(column)
    return _NONE if pc.all(finite).as_py() is not False else _where(pc.invert(finite))


def text_buffers(column: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Offsets of a string column's rows, from 0, and the bytes they point into; no copy of the bytes."""
    _, offsets, data = column.buffers()
    if not len(column):
        return np.zeros(1, dtype=np.int32), np.empty(0, dtype=np.uint8)
    places = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    text = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8)
    return places - places[0], text[places[0] : places[-1]]


def _is_plain(column: pa.Array) -> bool:
    """Whether every byte is one of ASCII's and none is null, as in most columns; one look tells."""
    _, text = text_buffers(column)
    return not len(text) or bool(text.view(np.int8).min() > 0)


def _null_bytes(column: pa.Array) -> NDArray[np.int64]:
    offsets, text = text_buffers(column)
    if not len(text) or text.min() > 0:
        return _NONE
    rows: NDArray[np.int64] = np.unique(np.searchsorted(offsets, np.flatnonzero(text == 0), side="right") - 1)
    return rows


def _no_utf8(column: pa.Array) -> NDArray[np.int64]:
    offsets, text = text_buffers(column)
    if not len(text) or text.view(np.int8).min() >= 0:
        return _NONE
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        whole, ends = text.tobytes(), offsets.tolist()
        bad = [row for row in range(len(column)) if not _decodes(whole[ends[row] : ends[row + 1]])]
        return np.array(bad, dtype=np.int64)
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
    lengths = pc.list_value_length(column).fill_null(0)
    ends = np.cumsum(np.asarray(lengths), dtype=np.int64)
    faults = []
    if items.null_count:
        faults.append((_where(items.is_null()), f"wrong type: null in {name}"))
    faults += [(_null_bytes(items), f"null byte in {name}"), (_no_utf8(items), f"no UTF-8 in {name}")]
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
