"""Pools that are divided into a tenant and the rest, and pools that are left alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.brought import Brought
from stillwatch.judge.case import rows_of
from stillwatch.judge.pools import UNFRAMED_BITS, Group, Size, divide, tenants
from stillwatch.judge.purpose import DECIDING, Purpose, weighed
from stillwatch.judge.streams import Carried
from stillwatch.judge.tenant import READ, Tenant
from stillwatch.weigh.holding import Integers
from tests.judge.made import ALL, cluster

POOL, EACH = 120, 600
PRINCIPAL = np.arange(POOL)
HARVEST = {
    "framed_prompts": 0.98, "conversations": 0.0, "no_human_rhythm": 0.95, "level_load": 0.5, "extended_thinking": 0.5,
    "asks_for_training_value": 0.2, "training_value": 0.98, "fresh_prompts": 1.0, "churn": 0.0,
}  # fmt: skip
PEOPLE = HARVEST | {
    "framed_prompts": 0.3,
    "conversations": 0.7,
    "level_load": 0.9,
    "training_value": 0.3,
    "extended_thinking": 0.3,
}


def purpose_of(groups: Sequence[Group], *measured: dict[str, float]) -> Purpose:
    values = {name: np.array([m[name] for m in measured]) for name in HARVEST}
    return weighed(values, [g.cluster for g in groups], [len(g.parties(PRINCIPAL)) for g in groups], 1_000)


def tables(*measured: dict[str, float]) -> dict[str, pa.Table]:
    number = pa.array(range(len(measured)), pa.int32())
    return {
        n: pa.table({"cluster": number, "value": [m[n] for m in measured]}) for n in HARVEST if n in DECIDING
    }


def divided(
    carriers: int,
    *,
    tenant: dict[str, float] = HARVEST,
    pool: dict[str, float] = PEOPLE,
    rows: int = 5_000,
    size: Size = lambda _, parties: len(parties),
) -> tuple[list[Group], Purpose, Group]:
    """One pool of which so many accounts carry a tenant with that many requests."""
    whole = Group(cluster(range(POOL), ALL), np.arange(POOL))
    found = {0: Tenant(np.arange(carriers), np.arange(rows), ())} if carriers else {}
    parted = [tenant] + ([pool] if carriers < POOL else [])
    groups, about = divide(
        [whole],
        purpose_of([whole], pool),
        found,
        principal=PRINCIPAL,
        requests=[POOL * EACH],
        measure=lambda _: tables(*parted),
        size=size,
        everyone=1_000,
    )
    return groups, about, whole


def test_a_tenant_that_is_a_harvest_is_parted_from_the_customers_of_its_pool() -> None:
    groups, about, _ = divided(80)
    assert [g.accounts.tolist() for g in groups] == [list(range(80)), list(range(80, POOL))]
    assert [g.cluster.members.tolist() for g in groups] == [list(range(80)), list(range(80, POOL))]
    assert [g.tenant is None for g in groups] == [False, True]
    assert about.probability()[0] > 0.95 > about.probability()[1]


def test_the_size_of_a_part_is_what_one_hand_can_hold_of_it() -> None:
    _, about, _ = divided(80, size=lambda _, parties: len(parties) - 1)
    assert np.exp2(about.measured["pool_size"]).round(6).tolist() == [79.0, POOL - 80 - 1]


def test_a_tenants_requests_are_those_of_the_log_where_they_were_brought_with_others(monkeypatch) -> None:
    account = np.random.default_rng(5).integers(0, POOL, 4_000).astype(np.int32)
    exchange = pa.table(
        {name: account if name == "account" else np.arange(4_000) for name in (*READ, "template")}
    )
    frame = Carried("shared_template", "template", np.array([1], np.uint64))

    def every_second(_here: pa.Table, rows: Integers, party: Integers, frames: Sequence[Carried]) -> Tenant:
        return Tenant(np.unique(party), rows[::2], tuple(frames))

    monkeypatch.setattr("stillwatch.judge.pools._frames", lambda *_: [frame])
    monkeypatch.setattr("stillwatch.judge.pools.tenant", every_second)
    pools = [Group(cluster(part, ALL), np.array(part)) for part in (range(20, 50), range(60, 110))]
    everything = Brought(exchange, rows_of(account, POOL))
    lie, brought = (
        tenants(
            pools,
            purpose_of(pools, PEOPLE, PEOPLE),
            everything,
            PRINCIPAL,
            holdings={},
            signals={},
            in_files=in_files,
        )
        for in_files in (False, True)
    )
    assert [one.rows.tolist() for one in lie.values()] == [one.rows.tolist() for one in brought.values()]
    assert [np.unique(account[one.rows]).tolist() for one in brought.values()] == [
        one.parties.tolist() for one in lie.values()
    ]


def test_a_tenant_of_people_in_talk_leaves_its_pool_whole() -> None:
    groups, _, whole = divided(80, tenant=PEOPLE)
    assert groups == [whole]


def test_a_tenant_whose_traffic_teaches_nothing_leaves_its_pool_whole() -> None:
    groups, _, whole = divided(80, tenant=HARVEST | {"training_value": 0.05})
    assert groups == [whole]


def test_a_plain_harvest_through_all_accounts_stays_one_cluster() -> None:
    groups, _, whole = divided(POOL, pool=HARVEST, rows=60_000)
    assert groups == [whole]


def test_a_pool_of_which_every_account_carries_a_tenant_is_judged_by_the_tenant() -> None:
    groups, about, _ = divided(POOL, rows=1_000)
    assert [len(g.accounts) for g in groups] == [POOL]
    assert groups[0].tenant is not None
    assert about.probability()[0] > 0.95


def test_a_tenant_has_the_load_of_its_pool() -> None:
    _, about, _ = divided(80)
    assert about.measured["level_load"][0] == PEOPLE["level_load"]


def test_a_relay_without_a_tenant_is_judged_with_less() -> None:
    _, about, whole = divided(0)
    assert about.total[0] == pytest.approx(purpose_of([whole], PEOPLE).total[0] + UNFRAMED_BITS)


@pytest.mark.parametrize(
    "shows", [{"spliced_system": 1.0}, {"extended_thinking": 1.0}, {"stored_reasoning": 12.0}]
)
def test_a_pool_whose_hand_takes_what_people_ask_needs_no_tenant(shows: dict[str, float]) -> None:
    told = PEOPLE | shows
    whole = Group(cluster(range(POOL), ALL), np.arange(POOL))
    values = {name: np.array([value]) for name, value in told.items()}
    before = weighed(values, [whole.cluster], [POOL], 1_000)
    _, about = divide(
        [whole], before, {}, principal=PRINCIPAL, requests=[10_000], measure=lambda _: {}, size=lambda *_: 1.0, everyone=1_000
    )  # fmt: skip
    assert about.total[0] == before.total[0]


def test_a_harvest_without_conversations_needs_no_tenant() -> None:
    _, about, whole = divided(0, pool=HARVEST)
    assert about.total[0] == pytest.approx(purpose_of([whole], HARVEST).total[0])


def test_accounts_that_harvest_without_a_tenants_texts_stay_in_its_cluster() -> None:
    groups, _, whole = divided(80, pool=HARVEST, rows=20_000)
    assert groups == [whole]
