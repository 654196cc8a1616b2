"""Keys told apart by parts: as by looking at each."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.numbering import distinct, numbered, numbers_of


def is_as_plain(keys: np.ndarray) -> bool:
    number, known = numbered(keys)
    plain = np.unique(keys)
    return known[number].tolist() == keys.tolist() and sorted(known.tolist()) == plain.tolist()


@given(st.lists(st.one_of(st.integers(0, 5), st.integers(0, 2**64 - 1)), max_size=50))
def test_equal_keys_have_one_number_and_others_another(keys: list[int]) -> None:
    assert is_as_plain(np.array(keys, np.uint64))


@pytest.mark.parametrize("times", [1, 1 << 40])
def test_numbers_are_those_of_keys_in_many_parts_too(times: int) -> None:
    keys = np.random.default_rng(5).integers(0, 60_000, 100_000).astype(np.uint64) * np.uint64(times)
    assert is_as_plain(keys)


@given(st.lists(st.one_of(st.integers(0, 5), st.integers(0, 2**64 - 1)), max_size=50))
def test_distinct_keys_are_told_with_how_often_they_come_and_how_many_they_are(keys: list[int]) -> None:
    of = np.array(keys, np.uint64)
    told = dict(zip(*(part.tolist() for part in distinct(of)), strict=True))
    assert told == Counter(keys)
    assert numbers_of(of)[1] == len(told)
