from __future__ import annotations

import numpy as np
import pytest

from stillwatch.scoring.rates import average_precision, compare, precision_recall, share


def test_precision_recall_counts_by_hand() -> None:
    result = precision_recall(right=3, wrong=1, missed=2)
    assert result == {"precision": 0.75, "recall": 0.6, "f1": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    ("missed", "precision", "recall"),
    [(0, 1.0, 1.0), (2, 0.0, 0.0)],
    ids=["nothing to claim", "something missed"],
)
def test_claiming_nothing_is_precise_only_where_there_is_nothing(
    missed: int, precision: float, recall: float
) -> None:
    result = precision_recall(right=0, wrong=0, missed=missed)
    assert (result["precision"], result["recall"]) == (precision, recall)


def test_compare_counts_each_account_once() -> None:
    claimed = np.array([True, True, False, False])
    actual = np.array([True, False, True, False])
    assert compare(claimed, actual) == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


def test_average_precision_of_a_textbook_ranking() -> None:
    actual = np.array([True, False, True])
    assert average_precision(actual, np.array([0.9, 0.8, 0.7])) == pytest.approx((1 + 2 / 3) / 2)


def test_average_precision_takes_ties_together_whatever_their_order() -> None:
    ranking = np.array([0.5, 0.5, 0.5, 0.1])
    values = {
        average_precision(np.array(actual), ranking)
        for actual in ([True, False, False, False], [False, False, True, False])
    }
    assert values == {1 / 3}


def test_average_precision_of_a_perfect_ranking_is_one() -> None:
    actual = np.array([False, True, False, True])
    assert average_precision(actual, actual.astype(float)) == 1.0


def test_average_precision_is_undefined_without_a_positive() -> None:
    assert average_precision(np.array([False, False]), np.array([0.1, 0.2])) is None


def test_share_of_no_values_is_undefined() -> None:
    assert share(np.array([], dtype=np.bool_)) is None
