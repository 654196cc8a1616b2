"""Bounds on bits: never less than what they bound, and who may join is the same with them as without."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.weigh.bits import WeighSettings, prior_bits, weigh
from stillwatch.weigh.bounds import ROUNDING, bounds_of, most_said
from stillwatch.weigh.holding import KINDS
from stillwatch.weigh.kernels import MEMBER, NAMED, signal_bits
from stillwatch.weigh.likelihood import LOOSEST, TIGHTEST, Shares
from tests.weigh.planted import FAMILY, Block, log_of, principals

MOST = 20
EVERYONE = 300
means = st.floats(0.0, 1.0)
concentrations = st.floats(LOOSEST, TIGHTEST)


@given(
    inside=means,
    outside=means,
    concentration=concentrations,
    outer=concentrations,
    asked=st.lists(st.tuples(st.integers(0, 60), st.floats(0.0, 1.0)), min_size=1, max_size=30),
)
def test_no_run_says_more_than_its_bounds(
    inside: float, outside: float, concentration: float, outer: float, asked: list[tuple[int, float]]
) -> None:
    model = Shares(*(np.array([x]) for x in (10.0, inside, concentration, outside, outer)))
    support, share = np.array([n for n, _ in asked], np.int32), np.array([part for _, part in asked])
    who = np.arange(len(asked))
    said = signal_bits(support, model, 0, np.zeros(len(asked), np.bool_), who, share, MOST)
    assert np.all(said <= most_said(bounds_of(model, 0, MOST), support, who, share) + ROUNDING)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    members=st.sets(st.integers(0, 60), min_size=8, max_size=40),
    shares=st.lists(st.floats(0.1, 0.9), min_size=2, max_size=4),
    asked_for=st.sets(st.integers(0, EVERYONE - 1), max_size=3),
)
def test_who_has_more_bits_than_the_prior_is_the_same_if_only_they_are_weighed(
    seed: int, members: set[int], shares: list[float], asked_for: set[int]
) -> None:
    blocks = [
        Block(range(20 * at, 20 * at + 30), list(FAMILY)[at : at + 3], share=share, trait=at)
        for at, share in enumerate(shares)
    ]
    log, community, also = log_of(EVERYONE, blocks, seed=seed), principals(members), principals(asked_for)
    whole = weigh(log, community, WeighSettings(), also=also)
    fewer = weigh(log, community, WeighSettings(), also=also, joining=True)
    at = np.searchsorted(whole.rows, fewer.rows)
    left_out = np.delete(whole.total(), at)
    assert np.array_equal(whole.rows[at], fewer.rows)
    assert set(members) | asked_for <= set(fewer.rows.tolist())
    assert all(np.array_equal(bits[at], fewer.witnesses[name]) for name, bits in whole.witnesses.items())
    assert np.all(left_out <= prior_bits(len(community), EVERYONE))


def test_a_mark_has_a_bit_for_each_kind_of_witness() -> None:
    assert 1 << len(KINDS) <= NAMED < MEMBER <= np.iinfo(np.uint8).max
