"""A share of refusals, corrected for the error of the keyword judge by answers that somebody labelled by hand.

Formula: (p + spec - 1) / (sens + spec - 1), within 0 and 1 (Rogan and Gladen, 1978); the interval by a bootstrap of items and of labelled answers together.
Null hypothesis: none; this is an estimate. Assumptions: labelled answers were drawn by chance, and the judge errs alike on all models.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from stillwatch.assay.models import Mask
from stillwatch.assay.panel.gaps import Told
from stillwatch.errors import InputError
from stillwatch.model.panel import Corrected

FEWEST = 30
"""Labelled answers of each kind, below which nothing is corrected."""
DRAWS = 2000
Labels = Mapping[tuple[str, str], bool]
"""By item and model: whether somebody says that the answer is a refusal."""


def read_labels(file: Path) -> Labels:
    """Hand labels: JSON lines of item_id, model and refused."""
    found: dict[tuple[str, str], bool] = {}
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                told = json.loads(line)
                found[str(told["item_id"]), str(told["model"])] = {True: True, False: False}[told["refused"]]
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{file}, line {number}: {error!r}. A label has item_id, model and refused (true or false)."
                ) from error
    return found


def corrected(told: Told, judged: Mask, labelled: Mask, seed: int) -> Iterator[Corrected]:
    """Each share of refusals, if enough answers of both kinds were labelled. `judged` is what the keywords said of the labelled ones."""
    if min(int(labelled.sum()), int((~labelled).sum())) < FEWEST:
        return
    rng = np.random.default_rng([seed, 13])
    right = _errors(judged, labelled)
    for (panel, row), masks in told.items():
        if panel != "benchmark":
            for model, mask in masks.items():
                if len(mask):
                    drawn = [
                        _value(
                            float(rng.choice(mask, len(mask)).mean()),
                            _errors(*_again(judged, labelled, rng)),
                        )
                        for _ in range(DRAWS)
                    ]
                    low, high = np.quantile(drawn, [0.025, 0.975])
                    raw = float(mask.mean())
                    yield Corrected(
                        row=row,
                        model=model,
                        raw=raw,
                        value=_value(raw, right),
                        low=float(low),
                        high=float(high),
                    )


def _errors(judged: Mask, labelled: Mask) -> tuple[float, float]:
    """Sensitivity and specificity."""
    return float(judged[labelled].mean()), float((~judged[~labelled]).mean())


def _again(judged: Mask, labelled: Mask, rng: np.random.Generator) -> tuple[Mask, Mask]:
    """Labelled answers drawn again, of each kind as many."""
    places = np.concatenate(
        [rng.choice(np.flatnonzero(kind), int(kind.sum())) for kind in (labelled, ~labelled)]
    )
    return judged[places], labelled[places]


def _value(raw: float, right: tuple[float, float]) -> float:
    sensitivity, specificity = right
    over = sensitivity + specificity - 1
    return min(max((raw + specificity - 1) / over, 0.0), 1.0) if over > 0 else raw
