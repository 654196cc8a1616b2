"""Confirmed accounts lean their own group, and nobody who is merely linked to them."""

from __future__ import annotations

import numpy as np

from stillwatch.judge.lean import CONFIRMED_BITS, counting, lean
from stillwatch.judge.pools import Group

IDS = [f"a{at}" for at in range(10)]


def bits(members: list[int], confirmed: list[str], *, expires: str = "2026-12-31") -> float:
    group = Group(None, np.array(members, np.int64))
    return float(lean([group], IDS, dict.fromkeys(confirmed, expires), "2026-06-01T12:00:00Z")[0])


def test_a_group_that_is_mostly_confirmed_starts_with_a_few_bits() -> None:
    assert bits([0, 1, 2, 3], ["a0", "a1"]) == CONFIRMED_BITS


def test_a_group_with_a_few_confirmed_members_starts_with_none() -> None:
    assert bits([0, 1, 2, 3, 4], ["a0", "a1"]) == 0.0


def test_what_was_confirmed_until_yesterday_counts_no_more() -> None:
    assert bits([0, 1], ["a0", "a1"], expires="2026-05-31") == 0.0
    assert bits([0, 1], ["a0", "a1"], expires="2026-06-01") == CONFIRMED_BITS


def test_without_a_casebook_nothing_leans() -> None:
    assert bits([0, 1], []) == 0.0


def test_only_what_is_in_the_log_and_holds_on_its_last_day_counts() -> None:
    confirmed = {"a": "2026-05-01", "b": "2026-01-01", "elsewhere": "2026-05-01"}
    assert counting(confirmed, ["b", "a", "c"], "2026-03-30T00:01:00+00:00") == {"a": "2026-05-01"}
    assert counting({}, ["a"], None) == {}
