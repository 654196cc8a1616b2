"""A whole assay over small models in this process: which word it comes to, and what it refuses to say."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import msgspec
import pytest

from stillwatch.assay.case import Case, Tools
from stillwatch.attribute.scanned import signed
from stillwatch.casebook import assays, chain
from stillwatch.casebook.door import kept
from stillwatch.casebook.store import Casebook
from stillwatch.errors import UsageError
from stillwatch.model.recorded import RecordedAssay
from stillwatch.report.dossier.assayed import faults
from tests.assay.stage import KEYS, SERVED, UNSERVED, Stage
from tests.casebook.made import Group, accounts, findings


@pytest.fixture(scope="module")
def stage(asked, tmp_path_factory) -> Stage:
    return Stage(asked, tmp_path_factory.mktemp("assay"))


@pytest.fixture(scope="module")
def of_student(stage):
    return stage.report(stage.student(720, 0.4))


def recorded(report) -> RecordedAssay:
    return RecordedAssay(
        entry=2, campaign_id=SERVED, who="ana", recorded="", reason="", account_sets=(SERVED,), report=report
    )


def p_values(report, subject: str) -> dict[tuple[str, str], float]:
    return {(r.test, r.account_set): r.p_value for r in report.results if r.subject == subject}


def test_a_student_of_served_text_is_called_so_for_its_account_set_alone(of_student) -> None:
    assert (of_student.word, of_student.account_sets) == ("trained on served text", (SERVED,))
    found = p_values(of_student, "suspect")
    assert max(found["T3", SERVED], found["T4", SERVED]) < 0.005
    assert min(found["T3", UNSERVED], found["T4", UNSERVED]) > 0.01
    assert found["T2", ""] < 0.01


def test_a_report_that_models_made_is_recorded_for_its_campaign_and_fits_together(
    of_student, tmp_path
) -> None:
    with kept(findings(Group(accounts("a", 0, 40))), tmp_path / "book.db", signed):
        pass
    with closing(Casebook(tmp_path / "book.db")) as book, book.writing() as connection:
        assays.keep(connection, SERVED, of_student, who="ana", reason="it answers as ours does")
        (held,) = assays.of_campaign(connection, SERVED)
        assert list(chain.faults(connection)) == []
    assert (held.report, held.account_sets) == (of_student, (SERVED,))
    assert list(faults(held)) == []


def test_every_control_is_told_with_how_it_came_out(of_student) -> None:
    assert {c.name: c.is_right for c in of_student.controls} == dict.fromkeys(
        ("positive", "own text", "twin", "sibling", "unserved keys", "one model each"), True
    )


def test_power_is_told_by_dose_and_grows_with_it(of_student) -> None:
    power = {(d["test"], d["model"]): d["power"] for d in of_student.doses}
    assert power["T3", "large dose"] >= 0.7
    assert power["T3", "small dose"] < power["T3", "large dose"]


@pytest.mark.slow
def test_an_innocent_model_is_not_found_and_not_cleared(stage) -> None:
    report = stage.report(stage.people.innocent(800))
    assert report.word == "no finding"
    assert list(faults(recorded(report))) == []
    assert "does not clear" in report.sentence
    assert "Power at 0.01, held over each family" in report.sentence


@pytest.mark.slow
def test_a_twin_is_close_and_never_called_trained_on_served_text(stage) -> None:
    report = stage.report(stage.people.twin(30))
    assert report.word == "unusually close"
    assert min(p for (test, _), p in p_values(report, "suspect").items() if test in {"T3", "T4"}) > 0.01


@pytest.mark.slow
def test_our_own_model_behind_a_proxy_is_called_that(stage) -> None:
    report = stage.report(stage.people.teacher)
    assert report.word == "our model behind a proxy"
    assert list(faults(recorded(report))) == []


@pytest.mark.slow
def test_who_answers_two_samples_is_no_proxy_for_it(stage) -> None:
    equal = [probe.prompt for probe in stage.probes if probe.kind == "equality"]
    report = stage.report(
        stage.people.innocent(801),
        within=lambda r: r.prompt not in equal or (r.prompt == equal[0] and r.sample < 2),
    )
    assert report.word == "no finding"
    (equality,) = [r for r in report.results if r.test == "T0" and r.subject == "suspect"]
    assert equality.power < 0.9
    assert any(limit.startswith("T0 was made from 1%") for limit in report.limits)


@pytest.mark.slow
def test_power_is_told_for_what_the_suspect_answered(stage, of_student) -> None:
    prompts = [probe.prompt for probe in stage.probes if probe.kind == "free"]
    few = stage.report(stage.student(720, 0.4), within=lambda r: r.prompt not in prompts[2:])
    power = {
        name: next(r.power for r in told.results if r.test == "T2" and r.subject == "suspect")
        for name, told in (("few", few), ("all", of_student))
    }
    doses = {
        name: [d["p_value"] for d in told.doses if d["test"] == "T3"]
        for name, told in (("few", few), ("all", of_student))
    }
    assert power["few"] <= power["all"]
    assert max(doses["few"]) > max(doses["all"])


@pytest.mark.parametrize("missing", ["own text", "twin", "sibling"])
def test_without_a_control_there_is_no_verdict(stage, missing: str) -> None:
    plan = stage.plan(without=(missing,), tests=("T4",))
    report = stage.report(stage.student(721, 0.4), plan)
    assert report.word == "uncalibrated"
    assert missing in report.sentence


@pytest.mark.slow
def test_a_test_that_is_not_in_the_plan_confirms_nothing(stage) -> None:
    report = stage.report(stage.student(722, 0.4), stage.plan(tests=("T1",)))
    keyed = [r for r in report.results if r.test in {"T3", "T4"}]
    assert keyed == [] or not any(r.is_confirmatory for r in keyed)
    assert report.word != "trained on served text"


def test_a_key_that_the_plan_did_not_bind_is_refused(stage) -> None:
    with pytest.raises(UsageError, match="not the one that the plan binds"):
        Case(stage.plan(), stage.probes, lambda *_: None, Tools(keys={SERVED: replace(KEYS[UNSERVED])}))


def test_a_report_holds_no_key_no_prompt_and_no_answer(of_student) -> None:
    told = msgspec.json.encode(of_student).decode()
    assert " w1" not in told
    assert not [k for keys in KEYS.values() for k in (keys.watermark, keys.canary) if k.decode() in told]
