"""Who carries a tenant, by how many of each party's requests show its texts."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.judge.carriers import carriers


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_carriers_are_told_from_parties_that_show_a_text_by_accident(share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    asked = np.full(90, 670.0)
    rate = np.concatenate([rng.beta(share * 25, (1 - share) * 25, 60), np.full(30, 0.0004)])
    found = carriers(rng.poisson(rate * asked).astype(np.float64), asked, 0.05)
    assert found[:60].mean() >= 0.9
    assert not found[60:].any()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_texts_that_others_show_now_and_then_make_few_of_them_carriers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    asked = np.full(100, 40.0)
    carried = np.concatenate([rng.poisson(25, 40), rng.poisson(2, 60)]).astype(np.float64)
    found = carriers(carried, asked, 0.3)
    assert found[:40].all()
    assert found[40:].mean() <= 0.05


def test_one_or_two_requests_are_an_accident() -> None:
    assert not carriers(np.array([2.0, 2.0, 0.0]), np.array([100.0, 100.0, 100.0]), 0.3).any()


def test_where_nothing_is_shown_nobody_carries() -> None:
    assert not carriers(np.zeros(3), np.full(3, 10.0), 0.3).any()
    assert not carriers(np.zeros(0), np.zeros(0), 0.3).any()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_all_carry_all_are_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    asked = np.full(120, 90.0)
    carried = rng.binomial(90, rng.beta(0.4 * 8, 0.6 * 8, 120)).astype(np.float64)
    assert carriers(carried, asked, 0.05).mean() >= 0.9
