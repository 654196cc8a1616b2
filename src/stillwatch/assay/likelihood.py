"""T2, teacher likelihood: whether the suspect's own texts are likelier under the teacher than an independent model's.

Formula: z(y) = [log p_T(y|x) - log (1/K) sum_j p_Rj(y|x)] / length of y in bytes, the mean over completions y that the suspect wrote; the teacher
and the scoring references R are ours to run, so the suspect gives text only. (i) the largest p of the paired t tests against each null model's
completions of the same prompts; (ii) t over the null models' means, K - 1 degrees of freedom; (iii) the rank.

Null hypothesis: as T1. Scoring references and null models must be different models, or the nulls are likelier under the references
than the suspect can be, and innocents are called.

Assumptions: as T1; the mean is about normal over models. Text that was half rewritten is missed, a watermark in it is not.

Source: the likelihood ratio against reference models is usual in membership inference (Carlini et al., 2022); the teacher's own likelihood of a
student's text follows reasoning provenance tracing (arXiv 2512.20908).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stillwatch.assay.models import Beyond, Floats, paired_means, predicted, ranked


def ratio(teacher: Floats, references: Sequence[Floats], lengths: Floats) -> Floats:
    """The log likelihood ratio of each completion, by its length in bytes."""
    mixed = np.logaddexp.reduce(np.stack(references), axis=0) - math.log(len(references))
    ratios: Floats = (teacher - mixed) / np.maximum(lengths, 1)
    return ratios


def likelihood(suspect: Floats, nulls: Sequence[Floats]) -> Beyond:
    """The mean ratio of the suspect's completions among those of the null models."""
    mean, means = float(suspect.mean()), [float(null.mean()) for null in nulls]
    return Beyond(
        p_worst=max((paired_means(suspect, null) for null in nulls), default=1.0),
        p_model=predicted(mean, means),
        p_rank=ranked(mean, means),
        models=len(nulls),
    )
