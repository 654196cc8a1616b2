from __future__ import annotations

import numpy as np

from stillwatch.judge.campaign import without_misnamed


def test_what_a_twentieth_of_a_harvest_is_named_stays():
    assert without_misnamed(np.array([95.0, 5.0, 0.0])).tolist() == [95.0, 5.0, 0.0]


def test_what_less_than_a_twentieth_of_a_harvest_is_named_is_left_out():
    assert without_misnamed(np.array([60.0, 36.0, 4.0])).tolist() == [60.0, 36.0, 0.0]


def test_a_harvest_spread_over_all_capabilities_keeps_them():
    assert without_misnamed(np.ones(12)).tolist() == [1.0] * 12
