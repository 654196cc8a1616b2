"""Values of a column at some rows, without the column put together."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.codes import plain
from stillwatch.weigh.holding import Integers


def at_rows(column: pa.ChunkedArray, rows: Integers) -> npt.NDArray[Any]:
    """The values at these rows, which are in order, part by part of the column as it lies."""
    starts = np.cumsum([0, *(len(part) for part in column.chunks)])
    bounds = pairwise(np.searchsorted(rows, starts).tolist())
    parts = [
        _at(part, rows[first:last] - start)
        for part, start, (first, last) in zip(column.chunks, starts.tolist(), bounds, strict=False)
    ]
    return np.concatenate(parts) if parts else plain(column).to_numpy()


def _at(part: pa.Array, rows: Integers) -> npt.NDArray[Any]:
    """The values at these rows; where codes are held, of these rows alone."""
    if pa.types.is_dictionary(part.type):
        return np.asarray(plain(part.take(pa.array(rows))).to_numpy(zero_copy_only=False))
    return np.asarray(part.to_numpy(zero_copy_only=False)[rows])
