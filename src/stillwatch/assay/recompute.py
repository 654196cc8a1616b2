"""The report of an assay, made from its plan, its probes and its transcripts, and from nothing else: the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from stillwatch.assay.case import Case, Outcome
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.families import KEYED, adjusted, family_size, of_items, served
from stillwatch.assay.keyed import canaries, radioactive
from stillwatch.assay.looking import Ends, ends, look_for, refuse_to_look_without_keys, stopped
from stillwatch.assay.queries import scored
from stillwatch.assay.stopping import asked_until, made
from stillwatch.assay.unkeyed import agreeing, deltas, equal, from_logs, likely
from stillwatch.assay.verdict import FOUND_POWER, PROXY_ANSWERED, controls, is_whole, judged
from stillwatch.model.assay import (
    ANSWERED,
    TESTED,
    AssayReport,
    Endpoint,
    Plan,
    Request,
    Stopped,
    TestId,
    TestResult,
)

Dose = Mapping[str, float | str]
SINGLE = {"T0": equal, "T1": agreeing, "T2": likely, "T5": from_logs}
ALWAYS = (
    "An assay reports association with an error rate; it is no finding of wrongdoing.",
    "Power is that of another student like those of our own making, on other questions: of one student a dose, so that it is uncertain itself; another recipe may leave less.",
)


def recomputed(case: Case, kept: Transcripts) -> AssayReport:
    """All tests of the suspect and of the controls in its place, and the verdict."""
    refuse_to_look_without_keys(case)
    told = ends(case)
    found, doses = _tested(case, told)
    suspect = [_powered(result, doses) for result in found[case.suspect.name]]
    if "T6" in case.plan.tests and told is None:
        suspect += of_items([replace(r, is_confirmatory=True) for r in deltas(case, case.suspect)])
    tried = case.plan if told is None else replace(case.plan, tests=made(case.plan))
    questions = {e.name: _questions(case, told, tried, e) for e in case.plan.endpoints}
    names = {e.name: kept.names(e, questions[e.name]) for e in case.plan.endpoints}
    checks = controls(tried, found, [name for name, answered in names.items() if len(answered) > 1])
    verdict = judged(case.plan, suspect, checks, power_reached(doses, case.plan.level))
    stop = None if told is None else stopped(case, told)
    others = [r for name, results in found.items() if name != case.suspect.name for r in results]
    return AssayReport(
        plan_seal=case.plan.seal,
        transcript_digest=kept.whole(),
        suspect=case.suspect.name,
        word=verdict.word,
        account_sets=verdict.account_sets,
        level=case.plan.level,
        sentence=verdict.sentence,
        results=(*suspect, *others),
        controls=checks,
        doses=tuple(doses),
        limits=(*_ended(case.plan, stop), *_limits(tried, kept, suspect, names, questions), *ALWAYS),
        problems=kept.problems(),
        stopped=stop,
    )


def _tested(case: Case, told: Ends | None) -> tuple[dict[str, list[TestResult]], list[Dose]]:
    """All results by the model's name, held over their families, and how the students came out on what the suspect answered."""
    outcomes = {m.name: list(_outcomes(_until(case, told, m), m)) for m in case.models(*TESTED)}
    found = {name: adjusted([o.result for o in mine], case.plan) for name, mine in outcomes.items()}
    for student in case.models("positive"):
        limited = _limited(case, told, student)
        if limited is not case:
            outcomes[student.name] = list(_outcomes(limited, student))
    return found, list(_doses(case, outcomes))


def _questions(case: Case, told: Ends | None, tried: Plan, model: Endpoint) -> list[Request]:
    """What a model was to be asked in both rounds, as far as the run went."""
    first = asked_until(case.plan, case.probes, model, look_for(told, model))
    return [*first, *scored(tried, case.probes, model, case.find)]


def _until(case: Case, told: Ends | None, model: Endpoint) -> Case:
    """The case as far as this model was asked."""
    return case if told is None else replace(case, until=told[model.name])


def _limited(case: Case, told: Ends | None, student: Endpoint) -> Case:
    """The case as far as the suspect answered, for a student that may have been asked less."""
    if told is None:
        return case.as_far_as_the_suspect_answered()
    limited = _until(case, told, case.suspect).as_far_as_the_suspect_answered()
    return replace(limited, until=min(told[case.suspect.name], told[student.name]))


def _outcomes(case: Case, subject: Endpoint) -> Iterator[Outcome]:
    """Every test that the answers allow; what is not in the plan is shown, and confirms nothing. A run that ended early made those that end it, and T0."""
    is_made = {*SINGLE, *KEYED} if case.until is None else set(made(case.plan))
    for test, run in SINGLE.items():
        if test in is_made and (test != "T0" or subject.role in {"suspect", "positive"}):
            yield from _marked(case, test, run(case, subject))
    for account_set in case.tools.keys:
        if "T3" in is_made:
            yield from _marked(case, "T3", radioactive(case, subject, account_set))
        if "T4" in is_made:
            yield from _marked(case, "T4", canaries(case, subject, account_set))


def _marked(case: Case, test: str, outcome: Outcome | None) -> Iterator[Outcome]:
    if outcome is not None:
        yield replace(outcome, result=replace(outcome.result, is_confirmatory=test in case.plan.tests))


def _doses(case: Case, outcomes: Mapping[str, Sequence[Outcome]]) -> Iterator[Dose]:
    """How each positive control came out on what the suspect answered, with the power of as many probes drawn again, at the level that Holm may ask for."""
    served = {told.account_set for told in case.plan.commitments if told.is_served}
    for model in sorted(case.models("positive"), key=lambda m: m.dose or 0):
        for outcome in outcomes[model.name]:
            result = outcome.result
            if result.account_set and result.account_set not in served:
                continue
            yield {
                "model": model.name,
                "dose": model.dose or 0,
                "test": result.test,
                "account_set": result.account_set,
                "p_value": result.p_value,
                "power": outcome.power(
                    case.plan.level / family_size(case.plan, result.test, result.account_set),
                    case.plan.resamples,
                    case.plan.random_seed,
                ),
            }


def _powered(result: TestResult, doses: Sequence[Dose]) -> TestResult:
    """T0: the least power over students; others: that for the student with the largest dose."""
    same = [d for d in doses if d["test"] == result.test and d["account_set"] == result.account_set]
    if not same:
        return result
    if result.test == "T0":
        return replace(result, power=min(float(d["power"]) for d in same))
    return replace(result, power=float(max(same, key=lambda d: float(d["dose"]))["power"]))


def power_reached(doses: Sequence[Dose], level: float) -> str:
    """What this assay would have found, test by test and set by set: the least dose from which on every student is found well."""
    told = []
    for test, account_set in sorted({(str(d["test"]), str(d["account_set"])) for d in doses} - {("T0", "")}):
        rows = [d for d in doses if (d["test"], d["account_set"]) == (test, account_set)]
        rows.sort(key=lambda d: -float(d["dose"]))
        enough = list(takewhile(lambda d: float(d["power"]) >= FOUND_POWER, rows))
        name = f"{test} with the key of {account_set}" if account_set else test
        if enough:
            told.append(
                f"{name} finds a student of dose {enough[-1]['dose']} with power {float(enough[-1]['power']):.2f}"
            )
        else:
            told.append(
                f"{name} finds none well: power {float(rows[0]['power']):.2f} at dose {rows[0]['dose']}"
            )
    return f"Power at {level:g}, held over each family: " + ("; ".join(told) or "not measured")


def _ended(plan: Plan, stop: Stopped | None) -> Iterator[str]:
    """Whether a run that may end early did, and what that leaves open."""
    if plan.stopping is None:
        return
    tests = " and ".join(plan.stopping.tests)
    yield f"The plan lets {tests} end the run after any of {plan.stopping.looks} looks: the e-process decides, and not the p-value for a number that was fixed beforehand."
    if stop is None:
        yield "No look ended it; all that was planned was to be asked."
        return
    left = [test for test in plan.tests if test not in made(plan)]
    if left:
        yield f"{', '.join(left)} were planned and not made: the run ended before."
    if len(served(plan)) > 1:
        yield f"The run ended with the first account set that was found, {stop.account_set}; the others were not looked at to the end."


def _limits(
    tried: Plan,
    kept: Transcripts,
    results: Sequence[TestResult],
    names: Mapping[str, Mapping[str, int]],
    questions: Mapping[str, Sequence[Request]],
) -> Iterator[str]:
    for one in results:
        if one.test == "T0" and not is_whole(one):
            yield f"T0 was made from {one.beside[ANSWERED]:.0%} of its samples; fewer than {PROXY_ANSWERED:.0%} call nobody a proxy."
    planned: set[TestId] = set(tried.tests)
    for test in sorted(planned - {r.test for r in results}):
        yield f"{test} was planned, and could not be made from what was answered."
    for endpoint in tried.endpoints:
        requests = questions[endpoint.name]
        missing = sum(kept.answer(endpoint, request) is None for request in requests)
        if missing:
            yield f"{endpoint.name}: {missing:,} of {len(requests):,} questions have no answer; the tests leave them out."
        if len(names[endpoint.name]) > 1:
            yield f"{endpoint.name} answered under {len(names[endpoint.name])} names of models: it may have changed half-way, and all tests of it with it."
