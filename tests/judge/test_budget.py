"""The false-alarm budget: no more is reported than the expected number of false campaigns allows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import SettingsError
from stillwatch.judge.budget import JudgeSettings, within_budget

probabilities = st.lists(st.floats(min_value=0, max_value=1), max_size=30).map(np.array)
budgets = st.floats(min_value=1e-6, max_value=1)


@given(probabilities, budgets)
def test_the_expected_number_of_false_campaigns_fits_the_budget(
    probability: np.ndarray, budget: float
) -> None:
    reported = within_budget(probability, JudgeSettings(false_alarm_budget=budget))
    assert np.sum(1 - probability[reported]) <= budget * (1 + 1e-9)


@given(probabilities, budgets)
def test_the_likeliest_are_reported_first(probability: np.ndarray, budget: float) -> None:
    reported = within_budget(probability, JudgeSettings(false_alarm_budget=budget))
    if reported.any() and not reported.all():
        assert probability[reported].min() >= probability[~reported].max()


@given(probabilities, budgets)
def test_one_more_would_not_fit(probability: np.ndarray, budget: float) -> None:
    reported = within_budget(probability, JudgeSettings(false_alarm_budget=budget))
    if not reported.all():
        assert np.sum(1 - probability[reported]) + 1 - probability[~reported].max() > budget * (1 - 1e-9)


def test_what_is_certain_is_always_reported_and_what_is_impossible_never() -> None:
    reported = within_budget(np.array([0.0, 1.0, 0.0, 1.0]), JudgeSettings(false_alarm_budget=0.01))
    assert reported.tolist() == [False, True, False, True]


def test_many_likely_campaigns_share_one_budget() -> None:
    reported = within_budget(np.full(20, 0.98), JudgeSettings(false_alarm_budget=0.05))
    assert reported.sum() == 2


@pytest.mark.parametrize("wrong", [0.0, -0.1, 1.5])
def test_a_budget_without_a_meaning_is_refused(wrong: float) -> None:
    with pytest.raises(SettingsError, match="false_alarm_budget"):
        JudgeSettings(false_alarm_budget=wrong)
