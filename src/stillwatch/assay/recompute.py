"""The report of an assay, made from its plan, its probes and its transcripts, and from nothing else: the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from stillwatch.assay.case import Case, Outcome
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.families import adjusted, family_size, of_items
from stillwatch.assay.keyed import canaries, radioactive
from stillwatch.assay.queries import asked
from stillwatch.assay.unkeyed import ANSWERED, agreeing, deltas, equal, from_logs, likely
from stillwatch.assay.verdict import FOUND_POWER, PROXY_ANSWERED, controls, is_whole, judged
from stillwatch.model.assay import TESTED, AssayReport, Endpoint, TestId, TestResult

Dose = Mapping[str, float | str]
SINGLE = {"T0": equal, "T1": agreeing, "T2": likely, "T5": from_logs}
ALWAYS = (
    "An assay reports association with an error rate; it is no finding of wrongdoing.",
    "Power was measured on students of this teacher of our own making; another recipe may leave less.",
)


def recomputed(case: Case, kept: Transcripts) -> AssayReport:
    """All tests of the suspect and of the controls in its place, and the verdict."""
    subjects = case.models(*TESTED)
    outcomes = {subject.name: list(_outcomes(case, subject)) for subject in subjects}
    found = {name: adjusted([o.result for o in told], case.plan) for name, told in outcomes.items()}
    limited = case.as_far_as_the_suspect_answered()
    if limited is not case:
        outcomes |= {m.name: list(_outcomes(limited, m)) for m in case.models("positive")}
    doses = list(_doses(limited, outcomes))
    suspect = [_powered(result, doses) for result in found[case.suspect.name]]
    if "T6" in case.plan.tests:
        suspect += of_items([replace(r, is_confirmatory=True) for r in deltas(case, case.suspect)])
    names = {e.name: kept.names(e, list(asked(case.plan, case.probes, e))) for e in case.plan.endpoints}
    checks = controls(case.plan, found, [name for name, told in names.items() if len(told) > 1])
    verdict = judged(case.plan, suspect, checks, _power_reached(doses, case.plan.level))
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
        limits=tuple(_limits(case, kept, suspect, names)),
        problems=kept.problems(),
    )


def _outcomes(case: Case, subject: Endpoint) -> Iterator[Outcome]:
    """Every test that the answers allow; what is not in the plan is shown, and confirms nothing."""
    for test, run in SINGLE.items():
        if test != "T0" or subject.role in {"suspect", "positive"}:
            yield from _marked(case, test, run(case, subject))
    for account_set in case.tools.keys:
        yield from _marked(case, "T3", radioactive(case, subject, account_set))
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


def _power_reached(doses: Sequence[Dose], level: float) -> str:
    """What this assay would have found, test by test."""
    told = []
    for test in ("T1", "T2", "T3", "T4"):
        rows = sorted((d for d in doses if d["test"] == test), key=lambda d: float(d["dose"]))
        enough = [d for d in rows if float(d["power"]) >= FOUND_POWER]
        if enough:
            told.append(
                f"{test} finds a student of dose {enough[0]['dose']} with power {float(enough[0]['power']):.2f}"
            )
        elif rows:
            told.append(
                f"{test} finds none well: power {float(rows[-1]['power']):.2f} at dose {rows[-1]['dose']}"
            )
    return f"Power at {level:g}, held over each family: " + ("; ".join(told) or "not measured")


def _limits(
    case: Case, kept: Transcripts, results: Sequence[TestResult], names: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    for one in results:
        if one.test == "T0" and not is_whole(one):
            yield f"T0 was made from {one.beside[ANSWERED]:.0%} of its samples; fewer than {PROXY_ANSWERED:.0%} call nobody a proxy."
    planned: set[TestId] = set(case.plan.tests)
    for test in sorted(planned - {r.test for r in results}):
        yield f"{test} was planned, and could not be made from what was answered."
    for endpoint in case.plan.endpoints:
        requests = list(asked(case.plan, case.probes, endpoint))
        missing = sum(kept.answer(endpoint, request) is None for request in requests)
        if missing:
            yield f"{endpoint.name}: {missing:,} of {len(requests):,} questions have no answer; the tests leave them out."
        if len(names[endpoint.name]) > 1:
            yield f"{endpoint.name} answered under {len(names[endpoint.name])} names of models: it may have changed half-way, and all tests of it with it."
    yield from ALWAYS
