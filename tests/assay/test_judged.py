"""Which word results come to, from results that are made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillwatch.assay.plan import sealed
from stillwatch.assay.planned import without_verdict
from stillwatch.assay.recompute import power_reached
from stillwatch.assay.verdict import controls, judged
from stillwatch.errors import UsageError
from stillwatch.model.assay import ANSWERED, Endpoint, Probe
from tests.assay.made import bound, plan_of, says


@pytest.mark.parametrize(("answered", "word"), [(0.95, "our model behind a proxy"), (0.83, "no finding")])
def test_a_proxy_is_called_only_if_nine_tenths_of_the_samples_were_answered(
    answered: float, word: str
) -> None:
    equal = says("T0", 0.4, power=1.0, beside={"share_answered": answered})
    assert judged(plan_of("T0", "T1"), [equal], (), "").word == word


def test_every_key_of_an_unserved_set_that_the_plan_binds_has_to_be_tried() -> None:
    plan = plan_of("T3", "T4", sets=(bound("A"), *(bound(name, is_served=False) for name in ("Y", "Z"))))
    tried = [says(test, 0.5, name) for test in ("T3", "T4") for name in ("Y", "Z")]
    (told,) = [c for c in controls(plan, {"suspect": tried}) if c.name == "unserved keys"]
    assert told.is_right
    (told,) = [c for c in controls(plan, {"suspect": tried[:3]}) if c.name == "unserved keys"]
    assert (told.is_there, told.told) == (False, "not tried: T4 with that of Z")


@pytest.mark.parametrize(
    ("found", "is_right", "told"),
    [
        ((3,), False, "dose 3 found by T1; 2 doses are needed"),
        ((0, 2, 3), True, "dose 1 was missed; dose 2 found by T1; dose 3 found by T1"),
        ((0, 0, 3), False, "dose 1 was missed; dose 2 was missed; dose 3 found by T1"),
        ((1, 2, 0), False, "dose 1 found by T1; dose 2 found by T1; dose 3 was missed"),
    ],
)
def test_students_of_two_doses_have_to_be_found_and_a_missed_dose_is_told(
    found: tuple[int, ...], is_right: object, told: str
) -> None:
    doses = found if len(found) == 1 else (1, 2, 3)
    models = tuple(Endpoint(name=f"s{d}", role="positive", url="", model="m", dose=d) for d in doses)
    results = {
        f"s{d}": [says("T1", 0.5, adjusted_p=0.001 if hit else 0.9)]
        for d, hit in zip(doses, found, strict=True)
    }
    control = controls(plan_of("T1", models=models), results)[0]
    assert (control.is_right, control.told) == (is_right, told)


def test_a_model_that_changed_half_way_takes_the_verdict_away() -> None:
    plan = plan_of("T1")
    (changed,) = [c for c in controls(plan, {}, ["suspect"]) if c.name == "one model each"]
    found = judged(plan, [says("T1", 0.0001, adjusted_p=0.0001)], [changed], "")
    assert found.word == "uncalibrated"
    assert "suspect answered under several names" in found.sentence


def told_of(name: str, plan, found):
    return next(c for c in controls(plan, found) if c.name == name)


def test_a_control_that_answered_nothing_or_little_was_not_tried() -> None:
    models = tuple(Endpoint(name=n, role=n, url="", model="m") for n in ("own_text", "twin"))
    plan = plan_of("T1", "T4", sets=(bound("A"),), models=models)
    suspect = [says("T1", 0.5), says("T4", 0.5, "A", beside={ANSWERED: 0.8})]
    full = [says("T1", 0.5), says("T4", 0.5, "A", beside={ANSWERED: 0.75})]
    little = [says("T1", 0.5), says("T4", 1.0, "A", beside={ANSWERED: 0.1})]
    for theirs, is_there in ((full, True), (little, False), (full[:1], False), ([], False)):
        found = {"suspect": suspect, "own_text": theirs, "twin": theirs}
        for name in ("own text", "twin"):
            assert told_of(name, plan, found).is_there is is_there
    assert (
        "too little of T4 with the key of A"
        in told_of("twin", plan, {"suspect": suspect, "twin": little}).told
    )


def test_an_unserved_key_is_tried_on_about_as_many_answers_as_a_served_one() -> None:
    plan = plan_of("T4", sets=(bound("A"), bound("Z", is_served=False)))
    served = says("T4", 0.5, "A", beside={ANSWERED: 1.0})
    for share, is_there in ((0.95, True), (0.2, False)):
        unserved = says("T4", 1.0, "Z", beside={ANSWERED: share})
        assert told_of("unserved keys", plan, {"suspect": [served, unserved]}).is_there is is_there


def test_decoys_have_to_be_enough_to_call_one_of_several_controls() -> None:
    twins = tuple(Endpoint(name=f"t{i}", role="twin", url="", model="m") for i in range(6))
    models = (Endpoint(name="teacher", role="teacher", url="", model="t"), *twins)
    plan = plan_of("T3", "T4", sets=(bound("A"),), models=models)
    with pytest.raises(UsageError, match="Take --decoys 1199 at least"):
        sealed(plan)
    assert sealed(replace(plan, decoys=1199)).seal


def test_a_plan_says_which_tests_could_never_call_anybody() -> None:
    teacher = Endpoint(name="teacher", role="teacher", url="", model="t", capabilities=("text", "prompt_logprobs"))  # fmt: skip
    plan = plan_of("T2", "T4", "T5", sets=(bound("A"),), models=(teacher,))
    probes = [Probe(probe_id="t", kind="trigger", prompt="t", alternatives=("a", "b"), account_set="A")]
    told = " ".join(without_verdict(plan, probes))
    for why in (
        "T2 needs a teacher and a reference that score",
        "0 are named; with fewer than 2",
        "teacher is to score texts, which chat endpoints do not",
        "T5 has 0 students with the flagged logs",
        "1 triggers of 'A': with a hit at each it would reach 0.5 after Holm",
    ):
        assert why in told


def test_power_is_told_for_each_account_set_and_from_the_least_dose_above_which_none_is_missed() -> None:
    def row(account_set: str, dose: int, power: float) -> dict[str, float | str]:
        return {"test": "T3", "account_set": account_set, "model": "s", "dose": dose, "p_value": 0.1, "power": power}  # fmt: skip

    rows = [row("A", 1, 1.0), row("A", 2, 0.02), row("B", 1, 0.5), row("B", 2, 0.9), row("B", 3, 1.0)]
    told = power_reached(rows, 0.01)
    assert "T3 with the key of A finds none well: power 0.02 at dose 2" in told
    assert "T3 with the key of B finds a student of dose 2 with power 0.90" in told
