"""Which word results come to, from results that are made by hand."""

from __future__ import annotations

import pytest

from stillwatch.assay.verdict import judged
from tests.assay.made import plan_of, says


@pytest.mark.parametrize(("answered", "word"), [(0.95, "our model behind a proxy"), (0.83, "no finding")])
def test_a_proxy_is_called_only_if_nine_tenths_of_the_samples_were_answered(
    answered: float, word: str
) -> None:
    equal = says("T0", 0.4, power=1.0, beside={"share_answered": answered})
    assert judged(plan_of("T0", "T1"), [equal], (), "").word == word
