"""Tails of the binomial, Student's t and the normal distribution, without scipy.

Both discrete and t tails are the regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz's method;
Press et al., Numerical Recipes, section 6.4). The tests compare it with scipy.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_TINY = 1e-300
_MOST_STEPS = 10_000
_PRECISION = 1e-15
_NORMAL = NormalDist()


def binomial(hits: int, n: int, chance: float) -> float:
    """P[Bin(n, chance) >= hits]."""
    if hits <= 0:
        return 1.0
    if hits > n:
        return 0.0
    return incomplete_beta(hits, n - hits + 1, chance)


def student(t: float, freedom: float) -> float:
    """P[T >= t] for Student's t with that many degrees of freedom."""
    half = 0.5 * incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))
    return half if t >= 0 else 1.0 - half


def student_point(share: float, freedom: float) -> float:
    """The point above which Student's t has that share, at most a half: by halving."""
    low, high = 0.0, 1.0
    while student(high, freedom) > share:
        high *= 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if student(middle, freedom) > share else (low, middle)
    return high


def normal(z: float) -> float:
    """P[Z >= z] for the standard normal distribution."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def quantile(share: float) -> float:
    """The point below which the standard normal distribution has that share."""
    return _NORMAL.inv_cdf(share)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - incomplete_beta(b, a, 1 - x)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return min(math.exp(front) * _fraction(a, b, x) / a, 1.0)


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def interval(hits: int, n: int, level: float = 0.05) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson, 1927), at confidence 1 - level."""
    if n == 0:
        return 0.0, 1.0
    z = quantile(1 - level / 2)
    share = hits / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    return (0.0 if hits == 0 else low), (1.0 if hits == n else high)
