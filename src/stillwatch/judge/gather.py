"""Some rows of a table, at the cost of those rows alone, however long the table is.

Arrow's own `take` puts a column that lies in parts together first, the whole log for each campaign and each portion.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.codes import plain
from stillwatch.weigh.holding import Integers


def rows_at(table: pa.Table, rows: Integers) -> pa.Table:
    """The rows of a table at these places, which are in order; columns of any type, each in parts as it lies."""
    found: dict[tuple[int, ...], list[tuple[int, pa.Array]]] = {}
    columns = []
    for column in table.columns:
        lengths = tuple(len(part) for part in column.chunks)
        if lengths not in found:
            found[lengths] = _places(lengths, rows)
        parts = [pc.take(column.chunk(at), places, boundscheck=False) for at, places in found[lengths]]
        columns.append(pa.chunked_array(parts, column.type))
    return pa.table(columns, schema=table.schema)


def at_rows(column: pa.ChunkedArray, rows: Integers) -> npt.NDArray[Any]:
    """The values of a column at these rows, which are in order, whether they are held as codes or not."""
    if column.num_chunks == 1 and not column.null_count:
        return _in_one(column.chunk(0), rows)
    found: npt.NDArray[Any] = plain(rows_at(pa.table({"values": column}), rows)["values"]).to_numpy()
    return found


def _in_one(values: pa.Array, rows: Integers) -> npt.NDArray[Any]:
    """The same of a column in one piece: no place in a part need be told from a row."""
    if pa.types.is_dictionary(values.type):
        once = values.dictionary.to_numpy(zero_copy_only=False)
        found: npt.NDArray[Any] = once[values.indices.to_numpy()[rows]]
    else:
        found = values.to_numpy(zero_copy_only=False)[rows]
    return found


def _places(lengths: tuple[int, ...], rows: Integers) -> list[tuple[int, pa.Array]]:
    """Which parts of so many rows hold any of these rows, and at which places."""
    starts = np.cumsum([0, *lengths])
    bounds = enumerate(pairwise(np.searchsorted(rows, starts).tolist()))
    return [
        (at, pa.array(np.subtract(rows[first:last], starts[at], dtype=np.int32, casting="unsafe")))
        for at, (first, last) in bounds
        if first < last
    ]


def marked(chosen: Integers, rows: int) -> npt.NDArray[np.bool_]:
    """Which of so many rows are among the chosen ones."""
    found = np.zeros(rows, np.bool_)
    found[chosen] = True
    return found
