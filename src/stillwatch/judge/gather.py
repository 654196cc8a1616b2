"""Some rows of a table, at the cost of those rows alone, however long the table is.

Arrow's own `take` puts a column that lies in parts together first, the whole log for each campaign and each portion.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.weigh.holding import Integers


def rows_at(table: pa.Table, rows: Integers) -> pa.Table:
    """The rows of a table at these places, which are in order; columns of any type, each in parts as it lies."""
    return pa.table([_at(column, rows) for column in table.columns], schema=table.schema)


def _at(column: pa.ChunkedArray, rows: Integers) -> pa.ChunkedArray:
    starts = np.cumsum([0, *(len(part) for part in column.chunks)])
    bounds = pairwise(np.searchsorted(rows, starts).tolist())
    parts = [
        part.take(pa.array(rows[first:last] - start))
        for part, start, (first, last) in zip(column.chunks, starts.tolist(), bounds, strict=False)
        if first < last
    ]
    return pa.chunked_array(parts, column.type)


def are_among(rows: Integers, chosen: Integers) -> npt.NDArray[np.bool_]:
    """Which of these rows are among the chosen ones; both are in order, so that each is looked for where it would stand."""
    if not len(chosen):
        return np.zeros(len(rows), np.bool_)
    place = np.minimum(np.searchsorted(chosen, rows), len(chosen) - 1)
    found: npt.NDArray[np.bool_] = chosen[place] == rows
    return found
