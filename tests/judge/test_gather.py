"""Some rows of a table that lies in parts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.gather import at_rows, marked, rows_at

VALUES = st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=20)
PLACES = st.lists(st.integers(0, 19), max_size=20)


def parts(values: list[int | None], cuts: list[int], *, names: bool) -> pa.ChunkedArray:
    """The values, or words in their place each part with a dictionary of its own, cut at those places."""
    ends = sorted({0, len(values), *(cut for cut in cuts if cut < len(values))})
    cut = [values[first:last] for first, last in pairwise(ends)]
    if not names:
        return pa.chunked_array([pa.array(part, pa.uint64()) for part in cut], pa.uint64())
    worded = [pa.array([None if v is None else f"v{v}" for v in part], pa.string()) for part in cut]
    kind = pa.dictionary(pa.int32(), pa.string())
    return pa.chunked_array([part.dictionary_encode() for part in worded], kind)


@given(VALUES, PLACES, PLACES, PLACES)
def test_rows_of_columns_in_parts_are_those_of_the_whole_columns(
    values: list[int | None], cuts: list[int], other_cuts: list[int], places: list[int]
) -> None:
    table = pa.table({"key": parts(values, cuts, names=False), "name": parts(values, other_cuts, names=True)})
    rows = np.array(sorted(p for p in places if p < len(values)), np.int64)
    got = rows_at(table, rows)
    assert got.schema == table.schema
    assert got["key"].to_pylist() == [table["key"].to_pylist()[r] for r in rows]
    assert got["name"].to_pylist() == [table["name"].to_pylist()[r] for r in rows]


@given(st.sets(st.integers(0, 9)))
def test_rows_are_marked_that_were_chosen(chosen: set[int]) -> None:
    got = marked(np.array(sorted(chosen), np.int64), 10)
    assert got.tolist() == [row in chosen for row in range(10)]


CODED = pa.dictionary(pa.int32(), pa.uint64())


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=4), st.data())
def test_values_at_rows_are_those_of_the_whole_column(parts: list[list[int]], data: st.DataObject) -> None:
    column = pa.chunked_array([pa.array(part, pa.uint64()) for part in parts], pa.uint64())
    among = st.integers(0, max(0, len(column) - 1))
    rows = np.array(sorted(data.draw(st.lists(among, max_size=9))) if len(column) else [], np.int64)
    coded = pa.chunked_array([part.dictionary_encode() for part in column.chunks], CODED)
    assert at_rows(column, rows).tolist() == column.to_numpy()[rows].tolist()
    assert at_rows(coded, rows).tolist() == at_rows(column, rows).tolist()
