"""Teaches a student: from a teacher's texts (cross-entropy on the answers only), or from its scores (forward KL), in plain torch (extra `[assay]`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from stillwatch.distil.authorisation import Authorisation
from stillwatch.distil.small import Batch, Ints, Small, fit
from stillwatch.distil.tokens import END
from stillwatch.distil.writer import PROMPT, SmallWriter
from stillwatch.errors import InputError

Way = Literal["text", "logit"]
_ROWS = 32


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a student is taught."""

    way: Way = "text"
    epochs: int = 3
    rate: float = 1e-3
    seed: int = 0


@dataclass(frozen=True)
class Pair:
    """A prompt and the teacher's answer to it."""

    prompt: str
    answer: str


def taught(
    student: SmallWriter,
    pairs: Sequence[Pair],
    recipe: Recipe,
    authorisation: Authorisation,
    teacher: Small | None = None,
) -> tuple[SmallWriter, int]:
    """A copy of the student, taught, and the number of answer tokens it saw in one epoch. `authorisation` must be in force: without one this cannot be called."""
    if not authorisation.digest or not pairs:
        raise InputError("There is no answer to teach from. Name a log or a file with prompts and answers.")
    if recipe.way == "logit" and teacher is None:
        raise InputError(
            "Distillation on scores needs the teacher's weights. Name its folder with --teacher."
        )
    rows, weights = _rows(student, pairs)
    model = student.model.copied()
    rng = np.random.default_rng([recipe.seed, 2])
    batches = []
    for _ in range(recipe.epochs):
        order = rng.permutation(len(rows))
        for at in range(0, len(order), _ROWS):
            some = order[at : at + _ROWS]
            batches.append(
                Batch(
                    torch.from_numpy(rows[some]),
                    torch.from_numpy(weights[some]),
                    teacher if recipe.way == "logit" else None,
                )
            )
    fit(model, batches, recipe.rate)
    return SmallWriter(model, student.tokens), int(weights.sum())


def _rows(
    student: SmallWriter, pairs: Sequence[Pair]
) -> tuple[Ints, np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    """Prompt and answer side by side; only the answer's tokens count."""
    context = student.model.shape.context
    rows = np.full((len(pairs), context), END, np.int64)
    weights = np.zeros((len(pairs), context - 1), np.float32)
    rows[:, :PROMPT] = student.beginnings([pair.prompt for pair in pairs])
    for number, coded in enumerate(student.tokens.of_each([pair.answer for pair in pairs])):
        kept = coded[: context - PROMPT]
        rows[number, PROMPT : PROMPT + len(kept)] = kept
        weights[number, PROMPT - 1 : PROMPT - 1 + len(kept)] = 1
    return rows, weights
