"""Holders of keys counted part by part: as by looking at each row."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.weigh.parted import shared_keys

LEAST = 3


def is_as_plain(parties: list[list[int]]) -> bool:
    """Whether what is counted of these parties' keys, 0 where there is none, is what a plain count finds."""
    starts = np.cumsum([0, *map(len, parties)])
    keys = np.array([key for mine in parties for key in mine], np.uint64)
    found, held, support = shared_keys(keys, starts, LEAST, np.empty(2 * len(keys), np.uint64))
    holders: dict[int, list[tuple[int, int]]] = {}
    for party, mine in enumerate(parties):
        for key, rows in Counter(mine).items():
            holders.setdefault(key, []).append((party, rows))
    shared = sorted(key for key, mine in holders.items() if key and len(mine) >= LEAST)
    entries = list(zip(held.others.tolist(), held.values.tolist(), strict=True))
    bounds = held.starts.tolist()
    return (
        found.tolist() == shared
        and support.tolist() == [sum(key != 0 for key in mine) for mine in parties]
        and [entries[a:b] for a, b in pairwise(bounds)] == [holders[k] for k in shared]
    )


@given(st.lists(st.lists(st.one_of(st.integers(0, 4), st.integers(0, 2**64 - 1)), max_size=8), max_size=9))
def test_who_holds_a_key_and_how_often_is_as_a_plain_count_finds(parties: list[list[int]]) -> None:
    assert is_as_plain(parties)


@pytest.mark.parametrize("times", [1, 1 << 40])
def test_keys_in_many_parts_are_counted_as_well(times: int) -> None:
    drawn = np.random.default_rng(6).zipf(1.3, 90_000) % 40_000 * times
    assert is_as_plain([part.tolist() for part in np.array_split(drawn, 700)])
