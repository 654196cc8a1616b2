"""What a run of traits can say for somebody at most, compiled: most of those who carry two witnesses are far from joining.

The log likelihood ratio of k of n requests is a part that hangs on n, a part that hangs on k and a part that hangs on n - k.
Either of the last two only rises or only falls, by which model begins with more: so a table of half requests bounds it.
"""

from __future__ import annotations

from math import ceil, floor, log
from typing import NamedTuple

import numba as nb
import numpy as np

from stillwatch.weigh.likelihood import LOG2, Shares, Start, parameters, smooth_part, spread
from stillwatch.weigh.table import Floats, Int32s, Integers

STEPS = 2
"""Places of a table for each request."""
ROUNDING = 1e-6
"""Bits that bounds, and what they bound, may be wrong by."""


class Bounds(NamedTuple):
    """What one run's bits are made of: by n, by twice the requests that carry it, and by twice those that do not.

    Of the last two, whether they rise from step to step, or else fall.
    """

    common: Floats
    with_it: Floats
    without: Floats
    is_with_rising: bool
    is_without_rising: bool


@nb.njit(cache=True, nogil=True)
def steps(mine: Start, other: Start, most: int) -> Floats:
    """How much more the gamma function has risen from one start than from another after each step, as logarithms."""
    found = np.empty(most * STEPS + 1)
    for i in range(len(found)):
        (smooth, factor), (less, divisor) = smooth_part(mine, i / STEPS), smooth_part(other, i / STEPS)
        found[i] = smooth - less + log(factor / divisor)
    return found


@nb.njit(cache=True, nogil=True)
def bounds_of(model: Shares, run: int, most: int) -> Bounds:
    """The bounds of a run, for up to so many requests."""
    mine, outer = parameters(model, run)
    return Bounds(
        spread(most, model.concentration[run]) - spread(most, model.outer_concentration[run]),
        steps(mine[0], outer[0], most),
        steps(mine[1], outer[1], most),
        mine[0].x > outer[0].x,
        mine[1].x > outer[1].x,
    )


@nb.njit(cache=True, nogil=True)
def most_said(bounds: Bounds, support: Int32s, who: Integers, share: Floats) -> Floats:
    """Bits that are at least what a run says of outsiders, of whose requests `share` carries its traits."""
    most, bits = len(bounds.common) - 1, np.empty(len(who))
    for r in range(len(who)):
        n = min(support[who[r]], most)
        with_it = STEPS * share[r] * n
        without = STEPS * n - with_it
        up = ceil(with_it) if bounds.is_with_rising else floor(with_it)
        down = ceil(without) if bounds.is_without_rising else floor(without)
        bits[r] = (bounds.common[n] + bounds.with_it[up] + bounds.without[down]) / LOG2
    return bits
