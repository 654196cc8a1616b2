"""What members of a cluster have in common: all of one pool, a part in each of many circles."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.link.cluster import Cluster
from stillwatch.link.pairs import MOST_PAIRED, in_common
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings
from tests.weigh.planted import Block, log_of, principals

EVERYONE, SIZE = 2_000, 10


def circles(many: int, size: int = SIZE) -> Holdings:
    """A log of so many circles: all in one program, each behind an address of its own."""
    members = range(many * size)
    own = [Block(range(at * size, (at + 1) * size), ("shared_address",), trait=at + 1) for at in range(many)]
    return log_of(EVERYONE, [Block(members, ("tls_client",), trait=1), *own])


def whole(world: Holdings, size: int) -> Cluster:
    members = principals(range(size))
    weighed = weigh(world, members, WeighSettings(), also=members)
    return Cluster(members, np.ones(len(weighed.rows)), weighed)


@pytest.mark.parametrize("many", [1, 4, 12])
def test_members_of_circles_share_an_address_within_their_own(many: int) -> None:
    world = circles(many)
    cluster = whole(world, many * SIZE)
    assert in_common(world, cluster, "product") > 0.8
    within = (SIZE - 1) / (many * SIZE - 1)
    assert in_common(world, cluster, "network") == pytest.approx(within, abs=0.25 * within)


def test_of_a_large_cluster_some_are_paired() -> None:
    size = 2 * MOST_PAIRED
    world = circles(8, size // 8)
    assert in_common(world, whole(world, size), "network") == pytest.approx(1 / 8, abs=0.04)


def test_a_witness_that_says_nothing_and_a_lone_member_have_nothing_in_common() -> None:
    world = circles(1)
    assert in_common(world, whole(world, SIZE), "content") == 0.0
    assert in_common(world, whole(world, 1), "product") == 0.0
