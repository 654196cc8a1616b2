"""Rows of accounts, few of many and many of few."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.case import rows_of

ACCOUNTS = 5


@given(
    st.lists(st.integers(0, ACCOUNTS - 1), max_size=30),
    st.integers(0, 4_000),
    st.sets(st.integers(0, ACCOUNTS - 1)),
)
def test_the_rows_of_accounts_are_those_where_they_stand(
    account: list[int], others: int, asked: set[int]
) -> None:
    of_row = np.array(account + [ACCOUNTS] * others, np.int32)
    accounts = np.array(sorted(asked, reverse=True), np.int64)
    found = rows_of(of_row, ACCOUNTS + 1)(accounts)
    assert found.tolist() == np.flatnonzero(np.isin(of_row, accounts)).tolist()
    assert found.dtype == np.int64
