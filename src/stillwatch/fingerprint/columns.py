"""Columns as they lie in memory: the numbers of one, and which of its rows have a value.

Arrow's own ways take up to ten times as long, and a batch of exchanges is asked some fifty times.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def in_place(column: pa.Array) -> npt.NDArray[np.number]:
    """The numbers of a column as they lie, with whatever stands where one is null; no copy."""
    if not len(column):
        return np.empty(0, column.type.to_pandas_dtype())
    values = np.frombuffer(column.buffers()[1], column.type.to_pandas_dtype())
    return values[column.offset : column.offset + len(column)]


def is_there(column: pa.Array) -> npt.NDArray[np.bool_]:
    """Which rows have a value."""
    told = column.buffers()[0]
    if told is None:
        return np.ones(len(column), np.bool_)
    first, skipped = divmod(column.offset, 8)
    bits = np.frombuffer(told, np.uint8)[first:]
    return np.unpackbits(bits, count=skipped + len(column), bitorder="little")[skipped:].view(np.bool_)


def filled(column: pa.Array, instead: float = 0) -> npt.NDArray[Any]:
    """The numbers of a column, with another where a row has none."""
    held = in_place(column)
    if column.null_count:
        held = np.where(is_there(column), held, np.asarray(instead, held.dtype))
    held.flags.writeable = False  # whether or not it is Arrow's, so that nothing is compiled twice
    return held
