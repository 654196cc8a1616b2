"""How sure it is that a cluster is one party: partial conjunction, and q-values over one scan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.coordination import log10_p_value, q_values
from stillwatch.link.cluster import Cluster
from stillwatch.weigh.bits import SignalBits, Weighed
from tests.judge.made import said


def of(*signals: SignalBits) -> Cluster:
    return Cluster(np.zeros(1, np.int64), np.ones(1), Weighed(np.zeros(1, np.int64), {}, signals))


def brute_force(p: list[float]) -> list[float]:
    """Benjamini and Yekutieli (2001) by definition: the least level at which each is rejected."""
    n, ordered = len(p), sorted(p)
    harmonic = sum(1 / k for k in range(1, n + 1))
    return [
        min(1.0, *(ordered[k] * n * harmonic / (k + 1) for k in range(n) if ordered[k] >= value))
        for value in p
    ]


@given(st.lists(st.floats(min_value=-12, max_value=0), min_size=1, max_size=25))
def test_q_values_are_those_of_the_definition(log10_p: list[float]) -> None:
    expected = brute_force([float(np.power(10.0, value)) for value in log10_p])
    assert q_values(log10_p) == pytest.approx(expected, rel=1e-9)


def test_no_cluster_has_no_q_value() -> None:
    assert q_values([]).tolist() == []


def test_the_second_most_striking_witness_decides() -> None:
    strong = of(said("net", -50.0), said("pay", -4.0))
    assert log10_p_value(strong) == pytest.approx(-4.0)


def test_one_witness_however_loud_proves_nothing() -> None:
    assert log10_p_value(of(said("net", -300.0))) == 0.0


def test_two_signals_of_one_witness_are_one_witness() -> None:
    assert log10_p_value(of(said("client", -50.0, name="a"), said("tool", -50.0, name="b"))) == 0.0


def test_more_witnesses_to_choose_from_cost_their_number() -> None:
    two = log10_p_value(of(said("net", -50.0), said("pay", -4.0)))
    four = log10_p_value(of(said("net", -50.0), said("pay", -4.0), said("template", 0.0), said("time", 0.0)))
    assert four == pytest.approx(two + np.log10(3))


def test_more_signals_of_a_witness_cost_their_number() -> None:
    one = of(said("net", -50.0), said("pay", -4.0))
    two = of(said("net", -50.0), said("pay", -4.0), said("registration", 0.0))
    assert log10_p_value(two) == pytest.approx(log10_p_value(one) + np.log10(2))


def test_a_p_value_is_never_above_1() -> None:
    assert log10_p_value(of(said("net", 0.0), said("pay", 0.0), said("template", 0.0))) == 0.0


def test_with_one_true_witness_and_accidents_the_p_value_keeps_its_level() -> None:
    rng = np.random.default_rng(4)
    accidents = np.log10(rng.uniform(size=(2_000, 3)))
    p = [
        log10_p_value(of(said("net", -300.0), *(map(said, ("pay", "template", "time"), row))))
        for row in accidents
    ]
    assert np.mean(np.array(p) <= np.log10(0.05)) <= 0.06
