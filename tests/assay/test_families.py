"""Families are those of the plan, whatever was handed in when the report was made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillwatch.assay.families import adjusted, family_size, of_items
from tests.assay.made import bound, plan_of, says

SETS = (bound("A"), bound("B"))
KEYED = plan_of("T3", "T4", sets=SETS)


def test_leaving_keys_out_makes_no_p_value_smaller() -> None:
    full = [says("T3", 0.5, "A"), says("T4", 0.004, "A"), says("T3", 0.6, "B"), says("T4", 0.7, "B")]
    whole = adjusted(full, KEYED)[1].adjusted_p
    assert whole == pytest.approx(0.016)
    assert adjusted([full[1]], KEYED)[0].adjusted_p == whole


def test_a_planned_test_that_could_not_be_made_counts_beside_its_sister() -> None:
    assert adjusted([says("T1", 0.004)], plan_of("T1", "T2"))[0].adjusted_p == pytest.approx(0.008)


def test_a_set_whose_canary_alone_is_bound_holds_one_hypothesis() -> None:
    plan = plan_of("T3", "T4", sets=(replace(bound("A"), watermark=""), bound("B")))
    (found,) = adjusted([says("T4", 0.004, "A")], plan)
    assert found.adjusted_p == pytest.approx(0.008)


def test_a_p_value_that_just_meets_its_share_of_the_level_is_rejected_and_power_counts_there() -> None:
    for test, account_set in (("T1", ""), ("T2", ""), ("T3", "A"), ("T4", "B")):
        plan = plan_of("T1", "T2", "T3", "T4", sets=SETS)
        p = plan.level / family_size(plan, test, account_set)
        (found,) = adjusted([says(test, p, account_set)], plan)
        assert found.adjusted_p == pytest.approx(plan.level)


def test_what_the_suspect_gained_and_lost_is_one_family_however_many_rows() -> None:
    rng = np.random.default_rng(1)
    calls, rows = [], 10
    for _ in range(2000):
        told = [says("T6", p, beside={"p_equivalence": q}) for p, q in rng.random((rows, 2))]
        found = of_items(told)
        calls.append(
            (min(f.adjusted_p for f in found), min(f.beside["adjusted_p_equivalence"] for f in found))
        )
    assert max(np.mean(np.array(calls) <= 0.05, axis=0)) < 0.07
