"""Pools that are divided into a tenant and the rest, and pools that are left alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.pools import UNFRAMED_BITS, Group, divide
from stillwatch.judge.purpose import DECIDING, Purpose, weighed
from stillwatch.judge.tenant import Tenant
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
    carriers: int, *, tenant: dict[str, float] = HARVEST, pool: dict[str, float] = PEOPLE, rows: int = 5_000
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
        size=lambda _, parties: len(parties),
        everyone=1_000,
    )
    return groups, about, whole


def test_a_tenant_that_is_a_harvest_is_parted_from_the_customers_of_its_pool() -> None:
    groups, about, _ = divided(80)
    assert [g.accounts.tolist() for g in groups] == [list(range(80)), list(range(80, POOL))]
    assert [g.cluster.members.tolist() for g in groups] == [list(range(80)), list(range(80, POOL))]
    assert [g.tenant is None for g in groups] == [False, True]
    assert about.probability()[0] > 0.95 > about.probability()[1]


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


def test_a_harvest_without_conversations_needs_no_tenant() -> None:
    _, about, whole = divided(0, pool=HARVEST)
    assert about.total[0] == pytest.approx(purpose_of([whole], HARVEST).total[0])


def test_accounts_that_harvest_without_a_tenants_texts_stay_in_its_cluster() -> None:
    groups, _, whole = divided(80, pool=HARVEST, rows=20_000)
    assert groups == [whole]
