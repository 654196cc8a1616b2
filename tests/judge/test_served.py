"""Another maker's assistant that a pool serves, those who have one for themselves, and who was linked beside it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.fingerprint.probes import CONCEALED, mask
from stillwatch.judge.brought import Brought
from stillwatch.judge.case import rows_of
from stillwatch.judge.pools import Group, divide, tenants
from stillwatch.judge.purpose import Purpose, weighed
from stillwatch.judge.served import DISGUISED as SHOWN
from stillwatch.judge.served import SEEN, whole_pool
from stillwatch.judge.tenant import READ
from tests.judge.made import ALL, cluster

PEOPLE = {
    "framed_prompts": 0.3, "conversations": 0.65, "no_human_rhythm": 0.62, "level_load": 0.94, "fresh_prompts": 0.9,
    "extended_thinking": 0.0, "training_value": 0.3, "churn": 0.02,
}  # fmt: skip
DISGUISED = PEOPLE | {"disguised_model": 0.6}
EACH = 10


def purpose_of(*measured: dict[str, float], parties: float = 90) -> Purpose:
    names = sorted({name for one in measured for name in one})
    found = {name: np.array([one.get(name, np.nan) for one in measured]) for name in names}
    clusters = [cluster(range(90), ALL)] * len(measured)
    return weighed(found, clusters, [parties] * len(measured), 1_000)


def test_a_pool_that_serves_people_under_another_makers_name_is_plainly_a_harvest() -> None:
    plain, disguised = purpose_of(PEOPLE, DISGUISED).total
    assert disguised > plain + 5


@pytest.mark.parametrize(
    ("share", "at_least", "at_most"), [(0.1, 0.0, 0.0), (0.25, 0.0, 1.0), (0.6, 5.0, 6.0)]
)
def test_what_one_customer_of_a_relay_has_it_say_is_little(
    share: float, at_least: float, at_most: float
) -> None:
    found = float(purpose_of(DISGUISED | {"disguised_model": share}).bits["disguised_pool"][0])
    assert at_least <= found <= at_most


def test_customers_of_one_app_who_are_nothing_to_each_other_are_no_such_pool() -> None:
    strangers = cluster(range(90), {"content": 8.0, "product": 8.0})
    found = {name: np.array([value]) for name, value in DISGUISED.items()}
    assert weighed(found, [strangers], [90], 1_000).bits["disguised_pool"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("who", "otherwise"),
    [
        ("an app whose customers bring keys of their own", {"level_load": 0.45}),
        ("the staff of an agency", {"no_human_rhythm": 0.22}),
        ("a class that asks what it was assigned", {"fresh_prompts": 0.35}),
        ("a program that does one task at a time", {"conversations": 0.1}),
        ("where nobody knows how level the load is", {"level_load": np.nan}),
    ],
)
def test_who_has_an_assistant_for_its_own_use_is_no_such_pool(who: str, otherwise: dict[str, float]) -> None:
    assert purpose_of(DISGUISED | otherwise).bits["disguised_pool"].tolist() == [0.0], who


def test_a_firms_few_accounts_are_no_such_pool() -> None:
    assert purpose_of(DISGUISED, parties=24).bits["disguised_pool"].tolist() == [0.0]


def log(*shows: bool, each: int = EACH) -> tuple[pa.Table, np.ndarray]:
    """Requests of as many accounts, each below a prompt that disguises the model or not."""
    account = np.repeat(np.arange(len(shows)), each)
    told = np.where(np.repeat(shows, each), mask(*CONCEALED), mask("code"))
    beside = dict.fromkeys(READ, np.zeros(len(account), np.int64))
    return pa.table(beside | {"account": account.astype(np.int32), "told": told}), account


def test_who_was_linked_beside_a_pool_and_never_shows_its_disguise_is_parted_from_it() -> None:
    exchange, account = log(*[True] * 20, *[False] * 5)
    found = whole_pool(exchange, np.arange(len(account)), account, SHOWN)
    assert found is not None
    assert found.parties.tolist() == list(range(20))
    assert found.rows.tolist() == list(range(20 * EACH))


def test_one_request_like_the_pools_makes_nobody_a_part_of_it() -> None:
    exchange, account = log(*[True] * 20, *[False] * 5, each=20)
    told = exchange["told"].to_numpy().copy()
    told[-1] = mask(*CONCEALED)
    exchange = exchange.set_column(exchange.column_names.index("told"), "told", pa.array(told))
    found = whole_pool(exchange, np.arange(len(account)), account, SHOWN)
    assert found is not None
    assert found.parties.tolist() == list(range(20))


def test_parties_of_several_accounts_each_are_parted_as_parties() -> None:
    exchange, account = log(*[True] * 40, *[False] * 10)
    party = 7 + account // 2
    found = whole_pool(exchange.slice(0), np.arange(len(account)), party, SHOWN)
    assert found is not None
    assert found.parties.tolist() == list(range(7, 27))


@pytest.mark.parametrize(
    ("shows", "each"), [([True] * 20, EACH), ([True] * 20 + [False], SEEN - 1), ([False] * 20, EACH)]
)
def test_a_pool_of_which_nobody_can_be_told_apart_stays_whole(shows: list[bool], each: int) -> None:
    exchange, account = log(*shows, each=each)
    assert whole_pool(exchange, np.arange(len(account)), account, SHOWN) is None


@pytest.mark.parametrize("alone", [DISGUISED, PEOPLE], ids=["plain by itself", "not plain by itself"])
def test_what_is_parted_from_the_pool_is_judged_by_itself(alone: dict[str, float]) -> None:
    exchange, account = log(*[True] * 80, *[False] * 10)
    group = Group(cluster(range(90), ALL), np.arange(90))
    whole = purpose_of(DISGUISED)
    everything = Brought(exchange, rows_of(account.astype(np.int32), 90))
    found = tenants([group], whole, everything, np.arange(90), holdings={}, signals={})

    def measure(parts: list[Group]) -> dict[str, pa.Table]:
        both = (alone, PEOPLE)
        assert [len(part.accounts) for part in parts] == [80, 10]
        number = pa.array([0, 1], pa.int32())
        return {
            name: pa.table({"cluster": number, "value": [one.get(name, 0.0) for one in both]})
            for name in DISGUISED
        }

    groups, about = divide(
        [group], whole, found, principal=np.arange(90), requests=[len(account)], measure=measure,
        size=lambda _, parties: len(parties), everyone=1_000,
    )  # fmt: skip
    assert [g.accounts.tolist() for g in groups] == [list(range(80)), list(range(80, 90))]
    assert [g.tenant for g in groups] == [None, None], "all that the pool is asked is its own"
    assert bool(about.probability()[0] > 0.95) is (alone is DISGUISED)
    assert about.probability()[1] < 0.01
