"""Values of columns at some rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.gather import at_rows

CODED = pa.dictionary(pa.int32(), pa.uint64())


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=4), st.data())
def test_values_at_rows_are_those_of_the_whole_column(parts: list[list[int]], data: st.DataObject) -> None:
    column = pa.chunked_array([pa.array(part, pa.uint64()) for part in parts], pa.uint64())
    among = st.integers(0, max(0, len(column) - 1))
    rows = np.array(sorted(data.draw(st.lists(among, max_size=9))) if len(column) else [], np.int64)
    coded = pa.chunked_array([part.dictionary_encode() for part in column.chunks], CODED)
    assert at_rows(column, rows).tolist() == column.to_numpy()[rows].tolist()
    assert at_rows(coded, rows).tolist() == at_rows(column, rows).tolist()
