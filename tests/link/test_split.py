"""Unions taken apart: parts that speak for each other, or that what is asked holds together, are one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from stillwatch.link.cluster import Cluster, LinkSettings, grow
from stillwatch.link.search import link
from stillwatch.link.split import _is_apart, split
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings
from tests.weigh.planted import Block, log_of, principals

EVERYONE = 500
LINK, WEIGH = LinkSettings(), WeighSettings()
SEEDS = (1, 2, 3)
POOL = range(64)
QUARTER = range(16)
HALVES = range(32), range(32, 64)


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


@pytest.mark.parametrize(
    ("own", "share", "apart"),
    [
        (("shared_template",), 0.1, False),
        (("shared_template",), 0.8, True),
        (("payment_instrument", "shared_address"), 0.8, True),
    ],
)
def test_a_part_is_another_where_what_it_asks_or_all_it_has_in_common_speaks_against_the_rest(
    own: tuple[str, ...], share: float, *, apart: bool
) -> None:
    """Customers of one relay who now and then ask the same are no other group."""
    means = Block(POOL, ("tls_client", "header_profile"), trait=1)
    others = [Block(QUARTER, (name,), share=share, trait=2) for name in own]
    cards = () if "payment_instrument" in own else ("payment_instrument",)
    world = log_of(EVERYONE, [means, Block(POOL, cards, trait=1), *others])
    members_of = {name: principals(who) for name, who in (("part", QUARTER), ("whole", POOL))}
    part, all_of_them = (Cluster(m, np.ones(len(m)), weigh(world, m, WEIGH)) for m in members_of.values())
    assert _is_apart(part, all_of_them, world, LINK, WEIGH) is apart


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
