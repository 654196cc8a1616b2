"""The tails are scipy's, without scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from stillwatch.assay import tails


def test_binomial_tails_are_scipys() -> None:
    rng = np.random.default_rng(1)
    for _ in range(500):
        n = int(rng.integers(1, 4000))
        hits, chance = int(rng.integers(0, n + 1)), float(rng.uniform(0.001, 0.999))
        theirs = stats.binom.sf(hits - 1, n, chance)
        assert math.isclose(tails.binomial(hits, n, chance), theirs, rel_tol=1e-8, abs_tol=1e-290)


def test_tails_of_student_are_scipys() -> None:
    rng = np.random.default_rng(2)
    for _ in range(500):
        t, freedom = float(rng.normal() * 5), float(rng.integers(1, 200))
        assert math.isclose(tails.student(t, freedom), stats.t.sf(t, freedom), rel_tol=1e-9)


@pytest.mark.parametrize("freedom", [1.0, 2.0, 4.7, 60.0])
def test_points_of_student_are_scipys(freedom: float) -> None:
    for share in (0.2, 0.025, 0.0005):
        assert math.isclose(tails.student_point(share, freedom), stats.t.isf(share, freedom), rel_tol=1e-7)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (50, 1000)])
def test_intervals_of_shares_are_wilsons(hits: int, n: int) -> None:
    theirs = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert np.allclose(tails.interval(hits, n), (theirs.low, theirs.high), atol=1e-9)
