"""Values looked up among keys: as by going through them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.sought import sought

KEY = st.one_of(st.integers(0, 9), st.integers(0, 2**64 - 1))


@given(st.lists(KEY, max_size=60), st.lists(KEY, max_size=20, unique=True))
def test_each_value_is_found_at_the_place_of_its_key_and_others_nowhere(
    values: list[int], keys: list[int]
) -> None:
    found = sought(np.array(values, np.uint64), np.array(keys, np.uint64))
    assert found.tolist() == [keys.index(one) if one in keys else -1 for one in values]
