"""What was measured, in a sentence, and that it counts otherwise than by its value alone."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.judge.measured import BESIDE, LOWERED, sentence
from stillwatch.judge.purpose import FEATURES

BY_NAME = {feature.signal: feature for feature in FEATURES}


@pytest.mark.parametrize(
    ("name", "value", "bits", "said"),
    [
        ("pool_size", 6.3, 1.5, LOWERED),
        ("churn", 0.04, 3.0, BESIDE.format(side="for")),
        ("idle_frame", 0.9, -1.8, BESIDE.format(side="for")),
        ("fresh_prompts", 0.45, -3.6, BESIDE.format(side="against")),
    ],
)
def test_what_counts_otherwise_is_said(name: str, value: float, bits: float, said: str) -> None:
    feature = BY_NAME[name]
    alone = sentence(feature, value, {})
    assert sentence(feature, value, {}, bits=bits) == alone + said
    assert sentence(feature, value, {}, bits=float(feature.bits(np.array(value)))) == alone
