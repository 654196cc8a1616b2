"""Clusters: they grow to what the evidence speaks for, fall apart where it does, and join where it does."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from stillwatch.engine.crew import Crew
from stillwatch.errors import SettingsError
from stillwatch.link.cluster import Cluster, LinkSettings, distinct, grow, in_full, same
from stillwatch.link.merge import merge
from stillwatch.link.search import assign, link
from stillwatch.link.split import split
from stillwatch.weigh.bits import Weighed, WeighSettings
from stillwatch.weigh.holding import Holdings
from tests.weigh.planted import FAMILY, Block, log_of, principals

EVERYONE = 500
LINK, WEIGH = LinkSettings(), WeighSettings()
FIRST, SECOND = range(30), range(30, 65)
SEEDS = (1, 2, 3)


def members(clusters: Iterable[Cluster]) -> list[set[int]]:
    return [set(c.members.tolist()) for c in clusters]


def two_pools(*, alike: tuple[str, ...], apart: tuple[str, ...]) -> list[Block]:
    """Two pools that share traits of some signals and hold their own of others."""
    return [
        Block(FIRST, apart, trait=1),
        Block(SECOND, apart, trait=2),
        Block([*FIRST, *SECOND], alike, trait=3),
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_half_a_block_grows_to_the_whole(seed: int) -> None:
    grown = grow(principals(range(15)), log_of(EVERYONE, [Block(FIRST)], seed=seed), LINK, WEIGH)
    assert grown is not None
    assert set(grown.members.tolist()) == set(FIRST)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_with_strangers_in_it_sheds_them(seed: int) -> None:
    mixed = [*FIRST, *range(100, 115)]
    grown = grow(principals(mixed), log_of(EVERYONE, [Block(FIRST)], seed=seed), LINK, WEIGH)
    assert grown is not None
    assert set(grown.members.tolist()) == set(FIRST)


@pytest.mark.parametrize("seed", SEEDS)
def test_strangers_do_not_grow_into_a_cluster(seed: int) -> None:
    assert grow(principals(range(100, 130)), log_of(EVERYONE, [Block(FIRST)], seed=seed), LINK, WEIGH) is None


def test_one_witness_alone_makes_no_cluster() -> None:
    world = log_of(EVERYONE, [Block(FIRST, ("tls_client", "header_profile"))])
    assert grow(principals(FIRST), world, LINK, WEIGH) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_round_a_core_with_two_witnesses_belongs_who_asks_the_same(seed: int) -> None:
    blocks = [Block(FIRST, ("shared_template",)), Block(range(10), ("tls_client", "header_profile"))]
    grown = grow(principals(FIRST), log_of(EVERYONE, blocks, seed=seed), LINK, WEIGH)
    assert grown is not None
    assert set(grown.members.tolist()) == set(FIRST)


def test_a_few_with_two_witnesses_are_no_core() -> None:
    blocks = [Block(FIRST, ("shared_template",)), Block(range(6), ("tls_client", "header_profile"))]
    assert grow(principals(FIRST), log_of(EVERYONE, blocks), LINK, WEIGH) is None


def test_a_member_of_a_grown_cluster_is_more_likely_in_than_out() -> None:
    grown = grow(principals(FIRST), log_of(EVERYONE, [Block(FIRST)]), LINK, WEIGH)
    assert grown is not None
    assert grown.membership().min() > 0.5
    assert grown.strength() > 0


def test_a_cluster_in_full_has_the_same_members_by_the_same_bits_and_who_is_near_it() -> None:
    blocks = [Block(FIRST), Block(range(40), ("shared_template", "tls_client"), share=0.4)]
    world = log_of(EVERYONE, blocks)
    grown = grow(principals(range(15)), world, LINK, WEIGH)
    assert grown is not None
    full = in_full(grown, world, LINK, WEIGH)
    assert np.array_equal(full.members, grown.members)
    assert np.array_equal(full.margin[full.position()], grown.margin[grown.position()])
    assert set(grown.weighed.rows.tolist()) <= set(full.weighed.rows.tolist())
    assert in_full(full, world, LINK, WEIGH) is full


@pytest.mark.parametrize("seed", SEEDS)
def test_a_community_that_grew_to_itself_would_do_so_again_to_the_bit(seed: int) -> None:
    world = log_of(EVERYONE, [Block(FIRST)], seed=seed)
    grown = grow(principals(FIRST), world, LINK, WEIGH)
    assert grown is not None
    assert np.array_equal(grown.members, principals(FIRST))
    again = grow(grown.members, world, LinkSettings(rounds=1), WEIGH)
    assert again is not None
    assert np.array_equal(again.members, grown.members)
    assert np.array_equal(again.margin, grown.margin)


def test_a_group_larger_than_half_of_the_world_is_no_cluster() -> None:
    assert grow(principals(range(300)), log_of(EVERYONE, [Block(range(300))]), LINK, WEIGH) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_planted_block_is_found_and_nothing_else(seed: int) -> None:
    assert members(link(log_of(EVERYONE, [Block(FIRST)], seed=seed), LINK, WEIGH)) == [set(FIRST)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_world_without_a_block_has_no_cluster(seed: int) -> None:
    assert (
        link(log_of(EVERYONE, hub={"tls_client": 0.5, "shared_template": 0.3}, seed=seed), LINK, WEIGH) == []
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_two_blocks_that_share_one_popular_trait_stay_two(seed: int) -> None:
    popular = ("header_profile",)
    others = tuple(name for name in FAMILY if name not in popular)
    blocks = [Block(FIRST, others, trait=1), Block(SECOND, others, trait=2)]
    shared = Block([*FIRST, *SECOND], popular, trait=3)
    found = members(link(log_of(EVERYONE, [*blocks, shared], seed=seed), LINK, WEIGH))
    assert sorted(map(sorted, found)) == [list(FIRST), list(SECOND)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_union_of_two_blocks_falls_into_them(seed: int) -> None:
    popular = ("header_profile", "shared_address")
    others = tuple(name for name in FAMILY if name not in popular)
    blocks = [
        Block(FIRST, others, trait=1),
        Block(SECOND, others, trait=2),
        Block([*FIRST, *SECOND], popular, trait=3),
    ]
    world = log_of(EVERYONE, blocks, seed=seed)
    union = grow(principals([*FIRST, *SECOND]), world, LINK, WEIGH)
    assert union is not None
    assert sorted(map(sorted, members(split(union, world, LINK, WEIGH)))) == [list(FIRST), list(SECOND)]


def test_one_operation_is_not_split() -> None:
    world = log_of(EVERYONE, [Block(SECOND)])
    whole = grow(principals(SECOND), world, LINK, WEIGH)
    assert whole is not None
    assert members(split(whole, world, LINK, WEIGH)) == [set(SECOND)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_spare_pool_that_shares_text_and_program_joins_its_campaign(seed: int) -> None:
    pools = two_pools(
        alike=("shared_template", "tls_client", "header_profile"),
        apart=("shared_address", "payment_instrument"),
    )
    assert members(link(log_of(EVERYONE, pools, seed=seed), LINK, WEIGH)) == [{*FIRST, *SECOND}]


@pytest.mark.parametrize("seed", SEEDS)
def test_pools_found_apart_are_joined_if_each_fits_what_the_other_asks(seed: int) -> None:
    pools = two_pools(
        alike=("shared_template", "tls_client", "header_profile"),
        apart=("shared_address", "payment_instrument"),
    )
    world = log_of(EVERYONE, pools, seed=seed)
    apart = [c for who in (FIRST, SECOND) if (c := grow(principals(who), world, LINK, WEIGH)) is not None]
    assert members(apart) == [set(FIRST), set(SECOND)]
    assert members(merge(apart, world, LINK, WEIGH)) == [{*FIRST, *SECOND}]


@pytest.mark.parametrize("seed", SEEDS)
def test_pools_that_ask_different_things_are_not_joined(seed: int) -> None:
    pools = two_pools(
        alike=("tls_client", "header_profile", "shared_address"),
        apart=("shared_template", "payment_instrument"),
    )
    world = log_of(EVERYONE, pools, seed=seed)
    apart = [c for who in (FIRST, SECOND) if (c := grow(principals(who), world, LINK, WEIGH)) is not None]
    assert sorted(map(sorted, members(merge(apart, world, LINK, WEIGH)))) == [list(FIRST), list(SECOND)]


def test_the_same_log_gives_the_same_clusters() -> None:
    worlds = [log_of(EVERYONE, [Block(FIRST, trait=1), Block(SECOND, trait=2)]) for _ in range(2)]
    assert members(link(worlds[0], LINK, WEIGH)) == members(link(worlds[1], LINK, WEIGH))


@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_number_of_threads_changes_no_bit(seed: int, threads: int) -> None:
    blocks = [Block(range(30 * at, 30 * at + 30 + at), trait=at // 2) for at in range(6)]
    alone, together = (log_of(EVERYONE, blocks, seed=seed) for _ in range(2))
    together.crew = Crew(threads)
    found, again = link(alone, LINK, WEIGH), link(together, LINK, WEIGH)
    assert 0 < len(found) == len(again)
    for one, other in zip(found, again, strict=True):
        assert np.array_equal(one.members, other.members)
        assert np.array_equal(one.margin, other.margin)
        assert np.array_equal(one.weighed.rows, other.weighed.rows)


def test_nothing_to_link_gives_no_cluster() -> None:
    assert link(Holdings(), LINK, WEIGH) == []


def cluster(*who: int, margin: float = 1.0) -> Cluster:
    rows = principals(who)
    return Cluster(rows, np.full(len(rows), margin), Weighed(rows, {}, ()))


def test_of_clusters_that_share_most_members_the_strongest_stays() -> None:
    strong, weak, other = cluster(1, 2, 3, 4, margin=5.0), cluster(1, 2, 3), cluster(7, 8, 9)
    assert members(distinct([weak, other, strong], LINK)) == [{1, 2, 3, 4}, {7, 8, 9}]


def test_every_principal_goes_to_the_cluster_that_speaks_loudest_for_it() -> None:
    clusters = [cluster(0, 1, 2, margin=1.0), cluster(2, 3, margin=4.0), cluster(4, margin=-1.0)]
    assert assign(clusters, 6).tolist() == [0, 0, 1, 1, -1, -1]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [(range(20), range(20), True), (range(20), range(1, 20), True), (range(20), range(10, 30), False)],
)
def test_sets_are_the_same_if_nearly_all_is_common(one: range, other: range, alike: bool) -> None:  # noqa: FBT001
    assert same(principals(one), principals(other)) is alike


@pytest.mark.parametrize("wrong", [{"smallest": 2}, {"rounds": 0}, {"overlap": 0.0}, {"overlap": 1.5}])
def test_settings_without_a_meaning_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=r"link\."):
        LinkSettings(**wrong)  # type: ignore[arg-type]
