"""Columns of few values as codes: the same values come back, in fewer bytes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.fingerprint.codes import MOST, Coded, plain, plain_table

BOUNDS = {pa.uint64(): (0, 2**64 - 1), pa.int64(): (-(2**63), 2**63 - 1), pa.int32(): (-(2**31), 2**31 - 1)}


def held(batches: list[pa.Array], kind: pa.DataType) -> pa.ChunkedArray:
    """The column that comes of these batches."""
    coded = Coded(kind)
    parts = [coded.of(batch) for batch in batches]
    found = coded.finish()
    return coded.column(pa.chunked_array([coded.settled(part) for part in parts], found))


def few(values: int, rows: int) -> pa.Array:
    return pa.array(np.arange(rows, dtype=np.uint64) % np.uint64(values) * np.uint64(2**57 + 1))


@given(st.data(), st.sampled_from(list(BOUNDS)))
def test_what_comes_back_is_what_came(data: st.DataObject, kind: pa.DataType) -> None:
    value = st.none() | st.sampled_from(BOUNDS[kind]) | st.integers(0, 9)
    rows = data.draw(st.lists(st.lists(value, max_size=9), max_size=4))
    batches = [pa.array(each, kind) for each in rows]
    batches = [b.dictionary_encode() if data.draw(st.booleans()) else b for b in batches]
    batches = [b.slice(data.draw(st.integers(0, len(b)))) for b in batches]
    column = held(batches, kind)
    assert plain(column).type == kind
    assert column.to_pylist() == [value for batch in batches for value in batch.to_pylist()]


@pytest.mark.parametrize(
    ("values", "index"), [(1, pa.uint8()), (256, pa.uint8()), (257, pa.uint16()), (MOST, pa.uint16())]
)
def test_codes_are_as_wide_as_the_values_are_many(values: int, index: pa.DataType) -> None:
    rows = few(values, 2 * MOST)
    column = held([rows.slice(0, 100), rows.slice(100)], pa.uint64())
    assert column.type == pa.dictionary(index, pa.uint64())
    assert plain(column).combine_chunks() == rows


def test_more_values_than_there_are_codes_for_are_held_plainly() -> None:
    rows = few(MOST + 1, 4 * MOST)
    column = held([rows.slice(0, 9), rows.slice(9), rows.slice(0, 9).dictionary_encode()], pa.uint64())
    assert column.type == pa.uint64()
    assert column.to_pylist() == [*rows.to_pylist(), *rows.to_pylist()[:9]]


@pytest.mark.parametrize("kind", [pa.bool_(), pa.int8(), pa.uint64()])
def test_what_would_take_no_less_room_is_held_plainly(kind: pa.DataType) -> None:
    column = held([pa.array([0, 1], pa.int8()).cast(kind)], kind)
    assert column.type == kind


def test_a_table_is_plain_when_all_of_its_columns_are() -> None:
    coded = pa.table({"a": held([few(2, 50)], pa.uint64()), "b": range(50)})
    assert pa.types.is_dictionary(coded.schema.field("a").type)
    assert plain_table(coded).equals(pa.table({"a": few(2, 50), "b": range(50)}))
