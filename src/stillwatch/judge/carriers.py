"""Which parties of a pool carry a tenant, and which show its texts by accident only.

Parties carry a tenant in very different shares, from one request in a hundred to most of them, and others show a few of
its texts too: both are counts that vary more than chance. A mixture of two negative binomials tells them apart.

Source: Dempster, Laird and Rubin (1977) for the mixture; negative binomials as gamma-mixed Poisson counts (Greenwood and
Yule, 1920).
"""

from __future__ import annotations

from math import lgamma

import numpy as np

from stillwatch.weigh.holding import Floats, Mask

ROUNDS = 20
UNEVEN, NOISY = 1.0, 2.0
"""Shapes of what a carrier and what anybody else shows: carriers differ most."""
LEAST_ROWS = 3.0
"""Requests that a carrier must show; one or two are an accident."""


def carriers(carried: Floats, asked: Floats, noise_at_most: float) -> Mask:
    """Which parties carry the tenant: a mixture of two negative binomials, by expectation maximisation.

    `carried` of the `asked` requests of each party are in the tenant's frames. Others show that part of a carrier's share
    of requests at most: where all carry, there is nobody else to learn it from.
    """
    total = float(carried.sum())
    if not total:
        return np.zeros(len(asked), np.bool_)
    uneven, noisy = (_log_rising(carried, shape) for shape in (UNEVEN, NOISY))
    share, noise, part = total / float(asked.sum()), 0.1 * total / float(asked.sum()), 0.5
    for _ in range(ROUNDS):
        odds = (
            np.log(part / (1 - part))
            + uneven
            + _log_chance(carried, share * asked, UNEVEN)
            - noisy
            - _log_chance(carried, noise * asked, NOISY)
        )
        mine = 1.0 / (1.0 + np.exp(-np.clip(odds, -40, 40)))
        share = (float(np.sum(mine * carried)) + 0.5) / (float(np.sum(mine * asked)) + 1.0)
        others = float(np.sum((1 - mine) * carried)) + 0.1
        noise = min(noise_at_most * share, others / (float(np.sum((1 - mine) * asked)) + 100.0))
        part = float(np.clip(mine.mean(), 0.05, 0.95))
    carrier: Mask = (mine >= 0.5) & (carried >= LEAST_ROWS) & (carried >= noise * asked)
    return carrier


def _log_rising(count: Floats, shape: float) -> Floats:
    """Log of gamma(count + shape) / gamma(shape), which a negative binomial's chance of a count holds for any mean."""
    return np.array([lgamma(one + shape) for one in count.tolist()]) - lgamma(shape)


def _log_chance(count: Floats, mean: Floats, shape: float) -> Floats:
    """Log of a negative binomial's chance of a count, less `_log_rising` and what depends on the count alone."""
    mean = np.maximum(mean, 1e-9)
    result: Floats = shape * np.log(shape / (shape + mean)) + count * np.log(mean / (shape + mean))
    return result
