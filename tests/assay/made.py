"""Reports of assays made by hand, with the words and figures that a test wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stillwatch.model.assay import AssayReport, Commitment, Control, Endpoint, Plan, TestId, TestResult, Word

SET = "UDC-2026-001"
NULL = "the suspect is independent of the canary key"
NAMES = ("positive", "own text", "twin", "sibling", "unserved keys")


def result(
    p_value: float, adjusted: float | None, *, account_set: str = SET, subject: str = "suspect"
) -> TestResult:
    return TestResult(
        test="T4", subject=subject, n=24, statistic=13, p_value=p_value, floor=1e-29, null_hypothesis=NULL,
        account_set=account_set, adjusted_p=adjusted, power=0.97, is_confirmatory=True, beside={"expected": 1.5},
    )  # fmt: skip


def report(
    word: Word = "trained on served text", *, account_set: str = SET, suspect: str = "suspect"
) -> AssayReport:
    """A report that fits together: found by its canaries, silent, or without a control."""
    is_found, is_void = word == "trained on served text", word == "uncalibrated"
    ours = result(3e-10 if is_found else 0.4, 6e-10 if is_found else 0.8, account_set=account_set)
    controls = [Control(name=n, is_there=True, is_right=True, told="as it must be") for n in NAMES]
    if is_void:
        controls[0] = Control(name="positive", is_there=False, is_right=None, told="no student was tested")
    return AssayReport(
        plan_seal="5ea1" * 16,
        transcript_digest="7a11" * 16,
        suspect=suspect,
        word=word,
        account_sets=(account_set,) if is_found else (),
        level=0.01,
        sentence="T4: p = 6e-10, n = 24." if is_found else "Power at 0.01: T4 finds a student of dose 72000 with power 0.97.",
        results=(replace(ours, subject=suspect), result(0.9, None, account_set="nobody", subject=suspect)),
        controls=tuple(controls),
        doses=({"model": "student", "dose": 72_000, "test": "T4", "account_set": account_set, "p_value": 1e-9, "power": 0.97},),
        limits=("An assay reports association with an error rate; it is no finding of wrongdoing.",),
        problems={},
    )  # fmt: skip


def says(test: TestId, p_value: float, account_set: str = "", **told: Any) -> TestResult:
    """What a planned test says of the suspect."""
    return TestResult(
        **{"test": test, "subject": "suspect", "n": 100, "statistic": 0.5, "p_value": p_value, "floor": 0.0, "null_hypothesis": "",
           "account_set": account_set, "is_confirmatory": True, **told}
    )  # fmt: skip


def bound(account_set: str, *, is_served: bool = True) -> Commitment:
    """Both keys of an account set, as a plan binds them."""
    return Commitment(account_set=account_set, watermark="w", canary="c", is_served=is_served)


def plan_of(*tests: TestId, sets: tuple[Commitment, ...] = (), models: tuple[Endpoint, ...] = ()) -> Plan:
    """A plan that is not sealed."""
    suspect = Endpoint(name="suspect", role="suspect", url="", model="s")
    return Plan(probes_digest="", endpoints=(suspect, *models), tests=tests, commitments=sets)
