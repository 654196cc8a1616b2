"""Unions of strangers: parts that share nothing are clusters of their own, and parts of one operation stay together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from stillwatch.link.cluster import Cluster, LinkSettings
from stillwatch.link.split import parts_of
from stillwatch.link.strangers import ANY_WITNESS, without_strangers
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings
from tests.weigh.planted import Block, log_of, principals

EVERYONE = 500
LINK, WEIGH = LinkSettings(), WeighSettings()
HARVEST, RELAY, THIRD = range(20), range(20, 36), range(36, 48)
MEANS = ("shared_address", "tls_client", "header_profile")


def union(world: Holdings, *parts: Iterable[int]) -> Cluster:
    """A cluster of all of them, as a search might have left it."""
    members = principals(member for part in parts for member in part)
    weighed = weigh(world, members, WEIGH, also=members)
    return Cluster(members, np.ones(len(weighed.rows)), weighed)


def members(clusters: Sequence[Cluster]) -> list[list[int]]:
    return sorted(cluster.members.tolist() for cluster in clusters)


def own_means(*parts: Iterable[int], seed: int = 1, shared: Sequence[str] = ()) -> Holdings:
    """A log in which each part has means of its own, and all share one trait of the other signals named."""
    alone = [Block(part, MEANS, trait=at + 1) for at, part in enumerate(parts)]
    everybody = [member for part in parts for member in part]
    return log_of(EVERYONE, [*alone, Block(everybody, shared, trait=9)], seed=seed)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_customers_of_another_relay_are_not_left_with_a_harvest(seed: int) -> None:
    world = own_means(HARVEST, RELAY, seed=seed)
    assert members(without_strangers([union(world, HARVEST, RELAY)], world, LINK, WEIGH)) == [
        list(HARVEST),
        list(RELAY),
    ]


@pytest.mark.parametrize("shared", ["shared_template", "payment_instrument"])
def test_pools_that_share_a_text_or_cards_stay_together(shared: str) -> None:
    world = own_means(HARVEST, RELAY, shared=(shared,))
    whole = union(world, HARVEST, RELAY)
    assert without_strangers([whole], world, LINK, WEIGH) == [whole]


def test_what_a_cluster_fell_into_is_looked_for_again_once_it_has_other_members() -> None:
    world = own_means(HARVEST, RELAY, THIRD)
    whole = union(world, HARVEST, RELAY, THIRD)
    before = parts_of(whole, world, ANY_WITNESS)
    less = replace(whole, members=principals([*HARVEST, *RELAY]))
    assert parts_of(whole, world, ANY_WITNESS) is before
    assert [len(group) for group in before.groups] == [20, 16, 12]
    assert [len(group) for group in parts_of(less, world, ANY_WITNESS).groups] == [20, 16]


def test_one_operation_stays_as_it_is() -> None:
    world = log_of(EVERYONE, [Block([*HARVEST, *RELAY])])
    whole = union(world, HARVEST, RELAY)
    assert without_strangers([whole], world, LINK, WEIGH) == [whole]


def test_a_stranger_leaves_the_pools_that_share_a_text_together() -> None:
    parts = [Block(part, MEANS, trait=at + 1) for at, part in enumerate((HARVEST, RELAY, THIRD))]
    world = log_of(EVERYONE, [*parts, Block([*HARVEST, *RELAY], ("shared_template",), trait=9)])
    found = without_strangers([union(world, HARVEST, RELAY, THIRD)], world, LINK, WEIGH)
    assert members(found) == [[*HARVEST, *RELAY], list(THIRD)]


def test_parts_too_small_to_show_their_text_alone_stay_together_and_a_stranger_leaves() -> None:
    small, stranger = [range(8 * at, 8 * at + 8) for at in range(4)], range(32, 42)
    parts = [Block(part, MEANS, trait=at + 1) for at, part in enumerate([*small, stranger])]
    ask = [member for part in small for member in part[:7]]
    world = log_of(300, [*parts, Block(ask, ("shared_template",), trait=9)])
    found = without_strangers([union(world, *small, stranger)], world, LINK, WEIGH)
    asking, others = members(found)
    assert others == list(stranger)
    assert set(asking) <= set(range(32))
    assert len(asking) >= 28


def test_accounts_that_share_a_text_and_are_in_no_group_are_not_lost_with_the_strangers() -> None:
    small = [range(7 * at, 7 * at + 7) for at in range(6)]
    ask, strangers = [member for part in small for member in part], (range(42, 52), range(52, 62))
    parts = [Block(part, MEANS, trait=at + 1) for at, part in enumerate([*small, *strangers])]
    world = log_of(EVERYONE, [*parts, Block(ask, ("shared_template",), trait=9)])
    found = without_strangers([union(world, *small, *strangers)], world, LINK, WEIGH)
    asking, *others = members(found)
    assert others == [list(part) for part in strangers]
    assert len(asking) >= 37


def test_what_is_left_shows_no_evidence_of_the_strangers() -> None:
    world = own_means(HARVEST, RELAY, THIRD, shared=())
    for cluster in without_strangers([union(world, HARVEST, RELAY, THIRD)], world, LINK, WEIGH):
        mine = weigh(world, cluster.members, WEIGH, also=cluster.members)
        assert {s.signal for s in cluster.weighed.signals} <= {s.signal for s in mine.signals}


def test_a_part_that_another_cluster_covers_is_not_told_twice() -> None:
    world = own_means(HARVEST, RELAY)
    relay = union(world, RELAY)
    found = without_strangers([relay, union(world, HARVEST, RELAY)], world, LINK, WEIGH)
    assert members(found) == [list(HARVEST), list(RELAY)]


@pytest.mark.parametrize(("bits", "own"), [(1.0, [list(HARVEST)]), (99.0, [])])
def test_a_part_stands_inside_a_looser_union_that_holds_it_too(bits: float, own: list[list[int]]) -> None:
    parts = [Block(part, MEANS, trait=at + 1) for at, part in enumerate((HARVEST, RELAY, THIRD))]
    world = log_of(EVERYONE, [*parts, Block([*HARVEST, *THIRD], ("shared_template",), trait=9)])
    loose = union(world, HARVEST, THIRD)
    loose = replace(loose, margin=loose.margin * bits)
    found = without_strangers([loose, union(world, HARVEST, RELAY)], world, LINK, WEIGH)
    assert members(found) == sorted([loose.members.tolist(), *own, list(RELAY)])


def test_a_part_that_does_not_hold_together_by_itself_is_given_up() -> None:
    world = own_means(HARVEST, RELAY)
    link = replace(LINK, smallest=17)
    whole = union(world, HARVEST, RELAY)
    assert members(without_strangers([whole], world, link, WEIGH)) == [whole.members.tolist()]
    deaf = replace(WEIGH, for_bits=2.0)
    assert members(without_strangers([whole], world, LINK, deaf)) == []
