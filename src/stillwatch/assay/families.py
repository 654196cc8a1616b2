"""Which hypotheses are held together: Holm inside an account set, and again over sets; T1 and T2 by themselves, and T6 by itself.

A family is what the plan says, and not what was handed in: a planned test that could not be made, for want of a key or of answers, counts with p = 1. Otherwise
who leaves a key out would make the other p-values smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stillwatch.assay.several import holm
from stillwatch.model.assay import Commitment, Plan, TestId, TestResult

KEYED, UNKEYED = frozenset[TestId]({"T3", "T4"}), frozenset[TestId]({"T1", "T2"})


def served(plan: Plan) -> list[Commitment]:
    """The account sets that a plan holds hypotheses of."""
    return [told for told in plan.commitments if told.is_served and planned(told, plan)]


def planned(told: Commitment, plan: Plan) -> frozenset[TestId]:
    """The keyed tests that a plan holds of an account set: those whose key it binds; both, if it binds none."""
    of_keys = {test for test, key in (("T3", told.watermark), ("T4", told.canary)) if key}
    return frozenset(test for test in KEYED & set(plan.tests) if test in of_keys or not of_keys)


def family_size(plan: Plan, test: str, account_set: str) -> int:
    """Among how many hypotheses this one stands, if all of them are to be rejected: its p-value times that is what meets the level."""
    if test in UNKEYED:
        return max(len(UNKEYED & set(plan.tests)), 1)
    told = next((one for one in served(plan) if one.account_set == account_set), None)
    return len(planned(told, plan)) * len(served(plan)) if told is not None and test in KEYED else 1


def adjusted(results: Sequence[TestResult], plan: Plan) -> list[TestResult]:
    """Confirmatory results of one model with p-values that hold their family; the others as they are."""
    mine = [r for r in results if r.is_confirmatory]
    inside = _held([r for r in mine if r.test in UNKEYED], len(UNKEYED & set(plan.tests)))
    least = {}
    for told in served(plan):
        group = [r for r in mine if r.test in KEYED and r.account_set == told.account_set]
        held = _held(group, len(planned(told, plan)))
        inside |= held
        least[told.account_set] = min(held.values(), default=1.0)
    over = dict(zip(least, holm(list(least.values())), strict=True))
    return [
        replace(r, adjusted_p=max(inside[id(r)], over.get(r.account_set, 0.0))) if id(r) in inside else r
        for r in results
    ]


def _held(group: Sequence[TestResult], size: int) -> dict[int, float]:
    """Holm over a family of a size that the plan fixed; who is missing stands there with p = 1."""
    missing = [1.0] * (size - len(group))
    return dict(zip(map(id, group), holm([*(r.p_value for r in group), *missing]), strict=False))


def of_items(results: Sequence[TestResult]) -> list[TestResult]:
    """T6: all rows are one family of differences, and one of equivalences."""
    same = holm([r.beside["p_equivalence"] for r in results])
    return [
        replace(r, adjusted_p=p, beside={**r.beside, "adjusted_p_equivalence": q})
        for r, p, q in zip(results, holm([r.p_value for r in results]), same, strict=True)
    ]
