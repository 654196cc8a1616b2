"""A column as it was found, turned into the contract's type, row by row where need be.

Only what loses nothing is done: other widths and encodings of the same thing, whole numbers held as
floats or decimals, and texts that say a value the way CSV says it. A value that cannot be turned is
reported by position; a column of a type that no value could be turned from raises `SchemaError`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.errors import SchemaError
from stillwatch.model.tables import TIMESTAMP, Column
from stillwatch.sources.texts import from_texts

_Way = Callable[[pa.Array, pa.DataType], pa.Array]

_TEXTS = (
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
)
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Cast:
    """A column in its contract type or, if repeated, encoded; null at the positions `bad`, whose value had none."""

    array: pa.Array
    bad: NDArray[np.int64]
    reason: str = ""


def check_castable(found: pa.DataType, column: Column, *, where: str) -> None:
    """Raise `SchemaError` if no value of type `found` could be a value of the column."""
    if _route(found, column.type) is None:
        raise SchemaError(
            f"{where}: column {column.name} has type {found}, the contract says {column.type}"
            f"{_hint(found, column.type)}. Write the column with that type, or leave it out if it is optional."
        )


def cast(array: pa.Array, column: Column) -> Cast:
    """The column in its contract type; call `check_castable` once before."""
    if array.type == column.type or (column.repeated and array.type == column.encoded):
        return Cast(array, _NONE)
    route = _route(array.type, column.type)
    assert route is not None  # noqa: S101
    turned = route(array, column.type)
    lost = np.flatnonzero(np.asarray(pc.and_(turned.is_null(), array.is_valid())))
    return Cast(turned, lost, f"{_fault(array.type, column.type)}: {column.name}")


def _fault(found: pa.DataType, wanted: pa.DataType) -> str:
    if wanted == TIMESTAMP and _is_text(found):
        return "no ISO 8601 time with a zone"
    return "number out of range" if pa.types.is_integer(found) or wanted == TIMESTAMP else "wrong type"


def _hint(found: pa.DataType, wanted: pa.DataType) -> str:
    if wanted == TIMESTAMP and (pa.types.is_integer(found) or pa.types.is_floating(found)):
        return " (a bare number does not say its unit)"
    return ""


def _route(found: pa.DataType, wanted: pa.DataType) -> _Way | None:
    if pa.types.is_dictionary(found):
        inner = _route(found.value_type, wanted)
        return inner and (lambda array, target: inner(array.dictionary_decode(), target))
    if found == wanted or pa.types.is_null(found):
        return _plain
    if _is_text(found):
        return _to_text if wanted == pa.string() else _from_text
    ways: tuple[tuple[bool, _Way], ...] = (
        (wanted == pa.string() and pa.types.is_integer(found), _plain),
        (wanted == TIMESTAMP and pa.types.is_timestamp(found), _to_time),
        (_is_number(wanted) and _is_number(found), _to_number),
        (pa.types.is_list(wanted) and _is_list_of_texts(found), _to_list),
    )
    return next((way for fits, way in ways if fits), None)


def _is_text(found: pa.DataType) -> bool:
    return found in _TEXTS


def _is_number(found: pa.DataType) -> bool:
    kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(is_kind(found) for is_kind in kinds)


def _is_list_of_texts(found: pa.DataType) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_list_view, pa.types.is_large_list_view)
    return any(is_kind(found) for is_kind in lists) and (
        _route(found.value_type, pa.string()) is _to_text
        or found.value_type == pa.string()
        or pa.types.is_dictionary(found.value_type)
        or pa.types.is_null(found.value_type)
    )


def _plain(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    return array.cast(wanted)


def _to_text(array: pa.Array, _wanted: pa.DataType) -> pa.Array:
    """The same bytes as a string column; whether they are UTF-8 is asked later, of every format."""
    return array.cast(pa.binary()).view(pa.string())


def _from_text(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    return from_texts(_to_text(array, pa.string()), wanted)


def _to_time(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Microseconds in UTC; a time without zone is taken as UTC, finer units are cut off."""
    unit = array.type.unit
    whole = array.cast(pa.timestamp(unit)).cast(pa.int64())
    if unit == "ns":
        return pc.divide(whole, 1000).cast(wanted)
    factor = {"s": 1_000_000, "ms": 1_000, "us": 1}[unit]
    limit = (2**63 - 1) // factor
    fits = pc.and_(pc.greater_equal(whole, -limit), pc.less_equal(whole, limit))
    return pc.multiply(pc.if_else(fits, whole, None), factor).cast(wanted)


def _to_number(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    if pa.types.is_floating(wanted):
        return array.cast(wanted, safe=False)
    if pa.types.is_integer(array.type):
        low, high = _bounds(wanted)
        wide = array if array.type == pa.uint64() else array.cast(pa.int64())
        fits = pc.less_equal(wide, pa.scalar(high, wide.type))
        if array.type != pa.uint64():
            fits = pc.and_(fits, pc.greater_equal(wide, pa.scalar(low, wide.type)))
        return pc.if_else(fits, wide, None).cast(wanted)
    floats = array.cast(pa.float64(), safe=False)
    low, high = _bounds(wanted)
    whole = pc.and_(pc.is_finite(floats), pc.equal(floats, pc.floor(floats)))
    near = pc.and_(pc.greater_equal(floats, float(low)), pc.less(floats, float(high)))
    return pc.if_else(pc.and_(whole, near), floats, None).cast(wanted)


def _bounds(wanted: pa.DataType) -> tuple[int, int]:
    bits = wanted.bit_width
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _to_list(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Large lists, list views and other text encodings inside, one row after the other in memory."""
    plain = array.cast(pa.list_(array.type.value_type))
    items = plain.values
    inside = _route(items.type, pa.string())
    assert inside is not None  # noqa: S101
    return pa.ListArray.from_arrays(plain.offsets, inside(items, pa.string()), type=wanted, mask=_mask(plain))


def _mask(array: pa.Array) -> pa.Array | None:
    return array.is_null() if array.null_count else None
