"""Rows in order of small numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.fingerprint.order import by_number


@given(st.lists(st.integers(0, 6), max_size=40))
def test_rows_come_by_number_and_then_as_they_stand(numbers: list[int]) -> None:
    given_numbers = np.array(numbers, np.int32)
    order, starts = by_number(given_numbers, 7)
    assert order.tolist() == np.argsort(given_numbers, kind="stable").tolist()
    assert starts.tolist() == [sum(n < number for n in numbers) for number in range(8)]
