"""Keys of two: in one pass as by whole columns."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.fingerprint.door import combine, with_numbers

PAIRS = st.lists(
    st.tuples(st.one_of(st.integers(0, 2), st.integers(0, 2**64 - 1)), st.integers(-1, 2**31 - 1)),
    max_size=30,
)


@given(PAIRS)
def test_a_key_with_a_number_is_that_of_both_combined(pairs: list[tuple[int, int]]) -> None:
    keys, numbers = np.array([k for k, _ in pairs], np.uint64), np.array([n for _, n in pairs], np.int32)
    plain = combine(keys, numbers.astype(np.uint64) + np.uint64(1))
    assert with_numbers(keys, numbers).tolist() == plain.tolist()
