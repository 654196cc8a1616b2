"""From trials to power: how often a campaign of a size is found, and from which size on it is found mostly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from stillwatch.bench.design import Cell
from stillwatch.bench.trial import Trial

TARGET = 0.8
"""The power asked for: four of five such campaigns are found."""
Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Point:
    """One point of a power curve.

    `low` and `high` are Wilson's 95 % interval of `power`; `fitted` is the power if larger campaigns are never
    harder to find. `named`: mean share of the planted accounts that were named; `exchanges`: mean planted.
    """

    cell: Cell
    trials: int
    found: int
    power: float
    low: float
    high: float
    fitted: float
    named: float
    exchanges: float


@dataclass(frozen=True)
class Smallest:
    """The smallest campaign of a kind that is found at the target power.

    `state` says what `accounts` is: a size between two that were tried, at most the smallest that was tried
    (`at most`), or None because the largest that was tried is found less often (`not reached`).
    """

    archetype: str
    stealth: str
    rate: float
    state: Literal["between", "at most", "not reached"]
    accounts: int | None


def wilson(found: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share. Source: Wilson, JASA 22 (1927), 209-212.

    Written out, because importing scipy.stats costs every start of the program more than this saves.
    """
    share, spread = found / trials, Z_95**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    half = Z_95 / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def isotonic(shares: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising sequence nearest to the shares, by pooling adjacent violators.

    Source: Ayer et al., Annals of Mathematical Statistics 26 (1955), 641-647. Written out for the reason above.
    """
    blocks: list[tuple[float, float, int]] = []
    for share, weight in zip(shares, weights, strict=True):
        block = (share, weight, 1)
        while blocks and blocks[-1][0] >= block[0]:
            before, heavy, many = blocks.pop()
            total = heavy + block[1]
            block = ((before * heavy + block[0] * block[1]) / total, total, many + block[2])
        blocks.append(block)
    return [share for share, _, many in blocks for _ in range(many)]


def points(trials: Iterable[Trial]) -> tuple[Point, ...]:
    """One point for every kind of campaign tried, in the order of the trials; fitted along the sizes."""
    by_cell: dict[Cell, list[Trial]] = {}
    for trial in trials:
        by_cell.setdefault(trial.cell, []).append(trial)
    curves: dict[tuple[str, str, float], list[Cell]] = {}
    for cell in by_cell:
        curves.setdefault((cell.archetype, cell.stealth, cell.rate), []).append(cell)
    found = {cell: sum(trial.is_found for trial in tried) for cell, tried in by_cell.items()}
    made = []
    for cells in curves.values():
        sizes = [len(by_cell[cell]) for cell in cells]
        fits = isotonic([found[cell] / size for cell, size in zip(cells, sizes, strict=True)], sizes)
        made += [_point(cell, by_cell[cell], fit) for cell, fit in zip(cells, fits, strict=True)]
    return tuple(made)


def smallest(curve: Sequence[Point]) -> Smallest:
    """Where the fitted power of one curve, sizes rising, reaches the target.

    Between two sizes the fit is interpolated on a straight line over the logarithm of the size. Source: Stylianou
    and Flournoy, Biometrics 58 (2002), 171-177, there for doses.
    """
    cell = curve[0].cell
    kind = (cell.archetype, cell.stealth, cell.rate)
    if curve[0].fitted >= TARGET:
        return Smallest(*kind, "at most", cell.accounts)
    for below, above in pairwise(curve):
        if above.fitted >= TARGET:
            way = (TARGET - below.fitted) / (above.fitted - below.fitted)
            low, high = math.log(below.cell.accounts), math.log(above.cell.accounts)
            return Smallest(*kind, "between", math.ceil(math.exp(low + way * (high - low)) - 1e-9))
    return Smallest(*kind, "not reached", None)


def curves(all_points: Iterable[Point]) -> tuple[tuple[Point, ...], ...]:
    """The points of each curve: one archetype, one level of stealth, one rate."""
    found: dict[tuple[str, str, float], list[Point]] = {}
    for point in all_points:
        found.setdefault((point.cell.archetype, point.cell.stealth, point.cell.rate), []).append(point)
    return tuple(tuple(curve) for curve in found.values())


def _point(cell: Cell, tried: Sequence[Trial], fitted: float) -> Point:
    found, trials = sum(trial.is_found for trial in tried), len(tried)
    low, high = wilson(found, trials)
    return Point(
        cell=cell,
        trials=trials,
        found=found,
        power=found / trials,
        low=low,
        high=high,
        fitted=fitted,
        named=sum(t.named / max(1, t.planted_accounts) for t in tried) / trials,
        exchanges=sum(t.planted_exchanges for t in tried) / trials,
    )
