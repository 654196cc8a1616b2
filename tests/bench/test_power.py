"""Power: intervals, the rising fit, and where it reaches the target."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression
from scipy.stats import binomtest

from stillwatch.bench.design import Cell
from stillwatch.bench.power import curves, isotonic, points, smallest, wilson
from stillwatch.bench.trial import Trial


def trials(found: dict[int, tuple[int, int]], rate: float = 5.0) -> list[Trial]:
    """Trials by size: how many were found of how many."""
    return [
        Trial(
            cell=Cell("lone", "plain", rate, accounts),
            repeat=repeat,
            seed=0,
            planted_accounts=accounts,
            planted_exchanges=100,
            copied_exchanges=0,
            is_found=repeat < hits,
            verdict="distillation" if repeat < hits else None,
            probability=0.99 if repeat < hits else None,
            named=accounts if repeat < hits else 0,
            newly_named=(),
            no_longer_named=0,
        )
        for accounts, (hits, of) in found.items()
        for repeat in range(of)
    ]


def end(found: dict[int, tuple[int, int]]) -> tuple[str, int | None]:
    (curve,) = curves(points(trials(found)))
    made = smallest(curve)
    return made.state, made.accounts


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_wilsons(counts: tuple[int, int]) -> None:
    known = binomtest(*counts).proportion_ci(method="wilson")
    assert wilson(*counts) == pytest.approx((known.low, known.high), abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 9)), min_size=1, max_size=8))
def test_the_fit_is_the_isotonic_regression(pairs: list[tuple[int, int]]) -> None:
    shares, weights = [hits / 10 for hits, _ in pairs], [weight for _, weight in pairs]
    assert isotonic(shares, weights) == pytest.approx(isotonic_regression(shares, weights=weights).x)


def test_between_two_sizes_the_target_is_met_on_the_logarithm() -> None:
    assert end({10: (3, 5), 40: (5, 5)}) == ("between", 20)


def test_a_power_that_is_never_enough_is_not_reached() -> None:
    assert end({10: (0, 5), 40: (3, 5)}) == ("not reached", None)


def test_a_power_that_is_enough_from_the_start_is_at_most_the_smallest_size() -> None:
    assert end({10: (4, 5), 40: (5, 5)}) == ("at most", 10)


def test_a_lucky_small_size_does_not_hide_an_unlucky_larger_one() -> None:
    assert end({10: (5, 5), 40: (1, 5), 160: (5, 5)}) == ("between", 80)


def test_each_rate_has_a_curve_of_its_own() -> None:
    both = [*trials({10: (1, 2), 20: (2, 2)}), *trials({10: (0, 2), 20: (0, 2)}, rate=50.0)]
    assert [[p.found for p in curve] for curve in curves(points(both))] == [[1, 2], [0, 0]]


def test_the_named_share_counts_planted_accounts_that_were_active() -> None:
    assert points(trials({10: (1, 2)}))[0].named == pytest.approx(0.5)
