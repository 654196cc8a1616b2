"""Measures of yes-or-no answers and of rankings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
Rates = Mapping[str, float | None]

UNDEFINED: Rates = {"precision": None, "recall": None, "f1": None}


def precision_recall(*, right: float, wrong: float, missed: float) -> dict[str, float | None]:
    """Precision, recall and their harmonic mean F1, from counts.

    precision = right / (right + wrong); recall = right / (right + missed); F1 = 2PR / (P + R). Where nothing
    was claimed, precision is 1 if there was nothing to claim and else 0; where there was nothing to claim,
    recall is 1. Source: van Rijsbergen, Information Retrieval, 1979.
    """
    precision = right / (right + wrong) if right + wrong else float(not missed)
    recall = right / (right + missed) if right + missed else 1.0
    return {"precision": precision, "recall": recall, "f1": harmonic_mean(precision, recall)}


def compare(claimed: Flags, actual: Flags) -> dict[str, float | None]:
    """Precision, recall and F1 of a claim about every account, each account counted once."""
    return precision_recall(
        right=int((claimed & actual).sum()),
        wrong=int((claimed & ~actual).sum()),
        missed=int((~claimed & actual).sum()),
    )


def harmonic_mean(precision: float, recall: float) -> float:
    """F1 = 2PR / (P + R), and 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def share(flags: Flags) -> float | None:
    """Return the share of true values (0..1); None of no values."""
    return float(flags.mean()) if flags.size else None


def average_precision(actual: Flags, ranking: Numbers) -> float | None:
    """Area under the precision-recall steps of a ranking, ties taken together; None without a positive.

    Sum over distinct values, from high to low, of (recall step) x (precision at that value): no
    interpolation, so 1 only if every positive stands above every negative. Source: Manning, Raghavan and
    Schütze, Introduction to Information Retrieval, 2008, section 8.4.
    """
    if not actual.any():
        return None
    order = np.argsort(-ranking, kind="stable")
    ranked = ranking[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), ranked.size - 1)
    found = np.cumsum(actual[order])[ends]
    steps = np.diff(found / actual.sum(), prepend=0.0)
    return float(np.sum(steps * found / (ends + 1)))
