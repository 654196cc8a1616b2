"""T2, teacher likelihood: whether the suspect's own texts are likelier under the teacher than an independent model's.

Formula: z(y) = [log p_T(y|x) - log (1/K) sum_j p_Rj(y|x)] / length of y in bytes, of completions y of the same prompts by the suspect and by null
models; the teacher and the scoring references R are ours to run, so the suspect gives text only. Of each writer, the share of z above the median of
all writers' z. (i) the largest p_j = P[Bin(b_j + c_j, 1/2) >= b_j] against each null model j; (ii) t over the null models' shares, K - 1 degrees of
freedom; (iii) the rank.

A share and not a mean: each model says some things that one reference happens to know by heart or never heard, whose z are many times as far from the
rest as a student's are, so that a mean differs from model to model by how many of these it wrote. The median and not zero: a teacher that is better
than its references at everything finds all texts likelier than they do.

Null hypothesis: as T1. Scoring references and null models must be different models, or the nulls are likelier under the references
than the suspect can be, and innocents are called.

Assumptions: as T1; the share is about normal over models. Text that was half rewritten is missed, a watermark in it is not.

Source: the likelihood ratio against reference models is usual in membership inference (Carlini et al., 2022); the teacher's own likelihood of a
student's text follows reasoning provenance tracing (arXiv 2512.20908); a share above the median of all samples is Mood's median test (1950).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stillwatch.assay.models import Beyond, Floats, Mask, beyond


def ratio(teacher: Floats, references: Sequence[Floats], lengths: Floats) -> Floats:
    """The log likelihood ratio of each completion, by its length in bytes."""
    mixed = np.logaddexp.reduce(np.stack(references), axis=0) - math.log(len(references))
    ratios: Floats = (teacher - mixed) / np.maximum(lengths, 1)
    return ratios


def likelier(ratios: Sequence[Floats]) -> list[Mask]:
    """Which completions of each writer have a ratio above the median of all that are told; the writers answered the same prompts."""
    middle = np.median(np.concatenate(list(ratios)))
    return [told > middle for told in ratios]


def likelihood(suspect: Floats, nulls: Sequence[Floats]) -> Beyond:
    """The share of the suspect's completions above the median, among those of the null models."""
    ours, *theirs = likelier([suspect, *nulls])
    return beyond(ours, theirs)
