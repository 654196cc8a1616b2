from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sources.check import text_buffers
from stillwatch.sources.duplicates import Seen, _hashes


def plainly(batches):
    """The same answer by a set of the ids themselves."""
    seen = set()
    for batch in batches:
        answer = []
        for one in batch:
            answer.append(one in seen)
            seen.add(one)
        yield answer


@settings(deadline=None)  # the first call loads compiled code
@given(st.lists(st.lists(st.text(alphabet="ab\0é", max_size=4), max_size=30), max_size=8))
def test_ids_seen_before_are_found_as_a_set_finds_them(batches):
    seen = Seen()
    found = [seen.again(pa.array(batch, pa.string())).tolist() for batch in batches]
    assert found == list(plainly(batches))


@pytest.mark.parametrize("expected", [0, 50_000, 400_000])
def test_many_ids_over_growing_tables_are_found_exactly(expected):
    generator = np.random.default_rng(7)
    seen, known = Seen(expected), set()
    for _ in range(30):
        ids = [f"exchange-{number}" for number in generator.integers(0, 300_000, 20_000)]
        answer = seen.again(pa.array(ids)).tolist()
        assert answer == next(plainly_after(known, ids))
        known |= set(ids)


def plainly_after(known, ids):
    within = set()
    answer = []
    for one in ids:
        answer.append(one in known or one in within)
        within.add(one)
    yield answer


def test_a_slice_of_a_column_is_hashed_as_the_column_itself():
    ids = pa.array([f"id-{n}" for n in range(100)])
    whole, part = _hashes(*text_buffers(ids)), _hashes(*text_buffers(ids.slice(40, 20)))
    assert np.array_equal(whole[0][40:60], part[0])
    assert np.array_equal(whole[1][40:60], part[1])


def test_no_two_of_a_million_similar_ids_share_either_hash_half():
    ids = pa.array(np.arange(1_000_000)).cast(pa.string())
    first, second = _hashes(*text_buffers(ids))
    assert len(np.unique(first)) == len(np.unique(second)) == 1_000_000
    spread = np.bincount((first >> np.uint64(54)).astype(np.int64), minlength=1024)
    assert spread.min() > 800
    assert spread.max() < 1200


def test_a_million_expected_ids_take_less_than_sixteen_bytes_each():
    seen = Seen(1_000_000)
    for start in range(0, 1_000_000, 50_000):
        assert not seen.again(pa.array(np.arange(start, start + 50_000)).cast(pa.string())).any()
    assert seen.nbytes < 16_000_000


@settings(deadline=None)  # the first call loads compiled code
@given(st.lists(st.lists(st.lists(st.text(alphabet="ab", max_size=3), max_size=6), max_size=4), max_size=8))
def test_ids_are_taken_all_together_or_not_at_all(files):
    seen, known = Seen(), set()
    for parts in files:
        ids = [one for part in parts for one in part]
        are_new = len(known.union(ids)) == len(known) + len(ids)
        assert seen.take_new([pa.array(part, pa.string()) for part in parts]) == are_new
        known |= set(ids) if are_new else set()
    everything = pa.array(["", "a", "ab", "b", "abb"])
    assert seen.again(everything).tolist() == [one in known for one in everything.to_pylist()]


def test_many_ids_that_are_not_taken_leave_all_tables_as_they_were():
    seen = Seen()
    first = pa.array([f"id {n}" for n in range(60_000)])
    assert seen.take_new([first[:30_000], first[30_000:]])
    others = pa.array([*(f"other {n}" for n in range(200_000)), "id 7"])
    assert not seen.take_new([others[:40_000], others[40_000:]])
    assert seen.again(first).all()
    assert seen.again(others).tolist() == [False] * 200_000 + [True]
