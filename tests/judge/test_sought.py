"""Values looked up among keys: as by going through them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.sought import sought, sought_at

KEY = st.one_of(st.integers(0, 9), st.integers(0, 2**64 - 1))


@given(st.lists(KEY, max_size=60), st.lists(KEY, max_size=20, unique=True))
def test_each_value_is_found_at_the_place_of_its_key_and_others_nowhere(
    values: list[int], keys: list[int]
) -> None:
    found = sought(np.array(values, np.uint64), np.array(keys, np.uint64))
    assert found.tolist() == [keys.index(one) if one in keys else -1 for one in values]


@given(st.lists(st.lists(KEY, max_size=20), max_size=3), st.lists(KEY, max_size=20, unique=True), st.data())
def test_values_of_a_column_at_rows_are_found_however_it_is_held(
    parts: list[list[int]], keys: list[int], data: st.DataObject
) -> None:
    column = pa.chunked_array([pa.array(part, pa.uint64()) for part in parts], pa.uint64())
    rows = np.flatnonzero([data.draw(st.booleans()) for _ in range(len(column))])
    expected = sought(column.to_numpy()[rows], np.array(keys, np.uint64)).tolist()
    coded = column.dictionary_encode()
    for held in (column, column.combine_chunks(), coded, coded.combine_chunks()):
        lies = held if isinstance(held, pa.ChunkedArray) else pa.chunked_array([held])
        assert sought_at(lies, rows, np.array(keys, np.uint64)).tolist() == expected
