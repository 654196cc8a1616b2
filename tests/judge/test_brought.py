"""Requests of groups that were brought together are those of the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.brought import Brought, brought
from stillwatch.judge.case import rows_of

ACCOUNTS = 6
MADE_BY = [3, 0, 5, 3, 2, 0, 0, 4, 5, 2]
GROUPS = [np.array([0, 2]), np.array([3]), np.array([5, 4])]


def log(made_by: Sequence[int]) -> Brought:
    """Exchanges of those accounts, each with its own number, in two parts, and as codes."""
    account, half = np.array(made_by, np.int32), len(made_by) // 2
    number = np.arange(len(made_by), dtype=np.uint64)
    codes = pa.DictionaryArray.from_arrays(pa.array(number.astype(np.uint8)), pa.array(number))
    in_parts = pa.chunked_array([number[:half], number[half:]], pa.uint64())
    coded = pa.chunked_array([codes[:half], codes[half:]], codes.type)
    return Brought(pa.table({"account": account, "n": in_parts, "code": coded}), rows_of(account, ACCOUNTS))


def by_runs(everything: Brought, most: int, beside: np.ndarray) -> Iterator[tuple[list[np.ndarray], Brought]]:
    """The groups of each run, and what was brought for them."""
    with patch("stillwatch.judge.brought.MOST_BROUGHT", most):
        for some, here in brought(everything, GROUPS, in_files=True, beside=beside):
            yield GROUPS[some], here


@given(st.lists(st.integers(0, ACCOUNTS - 1), max_size=30), st.integers(0, 30), st.data())
def test_rows_of_a_group_are_those_that_it_has_in_the_log(made_by, most, data):
    everything = log(made_by)
    among = st.sets(st.integers(0, len(made_by) - 1)) if made_by else st.just(set())
    beside = np.array(sorted(data.draw(among)), np.int64)
    seen = 0
    for groups, here in by_runs(everything, most, beside):
        for group in groups:
            rows, mine = everything.rows_of(group), here.rows_of(group)
            assert here.there(mine).tolist() == rows.tolist()
            assert here.exchange["n"].to_numpy()[mine].tolist() == rows.tolist()
            assert here.exchange["code"].cast(pa.uint64()).to_numpy()[mine].tolist() == rows.tolist()
            seen += 1
        assert here.exchange["n"].to_numpy()[here.here(beside)].tolist() == beside.tolist()
    assert seen == len(GROUPS)


@pytest.mark.parametrize(("most", "rows"), [(2, [10, 2, 10]), (4, [10, 2, 3]), (7, [7, 3]), (100, [10])])
def test_groups_are_brought_together_up_to_a_bound_and_one_with_more_is_looked_up_in_the_log(most, rows):
    assert [len(here.exchange) for _, here in by_runs(log(MADE_BY), most, np.zeros(0, np.int64))] == rows


def test_what_is_brought_lies_in_one_piece():
    ((_, here),) = by_runs(log(MADE_BY), 100, np.array([1]))
    assert [column.num_chunks for column in here.exchange.columns] == [1, 1, 1]


def test_where_columns_lie_in_memory_nothing_is_brought():
    everything = log(MADE_BY)
    assert [(some, here is everything) for some, here in brought(everything, GROUPS, in_files=False)] == [
        (slice(0, 3), True)
    ]
