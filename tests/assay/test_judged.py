"""Which word results come to, from results that are made by hand."""

from __future__ import annotations

import pytest

from stillwatch.assay.verdict import controls, judged
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
