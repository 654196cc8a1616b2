"""How rare a value is among references: conformal p-values, e-values, and e-BH over many of them.

Both hold without a model if the value and its references could be exchanged, that is, if the group is one more
innocent cluster. An e-value is at most 1 on average then, so that 1/e bounds the chance of a value that high.
"""

from __future__ import annotations

import numpy as np

from stillwatch.weigh.holding import Floats, Mask


def p_value(value: float, references: Floats) -> float:
    """The part of the references, the value itself counted with them, that are at least as high.

    (1 + #{reference >= value}) / (n + 1): a conformal p-value (Vovk, Gammerman and Shafer, 2005).
    """
    return float((1 + np.count_nonzero(references >= value)) / (len(references) + 1))


def e_value(value: float, references: Floats) -> float:
    """The value over the mean of itself and all references; none may be below 0, and n + 1 is the most.

    If all n + 1 could be exchanged, each is the mean on average, so that the expectation is 1 exactly (soft-rank
    e-value; Ramdas and Wang, 2024). A function of the rank alone, 1 / (2 sqrt(p)), reaches sqrt(n + 1) / 2 at most.
    """
    everything = value + float(np.sum(references))
    return float(value * (len(references) + 1) / everything) if everything > 0 else 1.0


def e_bh(values: Floats, level: float, tried: int | None = None) -> Mask:
    """Which of m hypotheses to give up, so that at most `level` of them are true on average.

    The k largest with the largest k for which the k-th e-value is at least m / (k * level): the e-BH procedure,
    under any dependence between the e-values (Wang and Ramdas, 2022). References that all share make them dependent.
    `tried` is m where some are not among the values: those count as 0.
    """
    order = np.argsort(-values, kind="stable")
    ranks = np.arange(1, len(values) + 1)
    enough = np.flatnonzero(ranks * values[order] * level >= (len(values) if tried is None else tried))
    rejected = np.zeros(len(values), np.bool_)
    if len(enough):
        rejected[order[: enough[-1] + 1]] = True
    return rejected
