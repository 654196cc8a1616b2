"""Rows in the order of their keys."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.ordered import by_key

KEYS = st.lists(
    st.one_of(
        st.integers(0, 3),
        st.sampled_from([1 << 63, (1 << 63) + 1, (1 << 63) + 2, 2**64 - 1]),
        st.integers(0, 2**64 - 1),
    ),
    max_size=40,
)


@given(KEYS)
def test_rows_come_in_the_order_of_keys_and_equal_ones_as_they_stand(keys: list[int]) -> None:
    of = np.array(keys, np.uint64)
    assert by_key(of).tolist() == np.argsort(of, kind="stable").tolist()


def test_rows_come_so_where_many_keys_agree_in_all_bits_that_are_left_beside_the_row() -> None:
    of = np.random.default_rng(3).integers(0, 60_000, 100_000).astype(np.uint64)
    assert by_key(of).tolist() == np.argsort(of, kind="stable").tolist()
