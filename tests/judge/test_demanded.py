"""A pool that wants all reasoning written out, those who ask for it themselves, and who was linked beside it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.fingerprint.probes import mask
from stillwatch.judge.brought import Brought
from stillwatch.judge.case import rows_of
from stillwatch.judge.demanded import NEARLY_ALL, SOME, may_be_beside
from stillwatch.judge.pools import Group, divide, tenants
from stillwatch.judge.purpose import DEMANDED_MOST, Purpose, weighed
from stillwatch.judge.tenant import READ
from stillwatch.link.cluster import Cluster
from tests.judge.made import ALL, cluster

AGENTS = {
    "framed_prompts": 0.4, "conversations": 0.8, "no_human_rhythm": 0.44, "level_load": 0.83, "fresh_prompts": 0.9,
    "extended_thinking": 0.2, "training_value": 0.8, "churn": 0.02,
}  # fmt: skip
DEMANDING = AGENTS | {"demanded_reasoning": 1.0}
PRODUCT = {"content": 8.0, "product": 8.0}
EACH = 10


def purpose_of(*measured: dict[str, float], parties: float = 60, of: dict[str, float] = PRODUCT) -> Purpose:
    names = sorted({name for one in measured for name in one})
    found = {name: np.array([one.get(name, np.nan) for one in measured]) for name in names}
    clusters: list[Cluster] = [cluster(range(90), of)] * len(measured)
    return weighed(found, clusters, [parties] * len(measured), 1_000)


def test_a_pool_of_agent_sessions_that_wants_all_reasoning_is_a_harvest() -> None:
    found = purpose_of(AGENTS, DEMANDING)
    assert found.bits["demanded_pool"].tolist() == [0.0, pytest.approx(8.0)]
    plain, demanding = found.probability()
    assert plain < 0.01
    assert demanding > 0.95


@pytest.mark.parametrize(
    ("share", "at_least", "at_most"), [(0.2, 0.0, 0.0), (0.4, 3.0, 3.4), (0.8, 8.0, 8.0)]
)
def test_it_is_most_of_what_is_asked(share: float, at_least: float, at_most: float) -> None:
    found = float(purpose_of(DEMANDING | {"demanded_reasoning": share}).bits["demanded_pool"][0])
    assert at_least <= found <= at_most


@pytest.mark.parametrize(
    ("fixed", "asks", "at_least", "at_most"),
    [(0.9, 0.9, 8.0, 8.0), (0.9, 0.1, 0.0, 0.0), (0.1, 0.9, 0.0, 0.0), (0.9, 0.4, 3.0, 3.4)],
)
def test_one_text_in_most_prompts_counts_where_openings_ask_for_reasoning(
    fixed: float, asks: float, at_least: float, at_most: float
) -> None:
    asked = AGENTS | {"fixed_injection": fixed, "asks_for_training_value": asks}
    found = float(purpose_of(asked).bits["demanded_pool"][0])
    assert at_least <= found <= at_most


@pytest.mark.parametrize(
    ("who", "otherwise"),
    [
        ("people who passed a text on, each with days of their own", {"level_load": 0.6}),
        ("the branches of a chain, each with single questions", {"conversations": 0.0}),
        ("where nobody knows how level the load is", {"level_load": np.nan}),
        ("where no system prompt was kept", {"demanded_reasoning": np.nan}),
    ],
)
def test_who_asks_for_it_themselves_is_no_such_pool(who: str, otherwise: dict[str, float]) -> None:
    assert purpose_of(DEMANDING | otherwise).bits["demanded_pool"].tolist() == [0.0], who


def test_a_few_accounts_are_no_such_pool() -> None:
    assert purpose_of(DEMANDING, parties=16).bits["demanded_pool"].tolist() == [0.0]


def test_a_text_that_was_counted_where_it_is_spliced_is_not_counted_twice() -> None:
    both = DEMANDING | {"spliced_system": 1.0, "injected_system": 0.9}
    bits = purpose_of(both, of=ALL).bits
    together = bits["spliced_pool"][0] + bits["injected_pool"][0] + bits["demanded_pool"][0]
    assert bits["spliced_pool"][0] == pytest.approx(8.0)
    assert together == pytest.approx(DEMANDED_MOST)


def test_a_cluster_may_hold_others_if_some_make_the_demand_and_not_nearly_all() -> None:
    shares = [SOME - 0.01, SOME, NEARLY_ALL - 0.01, NEARLY_ALL, np.nan, 0.5]
    measured = {"demanded_reasoning": np.array(shares), "conversations": np.array([0.8] * 5 + [0.2])}
    assert may_be_beside(measured, np.full(6, np.nan)).tolist() == [False, True, True, False, False, False]


def test_users_of_the_same_program_are_parted_from_a_pool_and_the_load_is_its_own() -> None:
    account = np.repeat(np.arange(90), EACH)
    told = np.where(account < 60, mask("demanded"), mask("code"))
    beside = dict.fromkeys(READ, np.zeros(len(account), np.int64))
    exchange = pa.table(beside | {"account": account.astype(np.int32), "told_last": told})
    group = Group(cluster(range(90), PRODUCT), np.arange(90))
    whole = purpose_of(DEMANDING | {"demanded_reasoning": 0.67, "level_load": 0.4}, parties=90)
    assert whole.bits["demanded_pool"].tolist() == [0.0], "the load of all is not level"
    found = tenants(
        [group],
        whole,
        Brought(exchange, rows_of(account.astype(np.int32), 90)),
        np.arange(90),
        holdings={},
        signals={},
    )

    def measure(parts: list[Group]) -> dict[str, pa.Table]:
        assert [len(part.accounts) for part in parts] == [60, 30]
        both = (DEMANDING, AGENTS | {"level_load": 0.3, "demanded_reasoning": 0.0})
        number = pa.array([0, 1], pa.int32())
        return {
            name: pa.table({"cluster": number, "value": [one.get(name, 0.0) for one in both]})
            for name in DEMANDING
        }

    groups, about = divide(
        [group], whole, found, principal=np.arange(90), requests=[len(account)], measure=measure,
        size=lambda _, parties: len(parties), everyone=1_000,
    )  # fmt: skip
    assert [g.accounts.tolist() for g in groups] == [list(range(60)), list(range(60, 90))]
    assert about.bits["demanded_pool"].tolist() == [pytest.approx(8.0), 0.0]
    assert about.probability()[0] > 0.95
    assert about.probability()[1] < 0.01
