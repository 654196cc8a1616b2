"""Unions taken apart: parts that speak for each other, or that what is asked holds together, are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from stillwatch.link.cluster import Cluster, LinkSettings, grow
from stillwatch.link.partition import Partition
from stillwatch.link.search import link
from stillwatch.link.split import _fit_better, _is_apart, asks_as_one, split
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings
from tests.weigh.planted import Block, log_of, principals

EVERYONE = 500
LINK, WEIGH = LinkSettings(), WeighSettings()
SEEDS = (1, 2, 3)
POOL = range(64)
QUARTER = range(16)
HALVES = range(32), range(32, 64)
MEANS = ("shared_address", "tls_client", "header_profile", "payment_instrument")


def whole(world: Holdings, who: Iterable[int] = POOL) -> Cluster:
    found = grow(principals(who), world, LINK, WEIGH)
    assert found is not None
    return found


def members(clusters: Iterable[Cluster]) -> list[list[int]]:
    return sorted(cluster.members.tolist() for cluster in clusters)


def paths(seed: int, *, asked: bool) -> Holdings:
    """Two ways to one provider, each with a program and exits of its own; one set of cards and, if `asked`, one text."""
    own = [
        Block(half, ("tls_client", "header_profile", "shared_address"), trait=at + 2)
        for at, half in enumerate(HALVES)
    ]
    shared = ("payment_instrument", "shared_template") if asked else ("payment_instrument",)
    return log_of(EVERYONE, [Block(POOL, shared, trait=1), *own], seed=seed)


def cluster(who: Iterable[int], world: Holdings, margin: float = 1.0) -> Cluster:
    """A cluster of those, weighed."""
    rows = principals(who)
    weighed = weigh(world, rows, WEIGH, also=rows)
    return Cluster(rows, np.full(len(weighed.rows), margin), weighed)


def pool(own: Sequence[str], share: float) -> Holdings:
    """One pool with exits, cards and a program, of which a quarter shares what is its `own`, in that share of its requests."""
    theirs = [Block(QUARTER, (name,), share=share, trait=2) for name in own]
    return log_of(EVERYONE, [Block(POOL, [name for name in MEANS if name not in own], trait=1), *theirs])


@pytest.mark.parametrize(
    ("own", "share", "apart"),
    [
        (("shared_template",), 0.1, False),
        (("shared_template",), 0.25, True),
        (("payment_instrument",), 0.4, False),
        (("payment_instrument", "tls_client", "shared_address"), 0.8, True),
    ],
)
def test_a_part_is_another_where_what_it_asks_or_all_it_has_in_common_speaks_against_the_rest(
    own: tuple[str, ...], share: float, *, apart: bool
) -> None:
    """Customers of one relay who seldom ask the same, or have one batch of cards, are no other group; a text of their own makes them one."""
    world = pool(own, share)
    assert _is_apart(cluster(QUARTER, world), cluster(POOL, world), world, LINK, WEIGH) is apart


def test_a_part_that_is_its_whole_or_holds_more_is_no_other() -> None:
    world = pool((), 0.8)
    for who in (POOL, [*POOL, *range(64, 80)]):
        assert not _is_apart(cluster(who, world), cluster(POOL, world), world, LINK, WEIGH)


@pytest.mark.parametrize(("share", "parts"), [(0.1, 1), (0.25, 2)])
def test_a_whole_does_not_fall_into_parts_that_speak_for_each_other(
    monkeypatch: pytest.MonkeyPatch, share: float, parts: int
) -> None:
    texts = [Block(half, ("shared_template",), share=share, trait=at + 2) for at, half in enumerate(HALVES)]
    world = log_of(EVERYONE, [Block(POOL, MEANS, trait=1), *texts])
    halves = [cluster(half, world) for half in HALVES]
    groups = [np.array(half) for half in HALVES]
    monkeypatch.setattr("stillwatch.link.split.parts_of", lambda *_: Partition(groups, 0.5))
    monkeypatch.setattr("stillwatch.link.split._grown", lambda *_: halves)
    assert len(split(cluster(POOL, world), world, LINK, WEIGH)) == parts


def asked(*blocks: Iterable[int]) -> Holdings:
    """A pool of which each of these ask one thing."""
    texts = [Block(who, ("shared_template",), trait=at + 2) for at, who in enumerate(blocks)]
    return log_of(EVERYONE, [Block(POOL, MEANS, trait=1), *texts])


@pytest.mark.parametrize(
    ("blocks", "one"),
    [([POOL], True), ([range(54)], True), ([range(45)], False), (HALVES, False), ([], False)],
)
def test_a_cluster_asks_as_one_if_nearly_all_ask_one_thing(blocks: Sequence[range], *, one: bool) -> None:
    world = asked(*blocks)
    assert asks_as_one(cluster(POOL, world), world, LINK) is one


def test_parts_fit_better_if_those_they_have_taken_gain_on_average() -> None:
    world = asked()
    all_of_them, low, high = (
        cluster(POOL, world, 9.0),
        cluster(QUARTER, world, 8.0),
        cluster(QUARTER, world, 12.0),
    )
    assert not _fit_better([low], all_of_them)
    assert _fit_better([high, low], all_of_them)
    assert _fit_better([low, high], all_of_them)
    assert not _fit_better([cluster(range(8), world, 10.0), cluster(range(8, 32), world, 8.0)], all_of_them)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_asked_holds_two_programs_together(seed: int) -> None:
    world = paths(seed, asked=True)
    assert members(split(whole(world), world, LINK, WEIGH)) == [list(POOL)]
    assert members(link(world, LINK, WEIGH)) == [list(POOL)]


@pytest.mark.parametrize("seed", SEEDS)
def test_two_programs_that_ask_nothing_in_common_are_two(seed: int) -> None:
    assert members(link(paths(seed, asked=False), LINK, WEIGH)) == [list(half) for half in HALVES]


@pytest.mark.parametrize("seed", SEEDS)
def test_two_campaigns_on_one_relay_are_two_by_what_they_ask(seed: int) -> None:
    means = Block(POOL, ("tls_client", "header_profile", "shared_address"), trait=1)
    asked = [
        Block(half, ("shared_template", "payment_instrument"), trait=at + 2) for at, half in enumerate(HALVES)
    ]
    world = log_of(EVERYONE, [means, *asked], seed=seed)
    assert members(split(whole(world), world, LINK, WEIGH)) == [list(half) for half in HALVES]
