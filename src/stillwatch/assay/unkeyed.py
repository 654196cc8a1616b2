"""The tests that need no key, from the answers that were kept: T0, T1, T2, T5 and T6."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from stillwatch.assay.agreement import agrees, first_word
from stillwatch.assay.case import Case, Outcome
from stillwatch.assay.deltas import delta
from stillwatch.assay.equality import kernels, tested
from stillwatch.assay.likelihood import likelier, ratio
from stillwatch.assay.models import Floats, Mask, beyond, predicted
from stillwatch.assay.panel.answers import is_right
from stillwatch.assay.queries import can_score, drawn, first_words, item, scoring, writing
from stillwatch.assay.radioactivity import Ints
from stillwatch.assay.served import served
from stillwatch.model.assay import ANSWERED, NULL_HYPOTHESES, Endpoint, Kind, Probe, TestId, TestResult

PERMUTATIONS, PERMUTATIONS_AGAIN = 999, 99
FEWEST_NEAR = 5
ASKED: Mapping[TestId, Kind] = {"T1": "agreement", "T2": "free"}
"""The probes that each of the tests asks whose unit is the model."""
Told = Callable[[Case, Sequence[Endpoint]], list[Mask]]
"""Of each model, on which prompts something holds of its answer; nothing if there is no prompt that all answered."""
BEYOND_NEAR = "p_beyond_twins_and_siblings"
"""Under this name T1 and T2 tell how rare the suspect would be among twins and among siblings, with the model as the unit."""


def equal(case: Case, subject: Endpoint) -> Outcome | None:
    """T0: the answers of subject and teacher to the same prompts."""
    answers = [
        [[c.text for r in drawn(probe, case.plan.samples, case.plan.most_tokens) if (c := case.find(model, r))] for probe in case.of_kind("equality")]
        for model in (subject, case.teacher)
    ]  # fmt: skip
    both = [
        (ours, theirs) for ours, theirs in zip(*answers, strict=True) if len(ours) > 1 and len(theirs) > 1
    ]
    if not both:
        return None
    planned = max(len(answers[0]) * case.plan.samples, 1)
    answered = min(sum(map(len, told)) for told in answers) / planned
    tables, counts = kernels([b[0] for b in both], [b[1] for b in both]), [len(b[0]) for b in both]

    def run(units: Ints, permutations: int) -> TestResult:
        rng = np.random.default_rng(case.plan.random_seed)
        found = tested(
            [tables[i] for i in units], [counts[i] for i in units], permutations=permutations, rng=rng
        )
        return _result(
            "T0",
            subject,
            len(units),
            found.distance,
            (found.p_value, found.floor),
            beside={ANSWERED: answered},
        )

    return Outcome(
        run(np.arange(len(both)), PERMUTATIONS),
        len(both),
        lambda units: run(units, PERMUTATIONS_AGAIN).p_value,
    )


def agreeing(case: Case, subject: Endpoint) -> Outcome | None:
    """T1: first words of the subject and of independent models, against the teacher's."""
    return _compared("T1", case, subject, case.models("reference", "null"), _agreements)


def likely(case: Case, subject: Endpoint) -> Outcome | None:
    """T2: likelihood ratios of the texts of the subject and of the null models."""
    return _compared("T2", case, subject, case.models("null"), _likelier)


def _compared(
    test: TestId, case: Case, subject: Endpoint, models: Sequence[Endpoint], told: Told
) -> Outcome | None:
    """How often something holds of the subject, among other models."""
    others = [model for model in models if model.name != subject.name]
    masks = told(case, [subject, *others])
    if not masks or not others:
        return None
    ours, *theirs = masks
    found = beyond(ours, theirs)
    beside = {
        "p_worst_reference": found.p_worst,
        "p_rank": found.p_rank,
        "rank_floor": 1 / (found.models + 1),
        **_beyond_near(case, subject, told),
        ANSWERED: len(ours) / len(case.of_kind(ASKED[test])),
    }
    result = _result(
        test, subject, len(ours), found.share, (found.p_model, 0.0), models=found.models, beside=beside
    )
    return Outcome(result, len(ours), _another(case, ours, theirs))


def _agreements(case: Case, models: Sequence[Endpoint]) -> list[Mask]:
    """Where each of the models begins as the teacher does, on the prompts that all of them answered."""
    words = _words(case, models)
    teacher = words.pop(case.teacher.name)
    return [agrees(said, teacher) for said in words.values()] if teacher else []


def _words(case: Case, models: Sequence[Endpoint]) -> dict[str, list[str]]:
    """First words on the prompts that all of them and the teacher answered."""
    every = [*models, case.teacher]
    rows = []
    for probe in case.of_kind("agreement"):
        found = [case.find(model, first_words(probe)) for model in every]
        if all(found):
            rows.append([first_word(c.text) if c else "" for c in found])
    return {model.name: [row[at] for row in rows] for at, model in enumerate(every)}


def _another(case: Case, ours: Mask, theirs: Sequence[Mask]) -> Callable[[Ints], float]:
    """The test of another student like this one, on prompts drawn again: the model is the unit, so that it differs from this one as the others differ among themselves."""
    rng = np.random.default_rng(case.plan.random_seed)

    def again(units: Ints) -> float:
        others = [float(one[units].mean()) for one in theirs]
        spread = float(np.std(others, ddof=1)) if len(others) > 1 else 0.0
        return predicted(float(ours[units].mean()) + spread * float(rng.standard_normal()), others)

    return again


def _likelier(case: Case, models: Sequence[Endpoint]) -> list[Mask]:
    """Where the text of each of the models is likelier than most, on the prompts to which all of them wrote."""
    ratios = [_ratios(case, model) for model in models]
    common = sorted(set[str].intersection(*map(set, ratios)))
    return likelier([np.array([told[probe] for probe in common]) for told in ratios]) if common else []


def _ratios(case: Case, writer: Endpoint) -> Mapping[str, float]:
    """The ratio of each text that the teacher and all scoring references have scored, by probe."""
    scorers = [case.teacher, *(model for model in case.models("reference") if can_score(model))]
    if len(scorers) < 2 or not can_score(case.teacher):
        return {}
    found: dict[str, list[float]] = {}
    for probe in case.of_kind("free"):
        text = case.find(writer, writing(probe, case.plan))
        if text is not None and text.text:
            scores = [_score(case, scorer, probe, text.text) for scorer in scorers]
            if None not in scores:
                found[probe.probe_id] = [
                    *(s for s in scores if s is not None),
                    float(len(text.text.encode())),
                ]
    table = np.array(list(found.values())).reshape(-1, len(scorers) + 1)
    made: Floats = ratio(table[:, 0], list(table[:, 1:-1].T), table[:, -1])
    return dict(zip(found, map(float, made), strict=True))


def _score(case: Case, scorer: Endpoint, probe: Probe, text: str) -> float | None:
    told = case.find(scorer, scoring(probe, text))
    return None if told is None or told.logprobs is None else sum(told.logprobs)


def from_logs(case: Case, subject: Endpoint) -> Outcome | None:
    """T5: how far the subject is from each student of the flagged logs, and of other logs."""
    with_logs, without = case.models("with_logs"), case.models("without_logs")
    if not with_logs or not without:
        return None
    rows = []
    for probe in case.of_kind("agreement"):
        found = [case.find(model, first_words(probe)) for model in (subject, *with_logs, *without)]
        if all(found):
            said = [first_word(c.text) if c else "" for c in found]
            rows.append([word != said[0] for word in said[1:]])
    if not rows:
        return None
    table = np.array(rows, np.float64)

    def run(units: Ints) -> TestResult:
        far = table[units].mean(axis=0)
        found = served(far[: len(with_logs)].tolist(), far[len(with_logs) :].tolist())
        return _result(
            "T5", subject, len(units), found.nearer, (found.p_value, found.floor), models=found.students
        )

    return Outcome(run(np.arange(len(table))), len(table), lambda units: run(units).p_value)


def deltas(case: Case, subject: Endpoint) -> Iterator[TestResult]:
    """T6: right answers of the subject against the teacher and each reference, group by group."""
    groups = sorted({probe.group for probe in case.of_kind("item")})
    for group in groups:
        probes = [probe for probe in case.of_kind("item") if probe.group == group]
        for other in case.models("teacher", "reference"):
            pairs = [(case.find(subject, item(p)), case.find(other, item(p)), p.expected) for p in probes]
            told = [(is_right(a.text, e), is_right(b.text, e)) for a, b, e in pairs if a and b]
            if told:
                ours, theirs = np.array(told, np.bool_).T
                found = delta(ours, theirs, margin=case.plan.margin)
                beside = {k: v for k, v in asdict(found).items() if k in {"low", "high", "p_equivalence"}}
                name = f"{subject.name} - {other.name}" + (f", {group}" if group else "")
                yield TestResult(
                    test="T6", subject=name, n=found.items, statistic=found.difference, p_value=found.p_difference,
                    floor=0.0, null_hypothesis=NULL_HYPOTHESES["T6"], beside=beside,
                )  # fmt: skip


def _beyond_near(case: Case, subject: Endpoint, told: Told) -> dict[str, float]:
    """Whether the subject is beyond one more twin and one more sibling; nothing is told of fewer than five of either.

    Formula: the larger of two p-values, each P[t_{K-1} >= (x - mean) / (s sqrt(1 + 1/K))] over the K twins, and over the K siblings. Null hypothesis: the subject is one more twin, or
    one more sibling (union of both, so that the larger decides). Assumptions: the means of such models are about normal, and no other cause is as close. Source: Student's prediction
    interval, as in T1; intersection-union, Berger (1982).
    """
    kinds = [[m for m in case.models(role) if m.name != subject.name] for role in ("twin", "sibling")]
    found = [told(case, [subject, *near]) if len(near) >= FEWEST_NEAR else [] for near in kinds]
    if not all(found):
        return {}
    return {BEYOND_NEAR: max(beyond(ours, theirs).p_model for ours, *theirs in found)}


def _result(
    test: TestId,
    subject: Endpoint,
    n: int,
    statistic: float,
    p: tuple[float, float],
    *,
    models: int = 0,
    beside: Mapping[str, float] | None = None,
) -> TestResult:
    return TestResult(
        test=test,
        subject=subject.name,
        n=n,
        statistic=statistic,
        p_value=p[0],
        floor=p[1],
        null_hypothesis=NULL_HYPOTHESES[test],
        models=models,
        beside=beside or {},
    )
