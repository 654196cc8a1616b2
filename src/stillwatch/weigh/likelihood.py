"""Likelihoods of weighing, compiled: Poisson tails, and beta-binomial models of shares of requests."""

from __future__ import annotations

from math import lgamma, log
from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LOG2 = log(2.0)
LOOSEST, TIGHTEST = 0.3, 8.0


class Shares(NamedTuple):
    """How the traits of each run are shared: beta distributions of the members' and of the outsiders' shares of requests.

    One number for each run of carriers. `weight` is the members' in all; `inside` and `outside` are means.
    """

    weight: Floats
    inside: Floats
    concentration: Floats
    outside: Floats
    outer_concentration: Floats


class Start(NamedTuple):
    """A number x and what its gamma function is made of: Stirling's power and tail at x + 8, and x (x + 1) ... (x + 7)."""

    x: float
    power: float
    tail: float
    product: float


@nb.njit(cache=True, nogil=True)
def log_tail(count: float, rate: float) -> float:
    """Natural log of the chance that a Poisson variable of this rate reaches `count`, for count above rate."""
    if count <= rate:
        return 0.0
    term, total, step = 1.0, 1.0, count + 1.0
    while term > 1e-12 * total:
        term *= rate / step
        total += term
        step += 1.0
    return count * log(rate) - rate - lgamma(count + 1.0) + log(total)


@nb.njit(cache=True, nogil=True)
def moments(share: Floats, weight: Floats, total: float, prior: float) -> tuple[float, float]:
    """Mean and concentration of a beta distribution of shares by moments, with `prior` of an observation.

    Carriers of weight 0 do not count; what is left of the `total` weight has share 0.
    """
    first, heavy = 0.0, 0.0
    for i in range(len(share)):
        first += share[i] * weight[i]
        heavy += weight[i]
    mean = (first + prior) / (total + 2 * prior)
    squares = mean**2 * max(0.0, total - heavy)
    for i in range(len(share)):
        squares += (share[i] - mean) ** 2 * weight[i]
    concentration = mean * (1 - mean) / max(squares / max(total, 1e-9), 1e-9) - 1
    return mean, min(max(concentration, LOOSEST), TIGHTEST)


@nb.njit(cache=True, nogil=True)
def stirling(y: float) -> float:
    """The tail of Stirling's series for the log of the gamma function, to 1e-11 from y = 8 on."""
    z = 1.0 / (y * y)
    return (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z / 1680.0))) / y


@nb.njit(cache=True, nogil=True)
def at_rest(x: float) -> Start:
    """What `rising` needs of x > 0, once for many k."""
    z, product = x + 8.0, 1.0
    for i in range(8):
        product *= x + i
    return Start(x, (z - 0.5) * log(z), stirling(z), product)


@nb.njit(cache=True, nogil=True)
def smooth_part(start: Start, k: float) -> tuple[float, float]:
    """`rising` in two parts: all but its last logarithm, and what that is of."""
    y, product = start.x + k + 8.0, 1.0
    for i in range(8):
        product *= start.x + k + i
    return (y - 0.5) * log(y) - start.power - k + stirling(y) - start.tail, start.product / product


@nb.njit(cache=True, nogil=True)
def rising(start: Start, k: float) -> float:
    """Natural log of gamma(x + k) / gamma(x) for k >= 0: two of `log_gamma` with one logarithm between them."""
    smooth, factor = smooth_part(start, k)
    return smooth + log(factor)


@nb.njit(cache=True, nogil=True)
def likelihood_ratio(
    k: float, n: float, alpha: Start, beta: Start, outer_alpha: Start, outer_beta: Start
) -> float:
    """Log likelihood of k of n requests under Beta(alpha, beta) less that under the outer two, with five logarithms.

    It leaves out what depends on n and alpha + beta alone (`spread`).
    """
    ratio, product = 0.0, 1.0
    if k > 0.0:
        (mine, factor), (other, divisor) = smooth_part(alpha, k), smooth_part(outer_alpha, k)
        ratio, product = mine - other, factor / divisor
    if k < n:
        (mine, factor), (other, divisor) = smooth_part(beta, n - k), smooth_part(outer_beta, n - k)
        ratio, product = ratio + mine - other, product * factor / divisor
    return ratio + log(product)


@nb.njit(cache=True, nogil=True)
def spread(most: int, concentration: float) -> Floats:
    """What log likelihoods of 0 to `most` requests have in common under one concentration."""
    common, start = np.empty(most + 1), at_rest(concentration)
    for n in range(most + 1):
        common[n] = -rising(start, float(n))
    return common


@nb.njit(cache=True, nogil=True)
def parameters(model: Shares, run: int) -> tuple[Start, Start, Start, Start]:
    """The two beta distributions of a run: alpha and beta of members, alpha and beta of outsiders."""
    inner, outer = min(max(model.inside[run], 1e-4), 1 - 1e-4), min(max(model.outside[run], 1e-7), 0.999)
    width, outer_width = model.concentration[run], model.outer_concentration[run]
    alpha, outer_alpha = at_rest(inner * width), at_rest(outer * outer_width)
    return alpha, at_rest((1 - inner) * width), outer_alpha, at_rest((1 - outer) * outer_width)


@nb.njit(cache=True, nogil=True)
def most_bits(model: Shares, run: int, most: int) -> float:
    """What a run can say for somebody with up to so many requests, to half a bit."""
    found = 0.0
    alpha, beta, outer_alpha, outer_beta = parameters(model, run)
    together, outer_together = at_rest(alpha.x + beta.x), at_rest(outer_alpha.x + outer_beta.x)
    for n in (1, 2, 4, 8, most):
        common = rising(outer_together, float(n)) - rising(together, float(n))
        for k in range(n + 1):
            bits = common + likelihood_ratio(k, n, alpha, beta, outer_alpha, outer_beta)
            found = max(found, bits / LOG2 + 0.5)
    return found


@nb.njit(cache=True, nogil=True)
def loudest(model: Shares, kind: npt.NDArray[np.int64], kinds: int, most: int, at_most: float) -> Floats:
    """What each of so many kinds of witness can say for somebody, by the loudest of its runs; `kind` is each run's."""
    found = np.zeros(kinds)
    for run in range(len(kind)):
        if found[kind[run]] < at_most:
            found[kind[run]] = max(found[kind[run]], min(at_most, most_bits(model, run, most)))
    return found
