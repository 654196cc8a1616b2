"""Pairs of small numbers counted, at places of their own or not: as by looking at each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.numbering import distinct
from stillwatch.judge.tallied import apart, beside, exactly, fewer, moments, senders, tallied

BELOW = pytest.mark.parametrize("below", [7, 1 << 20])
ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), max_size=40)
Row = tuple[int, int, bool]


def columns(rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first, second, seen = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(first, np.int32), np.array(second, np.uint16), np.array(seen, np.bool_)


@BELOW
@given(rows=ROWS)
def test_pairs_that_are_seen_are_counted(rows: list[Row], below: int) -> None:
    first, second, seen = columns(rows)
    found, times = tallied((first, below), (second, below), seen)
    expected = Counter(a * below + b for a, b, is_seen in rows if is_seen)
    assert dict(zip(found.tolist(), times.tolist(), strict=True)) == expected
    assert sorted(beside(first, second, below, seen).tolist()) == sorted(expected.elements())


@BELOW
@given(rows=ROWS)
def test_each_pair_is_there_once(rows: list[Row], below: int) -> None:
    first, second, _ = columns(rows)
    found = apart((first, below), (second, below)).tolist()
    assert sorted(found) == sorted({a * below + b for a, b, _ in rows})


@BELOW
@given(rows=ROWS)
def test_parties_that_send_a_text_are_counted_once_each_until_there_are_enough(
    rows: list[Row], below: int
) -> None:
    text, party, _ = columns(rows)
    pairs, enough = {(a, b) for a, b, _ in rows}, np.array([9, 0, 1, 2, 3, 9, 9])
    found = senders((text, 7), (party.astype(np.int32), below), enough)
    assert found.tolist() == [min(enough[one], sum(a == one for a, _ in pairs)) for one in range(7)]


@given(ROWS)
def test_numbers_keep_their_order_without_those_that_do_not_come(rows: list[Row]) -> None:
    first, _, _ = columns(rows)
    there = sorted(set(first.tolist()))
    number, many = fewer((first, 7))
    assert number.tolist() == [there.index(one) for one in first.tolist()]
    assert many == len(there)


@given(st.lists(st.integers(-(10**6), 10**6), max_size=20), st.integers(1, 1000))
def test_moments_are_whole_units_towards_zero(when: list[int], unit: int) -> None:
    number, first, units = moments(np.array(when, np.int64), unit)
    whole = [int(abs(one) // unit) * (1 if one >= 0 else -1) for one in when]
    assert (number + first).tolist() == whole
    assert units == (max(whole) - min(whole) + 1 if whole else 0)


def test_fractions_are_summed_to_a_millionth() -> None:
    value = np.array([0.1234565, 0.5, 0.25])
    assert exactly(value, np.array([0, 1, 1], np.int32), 3).tolist() == [0.123457, 0.75, 0.0]


@pytest.mark.parametrize("times", [1, 1 << 40])
def test_keys_of_many_parts_are_counted_too(times: int) -> None:
    keys = np.random.default_rng(5).integers(0, 60_000, 100_000).astype(np.uint64) * np.uint64(times)
    found, many = distinct(keys)
    assert dict(zip(found.tolist(), many.tolist(), strict=True)) == Counter(keys.tolist())
