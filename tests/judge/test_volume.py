"""How many exchanges a campaign has drawn, from the least to the most that it may be."""

from __future__ import annotations

import numpy as np

from stillwatch.judge.streams import Streams
from stillwatch.judge.volume import CUSTOMERS, UNFOUND, volume


def streams(*extraction: float, is_split: bool = True) -> Streams:
    return Streams(np.arange(len(extraction)), np.array(extraction), 0.5, is_split)


def test_the_best_is_the_sum_and_lies_within() -> None:
    found = volume(streams(*[1.0] * 600, *[0.5] * 100, *[0.0] * 300), is_tenant=False)
    assert found.best == 650
    assert found.low < 650 < found.high


def test_doubt_of_single_exchanges_widens_both_sides() -> None:
    sure = volume(streams(*[1.0] * 500, *[0.0] * 500), is_tenant=True)
    unsure = volume(streams(*[0.5] * 1_000), is_tenant=True)
    assert sure.best == unsure.best
    assert unsure.low < sure.low
    assert unsure.high > sure.high


def test_exchanges_in_which_nothing_is_seen_may_be_the_campaigns_too() -> None:
    extraction = [1.0] * 400 + [0.0] * 600
    whole, tenant = (volume(streams(*extraction), is_tenant=one) for one in (False, True))
    assert whole.high > tenant.high
    assert whole.low == tenant.low


def test_where_nothing_tells_exchanges_apart_many_may_be_customers() -> None:
    found = volume(streams(*[1.0] * 1_000, is_split=False), is_tenant=False)
    assert (found.low, found.best, found.high) == (1_000 - 1_000 * CUSTOMERS, 1_000, 1_000 + 1_000 * UNFOUND)


def test_hardly_more_are_counted_than_the_members_made() -> None:
    found = volume(streams(*[0.99] * 100), is_tenant=False)
    assert 100 < found.high <= 1 + 100 * (1 + UNFOUND)


def test_nothing_has_no_volume() -> None:
    found = volume(streams(), is_tenant=False)
    assert (found.low, found.best, found.high) == (0, 0, 0)
