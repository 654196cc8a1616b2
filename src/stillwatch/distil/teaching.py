"""Teaches a student: from a teacher's texts (cross-entropy on the answers only), or from its scores (forward KL), in plain torch (extra `[assay]`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from stillwatch.distil.authorisation import Authorisation, holds
from stillwatch.distil.checkpoint import Checkpoint
from stillwatch.distil.exchanges import Pair
from stillwatch.distil.recipe import Recipe
from stillwatch.distil.small import Batch, Ints, fit
from stillwatch.distil.tokens import END
from stillwatch.distil.writer import PROMPT, SmallWriter
from stillwatch.errors import InputError, UsageError


def taught(
    student: SmallWriter,
    pairs: Sequence[Pair],
    recipe: Recipe,
    authorisation: Authorisation,
    teacher: SmallWriter | None = None,
    *,
    checkpoint: Checkpoint | None = None,
) -> tuple[SmallWriter, int]:
    """A copy of the student, taught, and the number of answer tokens it saw in one epoch. `authorisation` must be in force: without one this cannot be called, and one that has expired is refused."""
    holds(authorisation, recipe.way)
    if not authorisation.digest or not pairs:
        raise InputError("There is no answer to teach from. Name a log or a file with prompts and answers.")
    if recipe.way == "logit":
        _refuse_strangers(student, teacher)
    rows, weights = _rows(student, pairs)
    model = student.model.copied()
    rng = np.random.default_rng([recipe.seed, 2])
    batches = []
    for _ in range(recipe.epochs):
        order = rng.permutation(len(rows))
        for at in range(0, len(order), recipe.batch):
            some = order[at : at + recipe.batch]
            batches.append(
                Batch(
                    torch.from_numpy(rows[some]),
                    torch.from_numpy(weights[some]),
                    teacher.model if teacher is not None and recipe.way == "logit" else None,
                )
            )
    fit(model, batches, recipe.rate, checkpoint)
    return SmallWriter(model, student.tokens), int(weights.sum())


def _refuse_strangers(student: SmallWriter, teacher: SmallWriter | None) -> None:
    """Scores are of tokens: both models must know the same ones."""
    if teacher is None:
        raise InputError(
            "Distillation on scores needs the teacher's weights. Name its folder with --teacher."
        )
    is_same = teacher.tokens.is_same(student.tokens)
    if not is_same or teacher.model.shape.vocabulary != student.model.shape.vocabulary:
        raise UsageError(
            "Teacher and student have different tokenizers, so that scores of one say nothing to the other. Teach from texts: --way text."
        )
    if teacher.model.shape.context < student.model.shape.context - 1:
        raise UsageError(
            f"The teacher sees {teacher.model.shape.context} tokens and the student {student.model.shape.context}. "
            "Teach from texts: --way text."
        )


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
