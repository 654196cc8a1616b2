"""T0, equality: whether the suspect is our model itself, behind a proxy.

Formula: MMD^2 with the kernel k((x, y), (x', y')) = 1[x = x'] * share of equal characters of y and y' (padded to one length), unbiased within
each prompt and averaged over prompts; p = (1 + #{permuted >= observed}) / (B + 1), answers permuted inside each prompt.

Null hypothesis: suspect and teacher have the same distribution of answers on every prompt. A p-value that is not small says
something only with the power that the same number of samples has against the closest other model.

Assumptions: answers to a prompt are independent draws; both are asked with the same settings and template. A distilled student rejects:
this is no test for distillation.

Source: Gao et al., Model Equality Testing, ICLR 2025 (arXiv 2410.20247).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillwatch.assay.models import Floats

MOST_CHARACTERS = 1000
PAD = 0x110000
"""One beyond the last code point, so that an ended answer equals nothing but another ended one."""


@dataclass(frozen=True)
class Equality:
    """The distance of two models, and how rare it is if they are one."""

    distance: float
    p_value: float
    floor: float
    prompts: int


def kernels(suspect: Sequence[Sequence[str]], teacher: Sequence[Sequence[str]]) -> list[Floats]:
    """For each prompt the share of equal characters of all pairs of answers, the suspect's first."""
    return [_hamming([*ours, *theirs]) for ours, theirs in zip(suspect, teacher, strict=True)]


def equality(
    suspect: Sequence[Sequence[str]],
    teacher: Sequence[Sequence[str]],
    *,
    permutations: int = 999,
    seed: int = 0,
) -> Equality:
    """The test, from the answers of both to each prompt."""
    counts = [len(ours) for ours in suspect]
    return tested(
        kernels(suspect, teacher), counts, permutations=permutations, rng=np.random.default_rng(seed)
    )


def tested(
    tables: Sequence[Floats], counts: Sequence[int], *, permutations: int, rng: np.random.Generator
) -> Equality:
    """The same from kernels, so that prompts can be drawn again without comparing answers again."""
    observed, permuted = 0.0, np.zeros(permutations)
    for table, count in zip(tables, counts, strict=True):
        signs = _signs(len(table), count)
        observed += float(_distances(table, signs[None])[0])
        permuted += _distances(table, rng.permuted(np.tile(signs, (permutations, 1)), axis=1))
    above = int((permuted >= observed - 1e-9 * max(len(tables), 1)).sum())
    return Equality(
        distance=observed / max(len(tables), 1),
        p_value=(1 + above) / (permutations + 1),
        floor=1 / (permutations + 1),
        prompts=len(tables),
    )


def _signs(size: int, count: int) -> NDArray[np.bool_]:
    return np.arange(size) < count


def _distances(table: Floats, is_first: NDArray[np.bool_]) -> Floats:
    """MMD^2, unbiased, for each row of marks."""
    first = is_first.astype(np.float64)
    second = 1 - first
    n, m = first[0].sum(), second[0].sum()
    if n < 2 or m < 2:
        return np.zeros(len(first))
    own = table - np.diag(np.diag(table))
    within = np.einsum("bi,ij,bj->b", first, own, first, optimize=True) / (n * (n - 1))
    within += np.einsum("bi,ij,bj->b", second, own, second, optimize=True) / (m * (m - 1))
    between: Floats = np.einsum("bi,ij,bj->b", first, own, second, optimize=True) / (n * m)
    distances: Floats = within - 2 * between
    return distances


def _hamming(answers: Sequence[str]) -> Floats:
    cut = [answer[:MOST_CHARACTERS] for answer in answers]
    width = max(max(map(len, cut), default=0), 1)
    codes = np.full((len(cut), width), PAD, np.int32)
    for row, answer in enumerate(cut):
        codes[row, : len(answer)] = [ord(character) for character in answer]
    shares: Floats = (codes[:, None, :] == codes[None, :, :]).mean(axis=2)
    return shares
