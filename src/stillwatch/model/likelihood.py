"""Words of likelihood after ICD 203, and the values that STIX gives the same bands."""

from __future__ import annotations

import math
from collections.abc import Sequence

BANDS: Sequence[tuple[float, str, int]] = (
    (0.05, "almost no chance", 5),
    (0.20, "very unlikely", 15),
    (0.45, "unlikely", 30),
    (0.55, "roughly an even chance", 50),
    (0.80, "likely", 70),
    (0.95, "very likely", 85),
)
"""Upper ends of the ICD 203 bands, their words, and the confidence of STIX 2.1 (appendix A) for each."""
SUREST = ("almost certain", 95)


def likelihood_word(probability: float | None) -> str:
    """The ICD 203 word for a probability."""
    if probability is None or not math.isfinite(probability):
        return "not computed"
    return next((word for upper, word, _ in BANDS if probability < upper), SUREST[0])


def stix_confidence(probability: float) -> int:
    """The confidence of STIX for a probability: the value of its band."""
    return next((value for upper, _, value in BANDS if probability < upper), SUREST[1])
