"""The interval of an attribution says how far it hangs on which accounts were seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillwatch.attribute.attribute import attribute
from stillwatch.attribute.marks import Marks
from stillwatch.attribute.resampled import DRAWS, _often
from stillwatch.model.actor import Actor
from tests.attribute.made import DAY, Made, attributed, profile, statement, world


def test_the_probability_lies_within_its_interval_and_none_is_above_the_surest() -> None:
    best = attributed(Made(), profile()).candidates[0]
    assert 0 < best.low < best.probability <= best.high <= 0.94


def test_the_more_accounts_carry_what_is_hard_to_fake_the_narrower_the_interval() -> None:
    lows = [attributed(Made(staff=staff), profile()).candidates[0].low for staff in (2, 4, 8)]
    assert lows == sorted(lows)
    assert lows[0] < 0.5 < lows[-1]


def test_what_nothing_shows_has_no_width() -> None:
    other = Actor("actor-z", "commercial lab", (statement("staff_domain", domain="actor-z.example"),))
    (found,) = attributed(Made(), other).candidates
    assert found.low == found.probability == found.high


def test_the_interval_does_not_hang_on_the_order_of_the_accounts() -> None:
    traffic, suspects = world(Made(), [profile()])
    turned = [replace(s, accounts=s.accounts[::-1].copy()) for s in suspects]
    one, other = (attribute(given, Marks(traffic), [profile()], DAY) for given in (suspects, turned))
    assert one == other


def test_an_account_is_drawn_once_on_average_as_poisson_has_it() -> None:
    keys = np.random.default_rng(3).integers(0, 1 << 63, 2_000).astype(np.uint64)
    drawn = np.array([_often(keys, draw) for draw in range(DRAWS)])
    assert drawn.mean() == pytest.approx(1, abs=0.01)
    assert drawn.var() == pytest.approx(1, abs=0.02)
    assert abs(np.corrcoef(drawn[0], drawn[1])[0, 1]) < 0.08
