"""How many members one hand can hold: a pool whole, of many circles side by side the largest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.link.circles import _elsewhere, _join, _settled, in_one_hand, to_choose_from, who_asked
from stillwatch.link.cluster import Cluster
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holding, Holdings
from tests.weigh.planted import Block, log_of, principals

EVERYONE, SIZE, MANY = 2_000, 10, 6
WHOLE = principals(range(SIZE * MANY))


def world(*means: Block) -> Holdings:
    """One program and one text for all members, and the means that these blocks share."""
    return log_of(EVERYONE, [Block(range(SIZE * MANY), ("tls_client", "shared_template"), trait=1), *means])


def circles(*signals: str) -> list[Block]:
    return [Block(range(at * SIZE, (at + 1) * SIZE), signals, trait=at + 2) for at in range(MANY)]


def held(holdings: Holdings, parties: range = range(SIZE * MANY), others: float = 0.0) -> float:
    weighed = weigh(holdings, WHOLE, WeighSettings(), also=WHOLE)
    cluster = Cluster(WHOLE, np.ones(len(weighed.rows)), weighed)
    return in_one_hand(holdings, others, cluster, principals(parties))


def test_of_circles_that_share_a_text_one_hand_holds_one() -> None:
    assert held(world(*circles("shared_address", "payment_instrument"))) == SIZE


def test_of_other_circles_counts_the_share_that_is_asked_for() -> None:
    log = world(*circles("shared_address", "payment_instrument"))
    assert held(log, others=0.5) == SIZE + 0.5 * (len(WHOLE) - SIZE)
    assert held(log, others=1.0) == len(WHOLE)


def test_a_pool_with_exits_and_cards_in_common_is_whole() -> None:
    cards = circles("payment_instrument")
    assert held(world(Block(range(SIZE * MANY), ("shared_address",), trait=9), *cards)) == len(WHOLE)


def test_circles_that_a_card_joins_are_one() -> None:
    joined = Block(range(SIZE - 3, SIZE + 7), ("payment_instrument",), trait=9)
    assert held(world(*circles("shared_address"), joined)) == 2 * SIZE


def test_members_without_means_in_common_may_be_anybodys() -> None:
    assert held(world()) == len(WHOLE)
    assert held(world(*circles("shared_address")[:2])) == len(WHOLE) - SIZE


def test_the_largest_circle_is_that_of_the_parties_and_not_of_all_members() -> None:
    """Members may be counted elsewhere; a chain leads through them all the same."""
    joined = Block(range(2 * SIZE), ("shared_address",), trait=9)
    rest = circles("shared_address")[2:]
    assert held(world(joined, *rest)) == 2 * SIZE
    assert held(world(joined, *rest), range(2 * SIZE, 3 * SIZE)) == SIZE
    assert held(world(joined, *rest), range(2 * SIZE - 3, 3 * SIZE)) == SIZE
    through = Block([*range(SIZE - 4, SIZE), *range(SIZE, SIZE + 4)], ("payment_instrument",), trait=9)
    ends = world(*circles("shared_address"), through)
    assert held(ends, range(2 * SIZE)) == 2 * SIZE


def test_cards_alone_part_nobody() -> None:
    assert held(world(*circles("payment_instrument"))) == len(WHOLE)


def test_who_asked_is_counted_whether_or_not_addresses_show() -> None:
    unseen = Holdings([one for one in world() if one.family != "net"])
    assert who_asked(world()) == who_asked(unseen) == EVERYONE
    assert to_choose_from(unseen) == 0


def test_strangers_are_among_all_where_addresses_show() -> None:
    whole = world()
    unseen = Holdings([one for one in whole if one.family != "net"])
    hardly = Holdings([_seen_of(one, 0.4) if one.family == "net" else one for one in whole])
    mostly = Holdings([_seen_of(one, 0.6) if one.family == "net" else one for one in whole])
    found = [to_choose_from(log) for log in (whole, unseen, hardly, mostly)]
    assert found == [EVERYONE, 0, 0, EVERYONE]


def test_who_made_no_request_is_no_stranger() -> None:
    assert to_choose_from(Holdings([_seen_of(one, 0.5) for one in world()])) == EVERYONE // 2


def _seen_of(one: Holding, share: float) -> Holding:
    """The same where of that share of principals alone any request shows the trait."""
    return replace(one, support=np.where(np.arange(EVERYONE) < share * EVERYONE, one.support, 0.0))


@pytest.mark.parametrize(("sizes", "elsewhere"), [((5, 4, 2, 1), 4), ((3, 3), 3), ((2, 2, 2), 0), ((7,), 0)])
def test_pairs_are_a_coincidence(sizes: tuple[int, ...], elsewhere: int) -> None:
    first = np.cumsum((0, *sizes))[:-1]
    circle = np.repeat(first, sizes).astype(np.int32)
    assert np.count_nonzero(_elsewhere(circle)) == elsewhere


@given(st.lists(st.sets(st.integers(0, 19), min_size=1, max_size=5), max_size=12))
def test_circles_are_what_chains_of_shared_traits_join(holders: list[set[int]]) -> None:
    starts = np.cumsum([0, *map(len, holders)])
    others = np.array([one for held in holders for one in sorted(held)], np.int32)
    place = np.where(np.arange(20) < 15, np.arange(20), -1).astype(np.int32)
    circle = np.arange(15, dtype=np.int32)
    _join(starts, others, np.arange(len(holders)), place, circle)
    _settled(circle)
    expected = [{one} for one in range(15)]
    for held in holders:
        inside = {one for one in held if one < 15}
        met = [group for group in expected if group & inside]
        expected = [group for group in expected if not group & inside] + [set().union(*met)] * bool(met)
    assert {frozenset(np.flatnonzero(circle == of).tolist()) for of in set(circle.tolist())} == {
        frozenset(group) for group in expected
    }
