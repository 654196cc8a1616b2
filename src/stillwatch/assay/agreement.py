"""T1, agreement: whether the suspect begins its answers as the teacher does, more often than independent models.

Formula: a(M) is the share of prompts on which M's first greedy word equals the teacher's. (i) p_j = P[Bin(b_j + c_j, 1/2) >= b_j] against each
reference j, and max_j p_j; (ii) t = (a_S - mean a_R) / (s_R sqrt(1 + 1/K)) with K - 1 degrees of freedom; (iii) the rank.

Null hypothesis: (i) some reference is at least as close to the teacher as the suspect is; (ii, iii) the suspect is one more draw from the
population of references.

Assumptions: references are independent of the teacher and bracket the suspect's quality, since better models agree more; agreement
is normally spread over models (ii). It cannot tell shared training data from distillation, and misses a student of strongly marked text.

Source: Nikolic et al., Model Provenance Testing, NeurIPS 2025 (arXiv 2502.00706), reworked to the model as the unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from stillwatch.assay.models import Beyond, Mask, beyond

WORD = re.compile(r"\w+|[^\w\s]")


def first_word(answer: str) -> str:
    """The first word or sign of an answer, in small letters: tokenizers differ, words do not."""
    found = WORD.search(answer)
    return found.group().lower() if found else ""


def agrees(answers: Sequence[str], teacher: Sequence[str]) -> Mask:
    """Where the first words are the same. No answer agrees with nothing."""
    return np.array(
        [
            bool(word := first_word(one)) and word == first_word(other)
            for one, other in zip(answers, teacher, strict=True)
        ],
        np.bool_,
    )


def agreement(suspect: Mask, references: Sequence[Mask]) -> Beyond:
    """The suspect's agreement with the teacher among that of the references."""
    return beyond(suspect, references)
