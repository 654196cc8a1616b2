"""Innocent explanations that are tried on every campaign, and what speaks for or against each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stillwatch.model.finding import Lookalike
from stillwatch.weigh.holding import Floats


@dataclass(frozen=True)
class Explanation:
    """An innocent explanation: it would show `signal` above (or below) `line`; `reason` says what was measured."""

    name: str
    signal: str
    reason: str
    above: bool
    line: float


CONTINUED = "{:.0%} of the requests continue a conversation"
DISTINCT = "{:.0%} of the prompts are distinct"
FILLED = "{:.0%} of the hours that random use would fill are filled"
LEVEL = "the load is level to {:.0%}"
SHARED = "{:.0%} of the prompts go through shared texts"

EXPLANATIONS = (
    Explanation("Relay with ordinary users", "conversations", CONTINUED, above=True, line=0.5),
    Explanation("Users of one agent framework", "conversations", CONTINUED, above=True, line=0.6),
    Explanation("Class or hackathon", "no_human_rhythm", FILLED, above=False, line=0.55),
    Explanation("Evaluation of public items", "fresh_prompts", DISTINCT, above=False, line=0.3),
    Explanation("Drift monitor", "fresh_prompts", DISTINCT, above=False, line=0.2),
    Explanation("Strangers behind one network", "framed_prompts", SHARED, above=False, line=0.2),
    Explanation("Customers of one product", "level_load", LEVEL, above=False, line=0.5),
)
AUTHORISED = Lookalike(
    "Authorised distillation", consistent=False, reason="no agreement on file covers these accounts"
)


def lookalikes(measured: Mapping[str, Floats], number: int) -> tuple[Lookalike, ...]:
    """Every explanation with the measurement that decides it; one that could not be measured is not ruled out."""
    return (*(_tried(e, measured.get(e.signal), number) for e in EXPLANATIONS), AUTHORISED)


def _tried(explanation: Explanation, values: Floats | None, number: int) -> Lookalike:
    if values is None or np.isnan(values[number]):
        signal = explanation.signal.replace("_", " ")
        return Lookalike(
            explanation.name, consistent=True, reason=f"could not be tested: {signal} was not measured"
        )
    value = float(values[number])
    fits = value >= explanation.line if explanation.above else value <= explanation.line
    side = "at least" if explanation.above else "at most"
    needs = f"{'it shows' if fits else 'it would need'} {side} {explanation.line:.0%}"
    return Lookalike(explanation.name, consistent=fits, reason=f"{explanation.reason.format(value)}; {needs}")
