"""Innocent explanations that are tried on every campaign, and what speaks for or against each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stillwatch.model.finding import Lookalike
from stillwatch.weigh.holding import Floats


@dataclass(frozen=True)
class Explanation:
    """An innocent explanation: it would show `signal` above (or below) `line`."""

    name: str
    signal: str
    above: bool
    line: float
    reason: str


EXPLANATIONS = (
    Explanation("Relay with ordinary users", "conversations", True, 0.5, "{:.0%} of the requests continue a conversation"),
    Explanation("Users of one agent framework", "conversations", True, 0.6, "{:.0%} of the requests continue a conversation"),
    Explanation("Class or hackathon", "no_human_rhythm", False, 0.55, "{:.0%} of the hours that random use would fill are filled"),
    Explanation("Evaluation of public items", "fresh_prompts", False, 0.3, "{:.0%} of the prompts are distinct"),
    Explanation("Drift monitor", "fresh_prompts", False, 0.2, "{:.0%} of the prompts are distinct"),
    Explanation("Strangers behind one network", "framed_prompts", False, 0.2, "{:.0%} of the prompts go through shared texts"),
    Explanation("Customers of one product", "level_load", False, 0.5, "the load is level to {:.0%}"),
)


def lookalikes(measured: Mapping[str, Floats], number: int) -> tuple[Lookalike, ...]:
    """Every explanation with the measurement that decides it; one that could not be measured is not ruled out."""
    found = []
    for e in EXPLANATIONS:
        value = float(measured[e.signal][number]) if e.signal in measured else float("nan")
        if np.isnan(value):
            found.append(Lookalike(e.name, True, f"could not be tested: {e.signal.replace('_', ' ')} was not measured"))
            continue
        fits = value >= e.line if e.above else value <= e.line
        needs = "it would need" if not fits else "it shows"
        side = "at least" if e.above else "at most"
        found.append(Lookalike(e.name, bool(fits), f"{e.reason.format(value)}; {needs} {side} {e.line:.0%}"))
    return (*found, Lookalike("Authorised distillation", False, "no agreement on file covers these accounts"))
