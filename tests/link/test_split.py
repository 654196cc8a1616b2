"""Unions taken apart: parts that speak for each other, or that what is asked holds together, are one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from stillwatch.link.cluster import Cluster, LinkSettings, grow
from stillwatch.link.search import link
from stillwatch.link.split import split
from stillwatch.weigh.bits import WeighSettings
from stillwatch.weigh.holding import Holdings
from tests.weigh.planted import Block, log_of, principals

EVERYONE = 500
LINK, WEIGH = LinkSettings(), WeighSettings()
SEEDS = (1, 2, 3)
POOL = range(64)
QUARTERS = [range(at, at + 16) for at in range(0, 64, 16)]
HALVES = range(32), range(32, 64)


def whole(world: Holdings, who: Iterable[int] = POOL) -> Cluster:
    found = grow(principals(who), world, LINK, WEIGH)
    assert found is not None
    return found


def members(clusters: Iterable[Cluster]) -> list[list[int]]:
    return sorted(cluster.members.tolist() for cluster in clusters)


def relay(seed: int) -> Holdings:
    """One program and one set of cards; its customers, a quarter each, now and then ask what others of theirs ask."""
    customers = [Block(part, ("shared_template",), share=0.3, trait=at + 2) for at, part in enumerate(QUARTERS)]
    means = Block(POOL, ("tls_client", "header_profile", "payment_instrument"), trait=1)
    return log_of(EVERYONE, [means, *customers], seed=seed)


def paths(seed: int, *, asked: bool) -> Holdings:
    """Two ways to one provider, each with a program and exits of its own; one set of cards and, if `asked`, one text."""
    own = [Block(half, ("tls_client", "header_profile", "shared_address"), trait=at + 2) for at, half in enumerate(HALVES)]
    shared = ("payment_instrument", "shared_template") if asked else ("payment_instrument",)
    return log_of(EVERYONE, [Block(POOL, shared, trait=1), *own], seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_customers_of_one_relay_are_not_taken_apart_by_what_some_of_them_ask(seed: int) -> None:
    world = relay(seed)
    assert members(split(whole(world), world, LINK, WEIGH)) == [list(POOL)]
    assert members(link(world, LINK, WEIGH)) == [list(POOL)]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_asked_holds_two_programs_together(seed: int) -> None:
    world = paths(seed, asked=True)
    assert members(split(whole(world), world, LINK, WEIGH)) == [list(POOL)]
    assert members(link(world, LINK, WEIGH)) == [list(POOL)]


@pytest.mark.parametrize("seed", SEEDS)
def test_two_programs_that_ask_nothing_in_common_are_two(seed: int) -> None:
    assert members(link(paths(seed, asked=False), LINK, WEIGH)) == [list(half) for half in HALVES]
