"""Ids in order by numbers: as by letters."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.order import in_order, of_rows, put
from stillwatch.report.files import write_table


def of_one_length(letters: str) -> st.SearchStrategy[list[str]]:
    return st.integers(1, 16).flatmap(
        lambda size: st.lists(st.text(letters, min_size=size, max_size=size), max_size=30)
    )


@given(of_one_length("0123456789abcdef-Z"))
def test_ids_of_one_length_stand_as_their_letters_do(ids: list[str]) -> None:
    column = pa.array([f"ex_{one}" for one in ids], pa.string())
    assert column.take(in_order(column)).to_pylist() == sorted(column.to_pylist())


def test_ids_that_differ_late_are_in_order_in_the_file_all_the_same() -> None:
    ids = [f"ex_{one:032x}" for one in (7, 2**100, 2**60, 2**60 + 1, 1, 2**100 + 1)]
    written = BytesIO()
    write_table(pa.table({"exchange_id": ids}), pa.schema([("exchange_id", pa.string())]), written)
    assert pq.read_table(written)["exchange_id"].to_pylist() == sorted(ids)


@pytest.mark.parametrize("ids", [[], ["b"], ["b", "a"], ["", ""], ["bb", "a", ""], ["é", "ab"], [None, "a"]])
def test_other_ids_stand_as_the_library_puts_them(ids: list[str | None]) -> None:
    column = pa.array(["x", *ids], pa.string()).slice(1)
    assert column.take(in_order(column)).to_pylist() == column.take(pc.sort_indices(column)).to_pylist()


@given(
    st.lists(st.one_of(st.none(), st.sampled_from(["a", "bb", "é", ""]), st.text(max_size=3)), max_size=20)
)
def test_texts_are_put_at_their_places_as_the_library_puts_them(texts: list[str | None]) -> None:
    column, places = (
        pa.array(["x", *texts], pa.string()).slice(1),
        pa.array(range(len(texts))[::-1], pa.int64()),
    )
    assert put(column, places).equals(column.take(places))


@given(of_one_length("ab"))
def test_texts_of_one_length_are_put_at_their_places(texts: list[str]) -> None:
    column, places = pa.array(texts, pa.string()), pa.array(range(len(texts))[::-1], pa.int64())
    assert put(column, places).to_pylist() == texts[::-1]


@pytest.mark.parametrize(
    "ids", [[["ab", "cd"], ["ef"], ["gh", "ij"]], [["a"], ["bc", "", "d"]], [[], ["ab"]], []]
)
def test_ids_at_rows_are_those_that_the_library_takes(ids: list[list[str]]) -> None:
    column = pa.chunked_array(ids, pa.string())
    rows = [np.arange(len(column)), np.arange(0, len(column), 2), np.zeros(0, np.int64)]
    assert of_rows(column, rows).to_pylist() == column.take(pa.array(np.concatenate(rows))).to_pylist()
