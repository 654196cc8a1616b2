from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.fingerprint.columns import filled, in_place, is_there

some = st.lists(st.none() | st.integers(-100, 100), max_size=40)
kinds = st.sampled_from([pa.int8(), pa.int32(), pa.int64(), pa.float64()])


@given(some, kinds, st.data())
def test_any_part_of_a_column_is_read_as_arrow_reads_it(values, kind, data):
    column = pa.array(values, kind)[data.draw(st.integers(0, len(values))) :]
    part = column[: data.draw(st.integers(0, len(column)))]
    assert is_there(part).tolist() == [value is not None for value in part.to_pylist()]
    assert filled(part, 7).tolist() == part.fill_null(7).to_pylist()
    assert filled(part, 7).dtype == in_place(part).dtype == kind.to_pandas_dtype()


@pytest.mark.parametrize("column", [pa.array([1, 2]), pa.array([1, None]), pa.array([], pa.int32())])
def test_what_is_filled_is_not_written_to(column):
    assert not filled(column).flags.writeable


def test_what_stands_where_a_row_has_none_is_told_from_what_is_there():
    held = [pa.py_buffer(np.array([0b101], np.uint8)), pa.py_buffer(np.array([3, 9, 4], np.int32))]
    column = pa.Array.from_buffers(pa.int32(), 3, held)
    assert in_place(column).tolist() == [3, 9, 4]
    assert filled(column).tolist() == [3, 0, 4]


def test_a_text_may_have_no_value_in_any_row():
    assert is_there(pa.nulls(3, pa.string())).tolist() == [False] * 3
