"""A column as it was found, turned into the contract's type, row by row where need be.

Only what loses nothing is done: other widths and encodings of the same thing, whole numbers held as
floats or decimals, and texts that say a value the way CSV says it. A value that cannot be turned is
reported by position; a column of a type that no value could be turned from raises `SchemaError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.errors import SchemaError
from stillwatch.model.tables import TIMESTAMP
from stillwatch.sources.texts import from_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stillwatch.model.tables import Column

_SAME_WIDTH = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Cast:
    """A column in its contract type; at the positions `bad` it is null, because the value had none."""

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
    if array.type == column.type:
        return Cast(array, _SAME_WIDTH)
    route = _route(array.type, column.type)
    assert route is not None  # noqa: S101
    turned = route(array, column.type)
    lost = np.flatnonzero(np.asarray(pc.and_(turned.is_null(), array.is_valid())))
    kind = "number out of range" if pa.types.is_integer(array.type) else "wrong type"
    return Cast(turned, lost, f"{kind}: {column.name}")


def _hint(found: pa.DataType, wanted: pa.DataType) -> str:
    if wanted == TIMESTAMP and (pa.types.is_integer(found) or pa.types.is_floating(found)):
        return " (a bare number does not say its unit)"
    return ""


def _route(found: pa.DataType, wanted: pa.DataType) -> Callable[[pa.Array, pa.DataType], pa.Array] | None:
    if pa.types.is_dictionary(found):
        inner = _route(found.value_type, wanted)
        return inner and (lambda array, target: inner(array.dictionary_decode(), target))
    if found == wanted or pa.types.is_null(found):
        return _plain
    if _is_text(found):
        return _to_text if wanted == pa.string() else _from_text
    if wanted == pa.string():
        return _plain if pa.types.is_integer(found) else None
    if wanted == TIMESTAMP:
        return _to_time if pa.types.is_timestamp(found) else None
    if pa.types.is_integer(wanted) or pa.types.is_floating(wanted):
        return _to_number if _is_number(found) else None
    if pa.types.is_list(wanted):
        return _to_list if _is_list_of_texts(found) else None
    return None


def _is_text(found: pa.DataType) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    raw = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    return any(is_kind(found) for is_kind in kinds + raw)


def _is_number(found: pa.DataType) -> bool:
    return pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found)


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
    raw = array.cast(pa.binary()).to_pylist()
    texts = [None if text is None else text.decode("utf-8", "replace") for text in raw]
    return from_texts(texts, wanted)


def _to_time(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Microseconds in UTC; a time without zone is taken as UTC, finer units are cut off."""
    unit = array.type.unit
    whole = array.cast(pa.timestamp(unit)).cast(pa.int64())
    if unit == "ns":
        return pc.floor(pc.divide(whole.cast(pa.decimal128(19, 0)), 1000)).cast(pa.int64()).cast(wanted)
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
