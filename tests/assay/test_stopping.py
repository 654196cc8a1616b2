"""A run that may end early by its plan: a student ends it, innocents do so no more often than the level, and a report finds the same end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from stillwatch.assay.betting import on_green, on_hits
from stillwatch.assay.case import Case, Keys, Tools
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.keyed import FIXED
from stillwatch.assay.looking import stopped_at
from stillwatch.assay.plan import sealed
from stillwatch.assay.planned import refuse_what_probes_cannot_show
from stillwatch.assay.radioactivity import gathered
from stillwatch.assay.recompute import recomputed
from stillwatch.assay.run import run, wanted
from stillwatch.assay.several import log_wealth
from stillwatch.assay.small.people import People
from stillwatch.cli.assaying.told import words
from stillwatch.errors import UsageError
from stillwatch.mark.keys import commitment
from stillwatch.mark.watermark import green
from stillwatch.model.assay import Commitment, Endpoint, Plan, Probe, Stopping
from stillwatch.report.assayed import assay_text
from tests.assay.made import bound, plan_of
from tests.assay.speaking import Speaker, spoken
from tests.assay.stage import KEYS, SERVED, Stage

T4 = Stopping(tests=("T4",), looks=5)


@pytest.fixture(scope="module")
def stage(asked, tmp_path_factory) -> Stage:
    return Stage(asked, tmp_path_factory.mktemp("stopping"))


@pytest.fixture(scope="module")
def of_student(stage: Stage):
    plan = stage.plan(tests=("T1", "T3", "T4"), stopping=T4)
    return (*stage.asked(stage.student(720, 0.4), plan), plan)


def test_a_student_ends_the_run_and_the_rest_stays_unasked(of_student) -> None:
    case, kept, plan = of_student
    report = recomputed(case, kept)
    assert report.word == "trained on served text"
    assert report.stopped is not None
    assert report.stopped.look < plan.stopping.looks
    assert report.stopped.asked < report.stopped.saved
    assert len(kept.answers) == report.stopped.asked_of_all
    assert {r.test for r in report.results} == {"T4"}
    assert any(limit.startswith("T1, T3 were planned and not made") for limit in report.limits)


def test_a_finding_of_a_run_that_was_looked_at_is_confirmed_by_its_e_process_alone(of_student) -> None:
    case, kept, _ = of_student
    report = recomputed(case, kept)
    (found,) = [r for r in report.results if r.subject == "suspect" and r.account_set == SERVED]
    assert found.p_value == pytest.approx(1 / found.beside["e_value"])
    assert found.beside[FIXED] < found.p_value
    assert found.adjusted_p == pytest.approx(2 * found.p_value)  # T3 stands beside it, unmade
    assert "by its e-process" in report.sentence


def test_the_end_is_found_again_from_what_was_kept_and_more_answers_do_not_move_it(
    stage: Stage, of_student
) -> None:
    case, kept, plan = of_student
    before = recomputed(case, kept)
    again = Transcripts.opened(kept.file, plan.seal)
    assert recomputed(replace(case, find=again.answer), again) == before
    ended = {"suspect": before.stopped.look}
    assert not [q for q in wanted(plan, stage.probes, again, 1, ended) if q[0].name == "suspect"]
    client = Speaker(stage.student(720, 0.4), 99).client()
    more = [q for q in wanted(replace(plan, stopping=None), stage.probes, again, 1) if q[0].name == "suspect"]
    assert len(more) == before.stopped.saved
    for endpoint, request in more:
        again.keep(endpoint, request, client.generate(request), 0.0)
    after = recomputed(replace(case, find=again.answer), again)
    assert replace(after, transcript_digest="") == replace(before, transcript_digest="")


def test_the_report_says_where_it_ended_and_what_was_saved(of_student) -> None:
    case, kept, _ = of_student
    report = recomputed(case, kept)
    for form in ("md", "html", "json"):
        told = assay_text(report, form)
        assert ("questions to the suspect were saved" in told) or f'"saved": {report.stopped.saved}' in told


@pytest.mark.slow
def test_an_innocent_is_asked_everything_and_the_other_tests_are_made(stage: Stage) -> None:
    both = Stopping(tests=("T3", "T4"), looks=5)
    report = stage.report(stage.people.innocent(800), stage.plan(stopping=both))
    assert (report.word, report.stopped) == ("no finding", None)
    assert {r.test for r in report.results if r.subject == "suspect"} == {"T0", "T1", "T2", "T3", "T4"}
    assert "No look ended it; all that was planned was to be asked." in report.limits


def test_a_run_that_has_to_look_does_not_begin_without_the_keys(stage: Stage, tmp_path) -> None:
    plan = stage.plan(tests=("T4",), stopping=T4)
    with pytest.raises(UsageError, match="give the key of 'UDC-2026-001' with --key"):
        run(plan, stage.probes, Transcripts(tmp_path / "t", plan.seal), {})


def test_a_report_of_a_run_that_was_looked_at_is_not_made_without_the_keys(of_student) -> None:
    case, kept, _ = of_student
    with pytest.raises(UsageError, match="give the key of 'UDC-2026-001' with --key"):
        recomputed(replace(case, tools=replace(case.tools, keys={})), kept)


def test_a_rule_without_an_e_process_is_refused() -> None:
    probes = [Probe(probe_id="t", kind="trigger", prompt="t", alternatives=("a", "b"), account_set="A")]
    plan = plan_of("T1", "T4", sets=(bound("A"),))
    for stopping, why in (
        (Stopping(tests=("T1",)), "the model is the unit"),
        (Stopping(tests=("T3",)), "if they are planned"),
        (Stopping(tests=("T4",)), "1 probes of the kind trigger, and 10 looks"),
    ):
        with pytest.raises(UsageError, match=why):
            refuse_what_probes_cannot_show(replace(plan, stopping=stopping), probes)
    other = plan_of("T3", sets=(replace(bound("A"), scheme="synthid"),))
    with pytest.raises(UsageError, match="Let T4 alone end the run"):
        refuse_what_probes_cannot_show(replace(other, stopping=Stopping(tests=("T3",))), probes)


def test_a_plan_that_may_not_stop_is_sealed_as_it_was_before_plans_could_stop() -> None:
    plan = plan_of("T4", models=(Endpoint(name="t", role="teacher", url="", model="t"),), sets=(bound("A"),))
    before = "2b590823d5a52af123747ae6dd55fdd7f1e2d7fabadc48d98e062a9918299fef"
    assert sealed(plan).seal == before
    assert sealed(replace(plan, stopping=T4)).seal != before


def test_a_tuple_is_bet_on_once_and_by_how_often_it_stands_in_the_part_where_it_came_first() -> None:
    texts = [np.array([1, 2, 1, 2, 1, 2]), np.array([1, 2, 3])]
    tuples = gathered(texts, [np.array([9]), np.array([9])])
    is_green = np.array([(c, t) == (1, 2) for c, t in zip(tuples.contexts.ravel(), tuples.tokens, strict=True)], float)  # fmt: skip
    bets = on_green(tuples, is_green, np.array([1, 2]), gamma=0.25, weighting="every")
    assert bets.look.tolist() == [1, 1, 1, 2]
    alone = log_wealth(
        [False, True, False, False],
        [0.25] * 4,
        weights=np.array([1.0, 3, 2, 1]),
        stakes=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4),
    )
    assert bets.wealth == pytest.approx(alone)


def test_an_e_process_is_looked_at_in_the_order_of_the_plan() -> None:
    bets = on_hits([True, True, False], [16, 16, 16], [1, 2, 1])
    assert bets.look.tolist() == [1, 1, 2]
    assert bets.first_over(5) == 1
    assert bets.first_over(1000) is None
    assert on_hits([False], [2], [1]).p_value == 1.0


class Innocents:
    """Runs of innocent models, each with keys of its own, that end at the first look at which one is found."""

    level = 0.05

    def __init__(self, people: People, folder) -> None:
        self.people, self.folder = people, folder
        self.probes = [
            Probe(probe_id=f"f{i}", kind="free", prompt=spoken(row))
            for i, row in enumerate(people.prompts(24, 22))
        ]
        self.probes += [
            Probe(
                probe_id=f"t{i}",
                kind="trigger",
                prompt=spoken(row),
                alternatives=tuple(f"w{n}" for n in range(i, i + 60, 15)),
                account_set="A",
            )
            for i, row in enumerate(people.prompts(12, 23))
        ]

    def ends(self, seed: int) -> bool:
        rng = np.random.default_rng([seed, 77])
        keys = Keys(rng.bytes(32), rng.bytes(32))
        commits = Commitment(account_set="A", watermark=commitment(keys.watermark, "A"), canary=commitment(keys.canary, "A"))  # fmt: skip
        ends = [Endpoint(name=n, role=n, url="", model=n) for n in ("suspect", "teacher")]
        plan = sealed(
            Plan(probes_digest="", endpoints=tuple(ends), tests=("T3", "T4"), level=self.level, commitments=(commits,), most_tokens=24,
                 trigger_samples=3, stopping=Stopping(tests=("T3", "T4"), looks=6))
        )  # fmt: skip
        kept = Transcripts(self.folder / f"{seed}.jsonl", plan.seal)
        tools = Tools(keys={"A": keys}, green=green, tokenise=words)
        speakers = {
            "suspect": Speaker(self.people.innocent(seed), seed),
            "teacher": Speaker(self.people.teacher),
        }
        told = run(plan, self.probes, kept, {n: s.client() for n, s in speakers.items()}, threads=1, tools=tools)  # fmt: skip
        assert (told is None) == (stopped_at(Case(plan, self.probes, kept.answer, tools), ends[0]) is None)
        return told is not None


@pytest.mark.slow
def test_runs_of_hundreds_of_innocent_models_end_no_more_often_than_the_level_says(asked, tmp_path) -> None:
    innocents, models = Innocents(asked.people, tmp_path), 300
    ended = sum(innocents.ends(20_000 + seed) for seed in range(models))
    assert ended <= stats.binom.isf(0.001, models, innocents.level)


@pytest.mark.slow
def test_a_student_of_marked_text_ends_a_run_by_its_watermark_alone(stage: Stage) -> None:
    plan = stage.plan(tests=("T3",), stopping=Stopping(tests=("T3",), looks=8))
    report = stage.report(stage.student(723, 0.4), plan, keys=KEYS)
    assert report.stopped is not None
    assert (report.stopped.test, report.stopped.look < 8) == ("T3", True)
    assert [r.adjusted_p <= plan.level for r in report.results if r.subject == "suspect" and r.adjusted_p is not None] == [True]  # fmt: skip
