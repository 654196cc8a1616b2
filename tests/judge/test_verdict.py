"""The verdict ladder: agreements, distillation within the budget, relay, coordinated, nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.agreement import Agreements, agreements
from stillwatch.judge.budget import JudgeSettings
from stillwatch.judge.purpose import Purpose
from stillwatch.judge.verdict import InCommon, Judged, judge
from stillwatch.link.cluster import Cluster
from stillwatch.model.tables import ACCOUNT
from tests.judge.made import ALL, agreed, cluster, everything, purposes

EVERYONE = 200
SURE, MILD, DOUBTFUL = 40.0, 0.0, -40.0
POOL = range(40)


def even() -> float:
    """Bits at which a training set is about as likely as not."""
    tried = np.linspace(SURE, DOUBTFUL, 801)
    return float(tried[np.argmin(np.abs(purposes(*tried).probability() - 0.5))])


def judged(
    clusters: Sequence[Cluster],
    about: Purpose,
    on_file: Agreements | None = None,
    budget: float = 0.05,
    common: InCommon = everything,
) -> list[Judged]:
    """Verdicts where every account is a party of its own."""
    settings = JudgeSettings(false_alarm_budget=budget)
    return judge(
        clusters,
        [c.members for c in clusters],
        np.arange(EVERYONE),
        purpose=about,
        agreed=on_file or agreed(EVERYONE),
        settings=settings,
        in_common=common,
    )


def verdicts(*clusters: Cluster, about: Purpose, on_file: Agreements | None = None) -> list[str]:
    return [j.verdict for j in judged(clusters, about, on_file)]


def test_a_cluster_that_surely_builds_a_training_set_is_distillation() -> None:
    assert verdicts(cluster(POOL, ALL), about=purposes(SURE)) == ["distillation"]


def test_what_is_called_in_a_small_log_is_not_among_many_groups() -> None:
    """Each of them might have been called: among more, it takes more."""
    near = even() + 2.0
    pools = [cluster(range(at * 10, at * 10 + 10), ALL) for at in range(400)]
    about = purposes(near, *[DOUBTFUL] * 399)
    everyone = np.arange(4_000)
    few, many = (
        [
            j.verdict
            for j in judge(
                pools[:n],
                [c.members for c in pools[:n]],
                everyone,
                purpose=about.chosen(range(n)),
                agreed=agreed(len(everyone)),
                settings=JudgeSettings(),
                in_common=everything,
            )
        ]
        for n in (10, 400)
    )
    assert "distillation" in few
    assert "distillation" not in many


def test_a_cluster_that_most_likely_does_not_is_merely_coordinated() -> None:
    assert verdicts(cluster(POOL, ALL), about=purposes(MILD)) == ["coordinated"]


@pytest.mark.parametrize(("asked", "means", "verdict"), [(1.0, 0.05, ["coordinated"]), (0.7, 0.06, [])])
def test_circles_side_by_side_are_not_coordinated(asked: float, means: float, verdict: list[str]) -> None:
    """One text in one program over twenty exits and cards is one hand's; popular texts in one program are not."""

    def common(_cluster: Cluster, witness: str) -> float:
        return {"content": asked, "product": 1.0}.get(witness, means)

    assert [j.verdict for j in judged([cluster(POOL, ALL)], purposes(MILD), common=common)] == verdict


def test_a_cluster_that_surely_does_not_is_never_distillation() -> None:
    assert "distillation" not in verdicts(cluster(POOL, ALL), about=purposes(DOUBTFUL))


def test_a_level_pool_of_many_kinds_of_people_is_a_relay() -> None:
    about = purposes(DOUBTFUL, level_load=[0.95], many_personas=[6.0])
    assert verdicts(cluster(POOL, ALL), about=about) == ["relay"]


@pytest.mark.parametrize(
    ("who", "shows"),
    [
        ("freelancers of an agency", {"no_human_rhythm": [0.25], "plan_mismatch": [1.0]}),
        ("a hackathon", {"no_human_rhythm": [0.6], "plan_mismatch": [0.05]}),
    ],
)
def test_a_crew_with_one_program_is_no_relay(who: str, shows: dict[str, list[float]]) -> None:
    people = purposes(DOUBTFUL, level_load=[0.8], many_personas=[4.0], conversations=[0.8], **shows)
    assert verdicts(cluster(POOL, ALL), about=people) != ["relay"], who
    kept = {"no_human_rhythm": [0.6], "plan_mismatch": [1.0]}
    relay = purposes(DOUBTFUL, level_load=[0.8], many_personas=[4.0], conversations=[0.8], **kept)
    assert verdicts(cluster(POOL, ALL), about=relay) == ["relay"]


def test_who_may_distil_is_not_judged_for_it() -> None:
    on_file = agreed(EVERYONE, may=POOL)
    assert verdicts(cluster(POOL, ALL), about=purposes(SURE), on_file=on_file) == []


def test_accounts_that_may_distil_are_no_members_of_the_campaign_beside_them() -> None:
    [found] = judged([cluster(POOL, ALL)], purposes(SURE), agreed(EVERYONE, may=range(5)))
    assert found.accounts.tolist() == list(range(5, 40))


@pytest.mark.parametrize("share", [0.6, 1.0])
def test_an_agreement_that_explains_the_use_of_most_is_never_distillation(share: float) -> None:
    on_file = agreed(EVERYONE, explained=range(round(40 * share)))
    assert "distillation" not in verdicts(cluster(POOL, ALL), about=purposes(SURE), on_file=on_file)


@pytest.mark.parametrize("alone", ["network", "product", "identity", "content", "behaviour"])
def test_one_witness_alone_accuses_nobody(alone: str) -> None:
    assert verdicts(cluster(POOL, {alone: 8.0}), about=purposes(SURE)) == []


def test_coordination_without_anything_asked_alike_is_not_distillation() -> None:
    voices = dict.fromkeys(("network", "product", "identity"), 8.0)
    assert "distillation" not in verdicts(cluster(POOL, voices), about=purposes(SURE))


def test_without_text_a_rhythm_that_nobody_lives_by_stands_for_what_is_asked() -> None:
    voices = dict.fromkeys(("network", "product", "identity"), 8.0)
    assert verdicts(cluster(POOL, voices), about=purposes(SURE, behaviour=4.0)) == ["distillation"]


@pytest.mark.parametrize("name", ["spliced_pool", "disguised_pool", "thinking_pool", "stored_reasoning"])
def test_what_a_hand_takes_of_all_that_people_ask_is_something_asked(name: str) -> None:
    voices = dict.fromkeys(("network", "product", "identity"), 8.0)
    about = purposes(SURE)
    about.bits[name][:] = 3.0
    assert verdicts(cluster(POOL, voices), about=about) == ["distillation"]


def test_a_rhythm_that_nobody_lives_by_is_no_coordination() -> None:
    assert verdicts(cluster(POOL, {"content": 8.0}), about=purposes(SURE, behaviour=4.0)) == []


def test_asking_alike_without_coordination_is_not_distillation() -> None:
    voices = dict.fromkeys(("content", "behaviour"), 8.0)
    assert "distillation" not in verdicts(cluster(POOL, voices), about=purposes(SURE))


def test_a_cluster_that_may_be_an_accident_has_no_verdict() -> None:
    assert verdicts(cluster(POOL, ALL, log10_chance=-0.5), about=purposes(SURE)) == []


def test_a_handful_of_accounts_is_no_campaign() -> None:
    assert verdicts(cluster(range(5), ALL), about=purposes(SURE)) == []


def test_a_doubtful_campaign_does_not_fit_the_budget() -> None:
    about = purposes(even())
    chance = float(about.probability()[0])
    assert 0.3 < chance < 0.7
    assert [j.verdict for j in judged([cluster(POOL, ALL)], about, budget=0.9 * (1 - chance))] == [
        "coordinated"
    ]
    assert [j.verdict for j in judged([cluster(POOL, ALL)], about, budget=1.0)] == ["distillation"]


def test_membership_is_no_surer_than_the_campaign_itself() -> None:
    [found] = judged([cluster(POOL, ALL)], purposes(even()), budget=1.0)
    assert found.membership.max() <= found.probability


def test_nothing_linked_is_nothing_judged() -> None:
    assert judged([], purposes()) == []


def test_the_same_clusters_get_the_same_verdicts_in_any_order() -> None:
    clusters = [
        cluster(range(40), ALL),
        cluster(range(50, 90), ALL),
        cluster(range(100, 140), {"content": 8.0}),
    ]
    bits = [SURE, MILD, SURE]
    one = {j.cluster.members[0]: j.verdict for j in judged(clusters, purposes(*bits))}
    other = {j.cluster.members[0]: j.verdict for j in judged(clusters[::-1], purposes(*bits[::-1]))}
    assert one == other == {0: "distillation", 50: "coordinated"}


def accounts(*programmes: Sequence[str] | None) -> tuple[pa.Table, list[str]]:
    ids = [f"a{number}" for number in range(len(programmes))]
    rows = [{"account_id": i, "programmes": p} for i, p in zip(ids, programmes, strict=True)]
    return pa.Table.from_pylist(rows, schema=ACCOUNT.arrow), ids


def test_an_agreement_is_read_whatever_its_case() -> None:
    held = agreements(*accounts(["Distillation"], ["RESELLER"], None, ["something else"]), np.arange(4))
    assert held.may_distil.tolist() == [True, False, False, False]
    assert held.explained.tolist() == [False, True, False, False]


def test_an_agreement_covers_all_accounts_of_the_declared_organisation() -> None:
    held = agreements(*accounts(["distillation"], None, None), np.array([0, 0, 1]))
    assert held.may_distil.tolist() == [True, True, False]
