"""Bits of evidence for membership: what speaks, what does not, and that nobody vouches for himself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import gammainc, gammaln

from stillwatch.errors import SettingsError
from stillwatch.weigh.bits import Weighed, WeighSettings, weigh
from stillwatch.weigh.holding import Floats, Holding, Holdings, holding
from stillwatch.weigh.likelihood import at_rest, log_tail, rising
from stillwatch.weigh.profile import is_beyond_chance
from tests.weigh.planted import FAMILY, Block, log_of, only, principals

EVERYONE = 400
MEMBERS = range(30)
SETTINGS = WeighSettings()


def of(weighed: Weighed, who: Sequence[int], witness: str | None = None) -> Floats:
    """Bits of these principals, of one witness or in all; 0 for those that nothing was weighed for."""
    bits = weighed.total() if witness is None else weighed.witnesses[witness]
    known = dict(zip(weighed.rows.tolist(), bits.tolist(), strict=True))
    return np.array([known.get(p, 0.0) for p in who])


@pytest.fixture(scope="module")
def planted() -> list[Holding]:
    return log_of(EVERYONE, [Block(MEMBERS)])


def test_members_of_a_planted_block_have_evidence_for_and_outsiders_none(planted: list[Holding]) -> None:
    weighed = weigh(planted, principals(MEMBERS), SETTINGS)
    assert of(weighed, MEMBERS).min() > 10
    assert of(weighed, range(30, EVERYONE)).max() <= 0


@pytest.mark.parametrize("signal", FAMILY)
def test_every_signal_of_a_planted_block_speaks_alone(planted: list[Holding], signal: str) -> None:
    assert of(weigh(only(planted, signal), principals(MEMBERS), SETTINGS), MEMBERS).min() > 3


def test_a_trait_that_most_of_the_world_holds_gives_about_no_bits() -> None:
    world = log_of(EVERYONE, [], hub=dict.fromkeys(FAMILY, 0.6))
    weighed = weigh(world, principals(MEMBERS), SETTINGS)
    assert np.abs(of(weighed, range(EVERYONE))).max() < 1


def test_a_trait_that_members_hold_only_a_few_times_as_often_as_others_gives_about_no_bits() -> None:
    community = range(100)
    holders = [*range(60), *range(100, 385)]
    [tls] = only(log_of(2_000, [Block(holders, ("tls_client",))]), "tls_client")
    assert np.abs(of(weigh(Holdings([tls]), principals(community), SETTINGS), community)).max() < 1


def test_strangers_have_no_evidence_that_they_act_for_one_party() -> None:
    weighed = weigh(log_of(EVERYONE), principals(MEMBERS), SETTINGS)
    assert of(weighed, MEMBERS).max() < 3


def test_nobody_vouches_for_himself(planted: list[Holding]) -> None:
    stranger = 200
    weighed = weigh(planted, principals([*MEMBERS, stranger]), SETTINGS)
    assert of(weighed, [stranger])[0] < 0
    assert of(weighed, MEMBERS).min() > 10


@pytest.mark.parametrize("size", [1_200, 2_400], ids=["every second member read", "every fourth member read"])
def test_a_large_pool_is_under_one_hand_though_no_exit_serves_a_twentieth_of_it(size: int) -> None:
    exits = [
        Block(range(start, start + 40), ("shared_address",), trait=start) for start in range(0, size, 40)
    ]
    weighed = weigh(log_of(4 * size, exits), principals(range(size)), SETTINGS)
    assert of(weighed, range(size), "network").min() > 3
    assert of(weighed, range(size, 4 * size)).max() <= 0


def test_families_of_customers_do_not_make_a_crowd_a_pool() -> None:
    homes = [Block(range(start, start + 4), ("shared_address",), trait=start) for start in range(0, 4_800, 4)]
    weighed = weigh(log_of(9_600, homes), principals(range(0, 9_600, 4)), SETTINGS)
    assert of(weighed, range(0, 9_600, 4)).max() < 1


def test_what_outsiders_do_is_learned_without_the_community() -> None:
    half = range(EVERYONE // 2 - 10)
    weighed = weigh(log_of(EVERYONE, [Block(half)]), principals(half), SETTINGS)
    assert all(said.share_outside < 0.05 for said in weighed.signals)
    assert of(weighed, half).min() > 10


def test_an_outsider_with_the_traits_of_the_community_has_evidence_for() -> None:
    world = log_of(EVERYONE, [Block(range(31))])
    weighed = weigh(world, principals(MEMBERS), SETTINGS)
    assert of(weighed, [30])[0] > 10


def test_signals_of_one_witness_are_not_added(planted: list[Holding]) -> None:
    one = of(weigh(only(planted, "tls_client"), principals(MEMBERS), SETTINGS), MEMBERS, "product")
    both = of(
        weigh(only(planted, "tls_client", "header_profile"), principals(MEMBERS), SETTINGS),
        MEMBERS,
        "product",
    )
    assert np.all(both <= one + 1.0)


def test_a_contradiction_within_one_witness_takes_back_what_it_said() -> None:
    """Two programs with one TLS library are two programs if their headers differ."""
    world = log_of(EVERYONE, [Block(range(45), ("tls_client",)), Block(MEMBERS, ("header_profile",))])
    weighed = weigh(
        only(world, "tls_client", "header_profile"), principals(MEMBERS), SETTINGS, also=principals(range(45))
    )
    agree, contradict = of(weighed, MEMBERS, "product"), of(weighed, range(30, 45), "product")
    assert agree.min() > 3
    assert contradict.max() < 0


def test_a_witness_says_no_more_than_the_settings_allow(planted: list[Holding]) -> None:
    settings = WeighSettings(for_bits=2.0, against_bits=1.0)
    weighed = weigh(planted, principals([*MEMBERS, 200]), settings)
    for bits in weighed.witnesses.values():
        assert bits.max() <= 2.0
        assert bits.min() >= -1.0


def test_voices_counts_witnesses(planted: list[Holding]) -> None:
    weighed = weigh(planted, principals(MEMBERS), SETTINGS)
    at = np.searchsorted(weighed.rows, principals(MEMBERS))
    assert set(weighed.voices(3.0)[at].tolist()) == {4}


def test_a_few_requests_say_less_than_many() -> None:
    world = log_of(EVERYONE, [Block(MEMBERS)])
    strict = weigh(
        only(world, "shared_template"), principals(MEMBERS), WeighSettings(requests=1, for_bits=50)
    )
    loose = weigh(
        only(world, "shared_template"), principals(MEMBERS), WeighSettings(requests=20, for_bits=50)
    )
    assert np.all(of(strict, MEMBERS) <= of(loose, MEMBERS))


def test_a_stranger_is_weighed_when_asked_for(planted: list[Holding]) -> None:
    weighed = weigh(planted, principals(MEMBERS), SETTINGS, also=principals([399]))
    assert 399 in weighed.rows


def test_a_log_without_any_profile_weighs_nothing() -> None:
    weighed = weigh(log_of(EVERYONE), principals(range(3)), SETTINGS)
    assert weighed.total().tolist() == [0.0] * len(weighed.rows)
    assert weighed.voices(1.0).tolist() == [0] * len(weighed.rows)


@pytest.mark.parametrize(
    "wrong",
    [{"chance": 0.0}, {"chance": 1.0}, {"coverage": 1.0}, {"coverage": -0.1}, {"requests": 0}, {"lift": 0.5},
     {"for_bits": 0.0}, {"against_bits": -1.0}],
)  # fmt: skip
def test_settings_without_a_meaning_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=r"weigh\."):
        WeighSettings(**wrong)  # type: ignore[arg-type]


def busy_askers_of_popular_prompts() -> Holdings:
    """Forty principals ask 400 times, the others 20 times; all ask the same forty prompts equally often."""
    rng = np.random.default_rng(5)
    rows = [
        (who, int(prompt), 1, asked)
        for who in range(EVERYONE)
        for asked in [400 if who < 40 else 20]
        for prompt in set((rng.random(asked // 20) * 40).astype(int))
    ]
    account, trait, value, support = (list(column) for column in zip(*rows, strict=True))
    table = pa.table(
        {
            "account": pa.array(account, pa.int32()),
            "trait": pa.array([t + 1 for t in trait], pa.uint64()),
            "value": pa.array(value, pa.int64()),
            "support": pa.array(support, pa.int64()),
        }
    )
    return Holdings([holding(table, np.arange(EVERYONE), signal="shared_template", family="template")])


def test_that_busy_accounts_ask_what_everybody_asks_is_no_evidence() -> None:
    popular = busy_askers_of_popular_prompts()
    by_busy = popular[0].by_trait.others < 40
    assert by_busy.sum() / 40 > 8 * (~by_busy).sum() / (EVERYONE - 40)
    assert not weigh(popular, principals(range(40)), SETTINGS).signals


@given(x=st.floats(1e-8, 400), k=st.floats(0, 40))
def test_the_rising_factorial_agrees_with_the_library(x: float, k: float) -> None:
    assert np.isclose(rising(at_rest(x), k), gammaln(x + k) - gammaln(x), rtol=1e-9, atol=1e-9)


@given(count=st.integers(4, 400), rate=st.floats(1e-6, 40))
def test_the_chance_of_a_count_is_the_poisson_tail(count: int, rate: float) -> None:
    assume(count > rate)
    assert np.isclose(np.exp(log_tail(float(count), rate)), gammainc(count, rate), rtol=1e-6, atol=1e-300)


@given(count=st.integers(4, 400), rate=st.floats(1e-6, 40), log_chance=st.floats(-40, -1))
def test_a_bound_tells_what_is_beyond_chance_as_the_tail_does(
    count: int, rate: float, log_chance: float
) -> None:
    beyond = is_beyond_chance(float(count), rate, log_chance)
    assert beyond == (log_tail(float(count), rate) < log_chance)
