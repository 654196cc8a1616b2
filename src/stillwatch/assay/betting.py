"""T3 and T4 as e-processes: the wealth of a bettor against the null, which may be looked at any number of times.

Formula: E_t = mean over stakes s of prod_i (1 + min(s w_i, 0.9) (x_i - q_i) / q_i). T4: x_i is a hit at the i-th trigger, q_i = 1 / alternatives, w_i = 1. T3: x_i
is whether the i-th distinct (context, token) tuple is green, q_i = gamma, in the order in which tuples first stand in the suspect's texts; w_i is how often it stands
in the part of the texts in which it came first (its root, or 1, as the plan weighs). p = 1 / max_t E_t, whenever one stops.

Null hypothesis: as T3 and T4, the suspect is independent of the key. Then each answer of the key that was not bet on yet is new to whoever saw the texts and all
answers before it, so that E is a martingale (T4: a supermartingale, since a tie is a miss) and the chance that it ever reaches 1 / a is a at most.

Assumptions: the key is a random function to whoever lacks it. T3 against decoys does not need that, and may count a tuple as often as it stands; a bettor may
bet on each tuple once. Which questions went unanswered does not depend on the key.

Source: Ville (1939); Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024); Ramdas et al., Game-theoretic statistics
and safe anytime-valid inference (2023).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillwatch.assay.models import Floats
from stillwatch.assay.radioactivity import Ints, Tuples, Weighting
from stillwatch.assay.several import MOST_LOG, log_wealth

GREEN_STAKES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Green is raised by a little over many tuples, so that small stakes are among the bets."""


@dataclass(frozen=True)
class Bets:
    """The wealth after each bet, as a logarithm, and by which look its question was asked."""

    look: Ints
    wealth: Floats

    @property
    def p_value(self) -> float:
        """1 over the largest wealth there ever was."""
        return math.exp(-min(self._largest, MOST_LOG))

    @property
    def e_value(self) -> float:
        """The largest wealth there ever was."""
        return math.exp(min(self._largest, MOST_LOG))

    @property
    def _largest(self) -> float:
        return max(float(self.wealth.max(initial=0.0)), 0.0)

    def until(self, look: int) -> Bets:
        """Those that were made by a look."""
        return Bets(self.look[self.look <= look], self.wealth[self.look <= look])

    def first_over(self, bound: float) -> int | None:
        """The look by which the wealth reached a bound."""
        over = np.flatnonzero(self.wealth >= math.log(bound))
        return int(self.look[over[0]]) if len(over) else None


def on_hits(hits: Sequence[bool], sizes: Sequence[int], looks: Sequence[int]) -> Bets:
    """T4: bets on the key's answer at each trigger, in the order in which they are asked."""
    order = np.argsort(looks, kind="stable")
    chances = 1 / np.asarray(sizes, np.float64)[order]
    return Bets(np.asarray(looks)[order], log_wealth(np.asarray(hits)[order].tolist(), chances.tolist()))


def on_green(
    tuples: Tuples, is_green: Floats, looks: Ints, *, gamma: float, weighting: Weighting, times: Ints | None = None
) -> Bets:  # fmt: skip
    """T3: bets on the colour of each distinct tuple; `looks` are those of the texts, `times` how often each text is taken."""
    taken = np.ones(tuples.texts) if times is None else times.astype(np.float64)
    order = np.argsort(looks[tuples.text], kind="stable")
    order = order[taken[tuples.text[order]] > 0]
    place, text = tuples.place[order], tuples.text[order]
    distinct, first, back = np.unique(place, return_index=True, return_inverse=True)
    came = looks[text[first]]
    counts = np.bincount(back, taken[text] * (looks[text] == came[back]), len(distinct))
    in_order = np.argsort(first)
    power = {"every": 1.0, "root": 0.5, "distinct": 0.0}[weighting]
    wealth = log_wealth(
        is_green[distinct[in_order]].tolist(),
        [gamma] * len(distinct),
        weights=np.power(counts[in_order], power, dtype=np.float64),
        stakes=GREEN_STAKES,
    )
    return Bets(came[in_order], wealth)
