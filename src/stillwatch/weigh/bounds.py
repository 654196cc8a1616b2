"""What a run of traits can say for somebody at most, compiled: most of those who carry two witnesses are far from joining.

The log likelihood ratio of k of n requests is a part that hangs on n, a part that hangs on k and a part that hangs on n - k.
Either of the last two only rises or only falls, by which model begins with more: so a table of half requests bounds it.
"""

from __future__ import annotations

from math import ceil, floor, log

import numba as nb
import numpy as np

from stillwatch.weigh.likelihood import LOG2, Shares, Start, parameters, smooth_part, spread
from stillwatch.weigh.table import Floats, Integers

STEPS = 2
"""Places of a table for each request."""
ROUNDING = 1e-6
"""Bits that bounds, and what they bound, may be wrong by."""


@nb.njit(cache=True, nogil=True)
def steps(mine: Start, other: Start, most: int) -> Floats:
    """How much more the gamma function has risen from one start than from another after each step, as logarithms."""
    found = np.empty(most * STEPS + 1)
    for i in range(len(found)):
        (smooth, factor), (less, divisor) = smooth_part(mine, i / STEPS), smooth_part(other, i / STEPS)
        found[i] = smooth - less + log(factor / divisor)
    return found


@nb.njit(cache=True, nogil=True)
def most_said(support: Integers, model: Shares, run: int, share: Floats, most: int) -> Floats:
    """Bits that are at least what the run says of outsiders with so many requests, of whom `share` carry its traits."""
    mine, outer = parameters(model, run)
    common = spread(most, model.concentration[run]) - spread(most, model.outer_concentration[run])
    carried, left = steps(mine[0], outer[0], most), steps(mine[1], outer[1], most)
    more_rise, less_rise = mine[0].x > outer[0].x, mine[1].x > outer[1].x
    bits = np.empty(len(share))
    for r in range(len(share)):
        n = min(support[r], most)
        k = STEPS * share[r] * n
        rest = STEPS * n - k
        at = ceil(k) if more_rise else floor(k)
        beside = ceil(rest) if less_rise else floor(rest)
        bits[r] = (common[n] + carried[at] + left[beside]) / LOG2
    return bits
