from __future__ import annotations

import numpy as np
import pytest

from stillwatch.scoring.calibration import brier, expected_calibration_error


def test_brier_is_the_mean_squared_difference() -> None:
    assert brier(np.array([1.0, 0.5]), np.array([True, False])) == pytest.approx(0.125)


def test_certainty_that_comes_true_has_no_error() -> None:
    said, came_true = np.array([1.0, 0.0, 1.0]), np.array([True, False, True])
    assert (brier(said, came_true), expected_calibration_error(said, came_true)) == (0.0, 0.0)


def test_error_is_the_gap_of_each_bin_weighted_by_its_accounts() -> None:
    said = np.array([0.92, 0.98, 0.14, 0.16])
    came_true = np.array([True, False, False, False])
    assert expected_calibration_error(said, came_true) == pytest.approx((0.95 - 0.5) / 2 + 0.15 / 2)


def test_gaps_within_a_bin_cancel_and_across_bins_do_not() -> None:
    came_true = np.array([True, False])
    within = expected_calibration_error(np.array([0.5, 0.5]), came_true)
    across = expected_calibration_error(np.array([0.4, 0.6]), came_true)
    assert (within, across) == (0.0, pytest.approx(0.6))


def test_no_accounts_have_no_error() -> None:
    nothing = np.array([])
    assert expected_calibration_error(nothing, nothing.astype(bool)) is None
