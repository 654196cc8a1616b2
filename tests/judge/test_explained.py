"""Groups that agreements explain: told, whether they behave as a harvest or not, and never judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.agreement import Agreements
from stillwatch.judge.budget import JudgeSettings
from stillwatch.judge.explained import PassedOver, holders, passed_over
from stillwatch.judge.purpose import Purpose
from stillwatch.judge.verdict import judge
from stillwatch.link.cluster import Cluster
from stillwatch.model.tables import ACCOUNT
from tests.judge.made import ALL, agreed, cluster, everything, purposes

EVERYONE = 200
SURE, DOUBTFUL = 40.0, -40.0
POOL = range(40)


def told(
    clusters: Sequence[Cluster], about: Purpose, on_file: Agreements, budget: float = 0.05
) -> tuple[list[str], list[PassedOver]]:
    """Verdicts and explained groups where every account is a party of its own."""
    settings = JudgeSettings(false_alarm_budget=budget)
    held = [c.members for c in clusters]
    judged = judge(
        clusters,
        held,
        np.arange(EVERYONE),
        purpose=about,
        agreed=on_file,
        settings=settings,
        in_common=everything,
    )
    passed = passed_over(clusters, held, judged, purpose=about, agreed=on_file, settings=settings)
    return [j.verdict for j in judged], passed


def test_a_harvest_that_a_programme_covers_has_no_verdict_and_is_told() -> None:
    verdicts, [group] = told([cluster(POOL, ALL)], purposes(SURE), agreed(EVERYONE, explained=POOL))
    assert verdicts == []
    assert (len(group.accounts), group.behaves_as_harvest, group.harvest_is_agreed) == (40, True, False)


def test_a_class_that_a_programme_covers_is_told_and_is_no_harvest() -> None:
    verdicts, [group] = told([cluster(POOL, ALL)], purposes(DOUBTFUL), agreed(EVERYONE, explained=POOL))
    assert (verdicts, group.behaves_as_harvest) == ([], False)


def test_half_of_the_accounts_are_enough_to_explain_and_fewer_are_not() -> None:
    half, fewer = agreed(EVERYONE, explained=range(20)), agreed(EVERYONE, explained=range(19))
    assert [len(told([cluster(POOL, ALL)], purposes(SURE), on_file)[1]) for on_file in (half, fewer)] == [
        1,
        0,
    ]


def test_without_an_agreement_nothing_is_explained() -> None:
    assert told([cluster(POOL, ALL)], purposes(SURE), agreed(EVERYONE)) == (["distillation"], [])


@pytest.mark.parametrize("beside", [0, 9])
def test_a_harvest_under_a_distillation_agreement_is_what_was_agreed(beside: int) -> None:
    on_file = agreed(EVERYONE, may=range(40 - beside))
    verdicts, [group] = told([cluster(POOL, ALL)], purposes(SURE), on_file)
    assert (verdicts, group.behaves_as_harvest, group.harvest_is_agreed) == ([], True, True)


def test_a_group_beside_authorised_accounts_is_not_what_was_agreed() -> None:
    verdicts, [group] = told([cluster(POOL, ALL)], purposes(SURE), agreed(EVERYONE, may=range(25)))
    assert (verdicts, group.behaves_as_harvest, group.harvest_is_agreed) == ([], True, False)


def test_too_few_left_beside_authorised_accounts_are_told_too() -> None:
    verdicts, [group] = told([cluster(range(15), ALL)], purposes(SURE), agreed(EVERYONE, may=range(6)))
    assert (verdicts, group.harvest_is_agreed) == ([], True)


def test_what_was_given_another_verdict_is_not_told_twice() -> None:
    on_file = agreed(EVERYONE, may=range(10), explained=range(10, 22))
    verdicts, passed = told([cluster(POOL, ALL)], purposes(0.0), on_file)
    assert (verdicts, passed) == (["coordinated"], [])


@pytest.mark.parametrize("members", [range(9), POOL], ids=["a handful", "an accident"])
def test_what_would_not_be_reported_anyway_is_not_told(members: range) -> None:
    chance = -30.0 if len(members) < 10 else -0.5
    made = cluster(members, ALL, log10_chance=chance)
    assert told([made], purposes(SURE), agreed(EVERYONE, explained=POOL)) == ([], [])


def test_coordination_without_anything_asked_alike_behaves_as_no_harvest() -> None:
    voices = dict.fromkeys(("network", "product", "identity"), 8.0)
    _, [group] = told([cluster(POOL, voices)], purposes(SURE), agreed(EVERYONE, explained=POOL))
    assert not group.behaves_as_harvest


def test_whether_it_is_a_harvest_is_asked_of_each_group_with_the_budget_that_campaigns_leave() -> None:
    clusters = [cluster(range(at, at + 40), ALL) for at in (0, 50, 100)]
    tried = np.linspace(SURE, DOUBTFUL, 8001)
    bits = float(tried[np.argmin(np.abs(purposes(*tried).probability() - 0.7))])
    on_file = agreed(EVERYONE, explained=range(50, 140))
    for budget, harvests in ((0.5, 0), (0.8, 2)):
        verdicts, passed = told(clusters, purposes(bits, bits, bits), on_file, budget)
        assert verdicts == ["distillation"]
        assert sum(p.behaves_as_harvest for p in passed) == harvests


def test_an_explained_group_takes_no_budget_from_a_campaign() -> None:
    clusters = [cluster(POOL, ALL), cluster(range(50, 90), ALL)]
    alone, _ = told(clusters[1:], purposes(SURE), agreed(EVERYONE))
    verdicts, _ = told(clusters, purposes(SURE, SURE), agreed(EVERYONE, explained=POOL))
    assert verdicts == alone == ["distillation"]


def held(rows: Sequence[Sequence[str] | None], principal: Sequence[int]) -> dict[str, list[bool]]:
    ids = [f"a{number}" for number in range(len(rows))]
    listed = [{"account_id": i, "programmes": p} for i, p in zip(ids, rows, strict=True)]
    table = pa.Table.from_pylist(listed[::-1], schema=ACCOUNT.arrow)
    found = holders(table, ids, np.array(principal, np.int64))
    return {name: mask.tolist() for name, mask in found.items() if mask.any()}


def test_each_agreement_counts_for_its_holders_whatever_its_case() -> None:
    rows = (["Education", "reseller"], None, ["EDUCATION"], ["something else"], [])
    assert held(rows, range(5)) == {
        "education": [True, False, True, False, False],
        "reseller": [True, False, False, False, False],
    }


def test_an_agreement_counts_for_all_accounts_of_the_declared_organisation() -> None:
    assert held((["research"], None, None), [0, 0, 1]) == {"research": [True, True, False]}


def test_a_log_without_accounts_holds_no_agreement() -> None:
    assert held((), ()) == {}
