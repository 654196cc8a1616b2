from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.scoring.clusters import Clusters, alone_where, bcubed, pairwise

sortings = st.integers(1, 25).flatmap(
    lambda size: st.tuples(*[st.lists(st.integers(0, 6), min_size=size, max_size=size)] * 2)
)


def bcubed_by_hand(actual: list[int], claimed: list[int]) -> tuple[float, float]:
    accounts = range(len(actual))
    precision = recall = 0.0
    for one in accounts:
        true_mates = {other for other in accounts if actual[other] == actual[one]}
        claimed_mates = {other for other in accounts if claimed[other] == claimed[one]}
        both = len(true_mates & claimed_mates)
        precision += both / len(claimed_mates)
        recall += both / len(true_mates)
    return precision / len(actual), recall / len(actual)


def pairs(cluster: list[int]) -> set[tuple[int, int]]:
    return {
        (one, other) for one, other in combinations(range(len(cluster)), 2) if cluster[one] == cluster[other]
    }


def numbers(cluster: list[int]) -> Clusters:
    return np.array(cluster, dtype=np.int64)


@given(sortings)
def test_bcubed_equals_its_definition_account_by_account(both: tuple[list[int], list[int]]) -> None:
    result = bcubed(numbers(both[0]), numbers(both[1]))
    assert result is not None
    assert (result["precision"], result["recall"]) == pytest.approx(bcubed_by_hand(*both))


@given(sortings)
def test_pairwise_equals_its_definition_pair_by_pair(both: tuple[list[int], list[int]]) -> None:
    actual, claimed = (pairs(each) for each in both)
    result = pairwise(numbers(both[0]), numbers(both[1]))
    expected = len(actual & claimed) / len(claimed) if claimed else float(not actual)
    assert result is not None
    assert result["precision"] == pytest.approx(expected)


@given(sortings)
def test_exchanging_the_sides_exchanges_precision_and_recall(both: tuple[list[int], list[int]]) -> None:
    one, other = bcubed(*map(numbers, both)), bcubed(*map(numbers, reversed(both)))
    assert one is not None
    assert other is not None
    assert (one["precision"], one["f1"]) == pytest.approx((other["recall"], other["f1"]))


def test_the_example_of_bagga_and_baldwin() -> None:
    actual = numbers([1] * 5 + [2] * 2 + [3] * 5)
    two_large_ones_joined = numbers([1] * 5 + [2] * 2 + [1] * 5)
    result = bcubed(actual, two_large_ones_joined)
    assert result is not None
    assert (result["precision"], result["recall"]) == (pytest.approx(7 / 12), 1.0)


def test_renaming_clusters_changes_nothing() -> None:
    assert bcubed(numbers([0, 0, 1]), numbers([9, 9, 4])) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_accounts_outside_stand_alone() -> None:
    cluster = alone_where(numbers([0, 0, 0, -1, -1]), np.array([False, False, True, False, False]))
    assert [int((cluster == each).sum()) for each in cluster] == [2, 2, 1, 1, 1]


def test_no_accounts_have_no_measure() -> None:
    empty = numbers([])
    assert (bcubed(empty, empty), pairwise(empty, empty)) == (None, None)
