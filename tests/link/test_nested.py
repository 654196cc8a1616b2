"""Clusters inside a cluster: what a part alone asks, with means of its own, is that part's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from stillwatch.link.cluster import Cluster, LinkSettings, grow
from stillwatch.link.nested import carve, stands_apart
from stillwatch.link.search import link
from stillwatch.weigh.bits import Weighed, WeighSettings
from stillwatch.weigh.holding import Holdings
from tests.weigh.planted import Block, log_of, principals

EVERYONE = 500
LINK, WEIGH = LinkSettings(), WeighSettings()
TENANT, CUSTOMERS = range(30), range(30, 65)
POOL = ("shared_address", "tls_client", "header_profile")
SEEDS = (1, 2, 3)


def members(clusters: Iterable[Cluster]) -> list[list[int]]:
    return sorted(sorted(c.members.tolist()) for c in clusters)


def pool(own: Sequence[str], *, seed: int = 1) -> Holdings:
    """A pool on shared programs and exits, of which the tenant shares those signals besides."""
    return log_of(
        EVERYONE, [Block([*TENANT, *CUSTOMERS], POOL, trait=1), Block(TENANT, own, trait=2)], seed=seed
    )


def grown(who: Iterable[int], world: Holdings) -> Cluster:
    found = grow(principals(who), world, LINK, WEIGH)
    assert found is not None
    return found


def cluster(*who: int, margin: float = 1.0) -> Cluster:
    rows = principals(who)
    return Cluster(rows, np.full(len(rows), margin), Weighed(rows, {}, ()))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tenant_with_a_text_and_cards_of_its_own_stands_apart_from_its_pool(seed: int) -> None:
    world = pool(("shared_template", "payment_instrument"), seed=seed)
    whole = grown([*TENANT, *CUSTOMERS], world)
    assert stands_apart(grown(TENANT, world), whole, world, LINK, WEIGH)
    assert list(TENANT) in members(link(world, LINK, WEIGH))


@pytest.mark.parametrize("own", [("shared_template",), ("payment_instrument",)])
def test_a_text_or_a_card_alone_does_not_part_a_pool(own: tuple[str, ...]) -> None:
    world = pool(own)
    assert not stands_apart(grown(TENANT, world), grown([*TENANT, *CUSTOMERS], world), world, LINK, WEIGH)


@pytest.mark.parametrize(
    ("means", "who_ask_it", "apart"),
    [
        (("shared_address", "tls_client"), 27, True),
        (("shared_address",), 27, False),
        (("shared_address", "tls_client"), 30, False),
    ],
)
def test_a_pool_stands_apart_from_others_in_its_program_who_faintly_ask_what_it_asks(
    means: tuple[str, ...], who_ask_it: int, *, apart: bool
) -> None:
    blocks = [
        Block([*TENANT, *CUSTOMERS], ("sampling_parameters",), trait=1),
        Block(TENANT, means, trait=2),
        Block([*TENANT, *CUSTOMERS[:who_ask_it]], ("shared_template",), trait=2),
    ]
    world = log_of(EVERYONE, blocks)
    inner = cluster(*TENANT)
    assert stands_apart(inner, cluster(*TENANT, *CUSTOMERS), world, LINK, WEIGH) is apart


def test_a_part_of_one_operation_does_not_stand_apart() -> None:
    world = log_of(EVERYONE, [Block([*TENANT, *CUSTOMERS])])
    whole = grown([*TENANT, *CUSTOMERS], world)
    part = Cluster(principals(TENANT), whole.margin, whole.weighed)
    assert not stands_apart(part, whole, world, LINK, WEIGH)


def test_what_two_clusters_share_stays_with_one_of_them() -> None:
    first, second = cluster(*range(20)), cluster(*range(6, 26))
    parted = carve([first, second], (), log_of(EVERYONE), LinkSettings(smallest=3), WEIGH)
    assert members(parted) == [list(range(20)), list(range(20, 26))]


def test_what_fits_the_larger_of_two_clusters_better_stays_there() -> None:
    whole, inside = cluster(*range(20), margin=20.0), range(10, 22)
    for margin, left in ((9.0, [list(range(20))]), (19.5, [list(range(10)), list(inside)])):
        parted = carve([whole, cluster(*inside, margin=margin)], (), log_of(EVERYONE), LINK, WEIGH)
        assert members(parted) == left


@pytest.mark.parametrize(
    ("asks_as_one", "margin", "apart"), [(True, 30.0, False), (False, 30.0, True), (True, 9.0, True)]
)
def test_a_tenant_is_not_carved_out_of_what_asks_as_one_and_fits_it_better(
    monkeypatch: pytest.MonkeyPatch, margin: float, *, asks_as_one: bool, apart: bool
) -> None:
    monkeypatch.setattr("stillwatch.link.nested.asks_as_one", lambda *_: asks_as_one)
    world = pool(("shared_template", "payment_instrument"))
    inner, outer = cluster(*TENANT, margin=10.0), cluster(*TENANT, *CUSTOMERS, margin=margin)
    left = [list(TENANT), list(CUSTOMERS)] if apart else [[*TENANT, *CUSTOMERS]]
    assert members(carve([outer], [inner], world, LINK, WEIGH)) == left


def test_a_cluster_that_others_leave_too_small_is_given_up() -> None:
    inner, outer = cluster(*range(12)), cluster(*range(16))
    assert members(carve([inner, outer], (), log_of(EVERYONE), LINK, WEIGH)) == [list(range(12))]
