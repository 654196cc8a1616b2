"""Bounds on bits: never less than what they bound, and who may join is the same with them as without."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.weigh.bits import WeighSettings, prior_bits, weigh
from stillwatch.weigh.bounds import ROUNDING, bounds_of, most_said
from stillwatch.weigh.holding import KINDS, Holdings
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


def near_a_block(faint: int, first: int, share: float, seed: int) -> Holdings:
    """Thirty principals that share all five signals, and others that carry two of the same traits in part of their requests."""
    others = Block(range(60, 60 + faint), list(FAMILY)[first : first + 2], share=share)
    return log_of(EVERYONE, [Block(range(30)), others], seed=seed)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10**6),
    faint=st.integers(5, 40),
    first=st.integers(0, 3),
    share=st.floats(0.1, 0.9),
    members=st.sets(st.integers(0, 32), min_size=12, max_size=25),
    asked_for=st.sets(st.integers(0, EVERYONE - 1), max_size=3),
)
def test_who_has_more_bits_than_the_prior_is_the_same_if_only_they_are_weighed(
    *, seed: int, faint: int, first: int, share: float, members: set[int], asked_for: set[int]
) -> None:
    log, community, also = (
        near_a_block(faint, first, share, seed),
        principals(members),
        principals(asked_for),
    )
    whole = weigh(log, community, WeighSettings(), also=also)
    fewer = weigh(log, community, WeighSettings(), also=also, joining=True)
    at = np.searchsorted(whole.rows, fewer.rows)
    assert np.array_equal(whole.rows[at], fewer.rows)
    assert members | asked_for <= set(fewer.rows.tolist())
    assert all(np.array_equal(bits[at], fewer.witnesses[name]) for name, bits in whole.witnesses.items())
    assert np.all(np.delete(whole.total(), at) <= prior_bits(len(community), EVERYONE))


def test_who_carries_two_witnesses_faintly_is_left_out() -> None:
    log, community = near_a_block(10, 0, 0.3, 1), principals(range(20))
    whole = weigh(log, community, WeighSettings())
    fewer = weigh(log, community, WeighSettings(), joining=True)
    assert len(fewer.rows) < len(whole.rows)


def test_a_mark_has_a_bit_for_each_kind_of_witness() -> None:
    assert 1 << len(KINDS) <= NAMED < MEMBER <= np.iinfo(np.uint8).max
