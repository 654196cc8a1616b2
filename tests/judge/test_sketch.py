"""A sketch tells how much of two groups is the same, and who is in neither."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.judge.sketch import ACCOUNTS_AT_ONCE, likeness, sketch
from stillwatch.model.sequence import SKETCH_DIGITS


def ids(start: int, end: int) -> list[str]:
    return [f"acct-{number}" for number in range(start, end)]


def test_a_group_is_like_itself_in_whatever_order_its_accounts_come() -> None:
    assert sketch(ids(0, 50)) == sketch(ids(0, 50)[::-1])
    assert likeness(sketch(ids(0, 50)), [sketch(ids(0, 50))]).tolist() == [1.0]


@pytest.mark.parametrize("shared", [0, 20, 40, 60, 75])
def test_likeness_is_the_jaccard_likeness_within_four_standard_errors(shared: int) -> None:
    [found] = likeness(sketch(ids(0, 80)), [sketch(ids(80 - shared, 160 - shared))])
    assert found == pytest.approx(shared / (160 - shared), abs=4 * 0.034)


def test_each_of_several_groups_gets_its_own_likeness() -> None:
    found = likeness(sketch(ids(0, 30)), [sketch(ids(30, 60)), sketch(ids(0, 30))])
    assert found[0] < 0.1
    assert found[1] == 1.0


def test_a_group_like_nobody_is_like_nobody() -> None:
    assert likeness(sketch(ids(0, 30)), []).shape == (0,)


def test_more_accounts_than_are_taken_at_once_give_the_sketch_of_all() -> None:
    many = ids(0, ACCOUNTS_AT_ONCE + 500)
    halves = [sketch(many[:ACCOUNTS_AT_ONCE]), sketch(many[ACCOUNTS_AT_ONCE:])]
    whole = sketch(many)
    assert all(digit in pair for digit, *pair in zip(whole, *halves, strict=True))
    assert len(whole) == SKETCH_DIGITS


def test_a_digit_fits_one_account_in_sixteen_so_that_it_names_none() -> None:
    digits = np.array([[int(digit, 16) for digit in sketch([name])] for name in ids(0, 400)])
    shares = np.bincount(digits[:, 0], minlength=16) / len(digits)
    assert shares.max() < 2 / 16
