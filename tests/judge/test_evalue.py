"""p-values, e-values and e-BH: what they promise holds on every input, not on average over lucky ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.evalue import e_bh, e_value, p_value

scores = st.lists(st.floats(min_value=0, max_value=1e6), min_size=2, max_size=30).map(np.array)
evidence = st.lists(st.floats(min_value=0, max_value=1e4), max_size=30).map(np.array)
levels = st.floats(min_value=0.01, max_value=0.5)


def each_in_turn(values: np.ndarray, judged) -> np.ndarray:
    """What is said of each value if all others are its references."""
    return np.array([judged(values[at], np.delete(values, at)) for at in range(len(values))])


def test_a_value_above_all_references_has_the_smallest_p_value_there_is() -> None:
    assert p_value(3.0, np.array([0.0, 1.0, 2.0])) == pytest.approx(1 / 4)


def test_a_reference_as_high_counts_against_the_value() -> None:
    assert p_value(2.0, np.array([0.0, 1.0, 2.0])) == pytest.approx(2 / 4)


@given(scores, st.floats(min_value=0, max_value=1))
def test_of_exchangeable_values_no_more_than_p_have_a_p_value_of_at_most_p(
    values: np.ndarray, p: float
) -> None:
    found = each_in_turn(values, p_value)
    assert np.count_nonzero(found <= p) <= p * len(values) + 1e-9


@given(scores)
def test_the_e_values_of_exchangeable_values_are_1_on_average(values: np.ndarray) -> None:
    assert each_in_turn(values, e_value).mean() == pytest.approx(1.0)


def test_an_e_value_is_no_larger_than_the_number_of_references_and_1() -> None:
    assert e_value(1e12, np.array([1.0, 2.0, 3.0])) == pytest.approx(4.0)


@given(evidence, levels)
def test_whatever_e_bh_gives_up_has_enough_for_how_many_are_given_up(
    values: np.ndarray, level: float
) -> None:
    kept = e_bh(values, level)
    if kept.any():
        assert values[kept].min() * kept.sum() * level >= len(values) * (1 - 1e-12)


@given(evidence, levels)
def test_e_bh_gives_up_all_that_it_can(values: np.ndarray, level: float) -> None:
    ordered = np.sort(values)[::-1]
    for more in range(int(e_bh(values, level).sum()) + 1, len(values) + 1):
        assert ordered[more - 1] * more * level < len(values)


def test_one_alone_needs_more_than_one_of_several() -> None:
    others = [0.1] * 8
    assert e_bh(np.array([60.0, *others, 0.1]), 0.1).sum() == 0
    assert e_bh(np.array([60.0, 55.0, *others]), 0.1).sum() == 2


def test_at_most_the_level_is_false_on_average_though_all_share_their_references() -> None:
    chance = np.random.default_rng(7)
    shares = []
    for _ in range(400):
        references = np.exp2(chance.normal(size=60))
        values = np.exp2(np.concatenate([chance.normal(size=20), chance.normal(9, size=3)]))
        kept = e_bh(np.array([e_value(v, references) for v in values]), 0.2)
        shares.append(kept[:20].sum() / max(1, kept.sum()))
    assert np.mean(shares) <= 0.2
