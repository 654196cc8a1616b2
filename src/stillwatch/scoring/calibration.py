"""Measures of whether a probability means what it says."""

from __future__ import annotations

import numpy as np

from stillwatch.scoring.rates import Flags, Numbers

BINS = 10


def brier(probability: Numbers, outcome: Flags) -> float | None:
    """Mean squared difference of probability and outcome (0 best, 1 worst); None of no accounts.

    Source: Brier, Verification of Forecasts Expressed in Terms of Probability, Monthly Weather Review, 1950.
    """
    return float(((probability - outcome) ** 2).mean()) if probability.size else None


def expected_calibration_error(probability: Numbers, outcome: Flags) -> float | None:
    """Mean gap between what was said and what came true (0..1); None of no accounts.

    Probabilities fall into ten equal bins [0, 0.1), ..., [0.9, 1]; the gap |mean probability - share of true
    outcomes| of each is weighted by its share of accounts. Source: Naeini, Cooper and Hauskrecht, Obtaining
    Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015.
    """
    if not probability.size:
        return None
    place = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    said = np.bincount(place, weights=probability, minlength=BINS)
    came_true = np.bincount(place, weights=outcome, minlength=BINS)
    return float(np.abs(said - came_true).sum() / probability.size)
