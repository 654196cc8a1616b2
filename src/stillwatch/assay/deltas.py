"""T6, deltas: what the suspect gained and lost against another model on the same items.

Formula: with b items that only the suspect has right and c that only the other has, d = (b - c) / n. Difference: exact two-sided McNemar, 2 P[Bin(b + c, 1/2) >=
max(b, c)]. Interval: Newcombe's square-and-add interval for paired shares (his method 10). Equivalence within a margin: two one-sided score
tests, the larger p-value deciding.

Null hypothesis: for the difference, both are right on the same share of items; for equivalence, the shares differ by the margin or more.

Assumptions: items are independent; refusals on unsafe and on safe prompts are two sets of items, never one.

Source: McNemar (1947); Newcombe, Statistics in Medicine 17 (1998) 2635; Tango, Statistics in Medicine 17 (1998) 891; Schuirmann (1987).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from stillwatch.assay.models import Mask
from stillwatch.assay.tails import binomial, interval, normal


@dataclass(frozen=True)
class Delta:
    """The difference of two shares over the same items."""

    difference: float
    low: float
    high: float
    p_difference: float
    p_equivalence: float
    items: int


def delta(ours: Mask, theirs: Mask, *, margin: float = 0.05, level: float = 0.05) -> Delta:
    """Both questions about one set of items."""
    n = len(ours)
    both, neither = int((ours & theirs).sum()), int((~ours & ~theirs).sum())
    b, c = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    if n == 0:
        return Delta(0.0, -1.0, 1.0, 1.0, 1.0, 0)
    low, high = newcombe(both, b, c, neither, level=level)
    return Delta(
        difference=(b - c) / n,
        low=low,
        high=high,
        p_difference=min(1.0, 2 * binomial(max(b, c), b + c, 0.5)),
        p_equivalence=max(_score(b, c, n, -margin), _score(c, b, n, -margin)),
        items=n,
    )


def newcombe(both: int, b: int, c: int, neither: int, *, level: float = 0.05) -> tuple[float, float]:
    """The interval of the difference (b - c) / n."""
    n = both + b + c + neither
    first, second = (both + b) / n, (both + c) / n
    (low_1, high_1), (low_2, high_2) = interval(both + b, n, level), interval(both + c, n, level)
    phi = _correlation(both, b, c, neither)
    down_1, up_1, down_2, up_2 = first - low_1, high_1 - first, second - low_2, high_2 - second
    below = math.sqrt(max(down_1**2 - 2 * phi * down_1 * up_2 + up_2**2, 0.0))
    above = math.sqrt(max(up_1**2 - 2 * phi * up_1 * down_2 + down_2**2, 0.0))
    return max(first - second - below, -1.0), min(first - second + above, 1.0)


def _correlation(both: int, b: int, c: int, neither: int) -> float:
    """Phi, corrected for continuity where it is above 0 as Newcombe does."""
    n = both + b + c + neither
    product = (both + b) * (c + neither) * (both + c) * (b + neither)
    if product == 0:
        return 0.0
    cross = both * neither - b * c
    corrected = cross if cross < 0 else max(cross - n / 2, 0.0)
    return corrected / math.sqrt(product)


def _score(b: int, c: int, n: int, bound: float) -> float:
    """P[Z >= z] of Tango's score test that the difference is `bound` or less, against more."""
    linear = -(b + c) + bound * (2 * n - b + c)
    constant = -c * bound * (1 - bound)
    share = (math.sqrt(max(linear**2 - 8 * n * constant, 0.0)) - linear) / (4 * n)
    variance = n * (2 * share + bound * (1 - bound))
    if variance <= 0:
        return float((b - c) / n <= bound)
    return normal((b - c - n * bound) / math.sqrt(variance))
