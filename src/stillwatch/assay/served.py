"""T5, served-log inference: whether the suspect is nearer to students of the flagged logs than to students of other logs.

Formula: D = mean distance to the students without - mean distance to the students with the flagged logs; p = share of all ways to call as
many of the students "with" whose D is at least as large (all ways if there are few, a sample with (1 + #) / (B + 1) otherwise). The
distance is 1 - the share of prompts on which both begin with the same word.

Null hypothesis: students with and without are equally distant from the suspect, so that the labels could be exchanged.

Assumptions: this answers "the flagged logs were used" only if the students without were trained on as much *other* text of the same teacher, with
the same base and recipe. Students that saw no teacher text at all differ by having seen the teacher, whatever the suspect saw. Each student needs a part of the logs of its own: if
all of a side share one log the log is the unit, and twice as many innocents are called as stated.

Source: black-box dataset inference by two sets of local reference models (arXiv 2507.03619); label permutation (Fisher, 1935).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb

import numpy as np

MOST_WAYS = 100_000


@dataclass(frozen=True)
class Served:
    """How much nearer the students of the flagged logs are."""

    nearer: float
    p_value: float
    floor: float
    students: int


def served(with_logs: Sequence[float], without_logs: Sequence[float], *, seed: int = 0) -> Served:
    """The test, from the suspect's distance to each student."""
    every = np.array([*with_logs, *without_logs], np.float64)
    n = len(with_logs)
    if n == 0 or n == len(every):
        return Served(0.0, 1.0, 1.0, len(every))
    ways = comb(len(every), n)
    observed = _nearer(every, np.arange(n)[None])[0]
    if ways <= MOST_WAYS:
        chosen = np.array(list(islice(combinations(range(len(every)), n), ways)))
        p_value, floor = float((_nearer(every, chosen) >= observed - 1e-12).mean()), 1 / ways
    else:
        rng = np.random.default_rng(seed)
        drawn = rng.permuted(np.tile(np.arange(len(every)), (9999, 1)), axis=1)[:, :n]
        p_value, floor = float((1 + (_nearer(every, drawn) >= observed - 1e-12).sum()) / 10_000), 1e-4
    return Served(float(observed), p_value, floor, len(every))


def _nearer(every: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Mean of the others less the mean of the chosen, for each row of places."""
    n = chosen.shape[1]
    inside = every[chosen].sum(axis=1)
    nearer: np.ndarray = (every.sum() - inside) / (len(every) - n) - inside / n
    return nearer
