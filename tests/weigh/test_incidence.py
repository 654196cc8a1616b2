"""Compressed rows, beside a library's sparse matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from stillwatch.weigh.incidence import Floats, Incidence, chosen, counted_among, gathered, stacked, turned

entries = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(1, 9)), max_size=60)


def written(held: Incidence) -> Floats:
    height = len(held.starts) - 1
    matrix = sparse.csr_array((held.values, held.others, held.starts), shape=(height, held.width))
    table: Floats = matrix.toarray()
    return table


def of(loose: list[tuple[int, int, int]]) -> tuple[Incidence, sparse.csr_array]:
    row, other, value = (np.array(column) for column in zip(*loose, (0, 0, 0), strict=True))
    row, other, value = row[:-1], other[:-1], value[:-1].astype(np.float64)
    theirs = sparse.coo_array((value, (row, other)), shape=(5, 7)).tocsr()
    return gathered(row.astype(np.int64), other.astype(np.int64), value, 5, 7), theirs


@given(entries)
def test_loose_entries_are_gathered_as_a_library_gathers_them(loose: list[tuple[int, int, int]]) -> None:
    ours, theirs = of(loose)
    assert ours.starts.tolist() == theirs.indptr.tolist()
    assert ours.others.tolist() == theirs.indices.tolist()
    assert ours.values.tolist() == theirs.data.tolist()


@given(entries)
def test_turned_rows_are_the_transpose_with_others_in_order(loose: list[tuple[int, int, int]]) -> None:
    ours, theirs = of(loose)
    across = turned(ours)
    assert (written(across) == theirs.toarray().T).all()
    for start, end in zip(across.starts[:-1], across.starts[1:], strict=True):
        assert np.all(np.diff(across.others[start:end]) > 0)


@pytest.mark.parametrize("rows", [[], [0], [2, 0], [1, 1, 3]])
def test_chosen_rows_are_those_that_slicing_gives(rows: list[int]) -> None:
    ours, theirs = of([(0, 0, 1), (0, 2, 2), (2, 1, 3), (3, 0, 4), (3, 1, 5), (3, 6, 6)])
    assert (written(chosen(ours, np.array(rows, np.int64))) == theirs.toarray()[rows]).all()


@given(entries, entries)
def test_stacked_rows_follow_each_other(
    first: list[tuple[int, int, int]], second: list[tuple[int, int, int]]
) -> None:
    one, other = of(first)[0], of(second)[0]
    assert (written(stacked([one, other])) == np.vstack([written(one), written(other)])).all()


@given(entries, st.lists(st.booleans(), min_size=7, max_size=7))
def test_of_those_asked_for_each_row_holds_as_many_as_stand_in_it(
    loose: list[tuple[int, int, int]], asked: list[bool]
) -> None:
    ours, theirs = of(loose)
    held = (theirs.toarray()[:, asked] > 0).sum(axis=1)
    assert counted_among(ours, np.array(asked)).tolist() == held.tolist()
