"""T3, radioactivity: whether the suspect writes the green tokens of a key with which its training text was marked.

Formula: g(k) = share of (context, token) tuples of the suspect's texts that are green under key k, tuples that stand in the prompt dropped;
p = (1 + #{decoy k' : g(k') >= g(k)}) / (K' + 1) over K' keys that were never used. Every token counts; weights of the root of a tuple's
count and of each distinct tuple once stand beside it, and the plan says which decides.

Null hypothesis: the suspect is independent of our key. Then the key and the decoys could be exchanged, so that the test is exact for
any text and any weighting. The textbook binomial (independent tuples, share exactly gamma) is not, and calls innocents.

Assumptions: the key was drawn at random and kept secret; the tokenizer is the teacher's. Served text that was published reaches
other models, so that a key belongs to one account set and one period.

Source: Sander et al., Watermarking Makes Language Models Radioactive, NeurIPS 2024 (arXiv 2402.14904); Kirchenbauer et al., 2023; decoys in place of
the closed form are ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stillwatch.assay.models import Floats
from stillwatch.assay.tails import binomial, normal
from stillwatch.mark.schemes._base import drawn

Ints = NDArray[np.int64]
Green = Callable[[Sequence[bytes], Ints, Ints], NDArray[Any]]
"""(keys, contexts of n x window, tokens of n) -> whether, or how strongly, each tuple is green under each key: len(keys) x n."""
Weighting = Literal["every", "root", "distinct"]
WEIGHTINGS: tuple[Weighting, ...] = ("every", "root", "distinct")
_CELLS = 4_000_000
_PARTS = 1024
"""Roots are rounded to so small a part, so that their sums are exact and the same in whatever order a machine adds them up."""


@dataclass(frozen=True)
class Tuples:
    """The distinct tuples of some texts; for each place of the texts, which tuple stands there and in which text."""

    contexts: Ints
    tokens: Ints
    place: Ints
    text: Ints
    texts: int

    def counts(self, times: Ints | None = None) -> Floats:
        """How often each distinct tuple stands there, if each text is taken that many times."""
        weights = None if times is None else times[self.text].astype(np.float64)
        return np.bincount(self.place, weights, len(self.tokens)).astype(np.float64)

    def weights(self, weighting: Weighting, times: Ints | None = None) -> Floats:
        """How much each distinct tuple counts."""
        counts = self.counts(times)
        if weighting == "distinct":
            return (counts > 0).astype(np.float64)
        return counts if weighting == "every" else np.round(np.sqrt(counts) * _PARTS) / _PARTS


@dataclass(frozen=True)
class Radioactivity:
    """The share of green under our key among that under decoys."""

    share: float
    decoy_share: float
    z: float
    p_value: float
    floor: float
    p_normal: float
    """The normal tail of z: an approximation below the floor, never the test."""
    p_textbook: float
    """P[Bin(n, gamma) >= green]: what others state; shown, not used."""
    tuples: int


def gathered(texts: Sequence[Ints], prompts: Sequence[Ints], window: int = 1) -> Tuples:
    """The tuples of texts, each with its `window` tokens before it; those that stand in the text's own prompt are dropped."""
    rows = [_rows(text, prompt, window) for text, prompt in zip(texts, prompts, strict=True)]
    every = np.concatenate([*rows, np.empty((0, window + 1), np.int64)])
    distinct, place = np.unique(every, axis=0, return_inverse=True)
    text = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    return Tuples(distinct[:, :-1], distinct[:, -1], place.ravel(), text, len(rows))


def _rows(text: Ints, prompt: Ints, window: int) -> Ints:
    """Tuples of an answer; those at its beginning have the end of the prompt as context."""
    joined = np.concatenate([prompt[-window:], text])
    rows = _windows(joined, window)
    copied = {tuple(row) for row in _windows(prompt, window).tolist()}
    if not copied or not len(rows):
        return rows
    return rows[[tuple(row) not in copied for row in rows.tolist()]]


def _windows(tokens: Ints, window: int) -> Ints:
    if len(tokens) <= window:
        return np.empty((0, window + 1), np.int64)
    return np.lib.stride_tricks.sliding_window_view(tokens.astype(np.int64), window + 1)


def shares(tuples: Tuples, keys: Sequence[bytes], green: Green, weighting: Weighting = "every") -> Floats:
    """The green share under each key."""
    found: Floats = weighed(tuples, keys, green, tuples.weights(weighting)[:, None])[:, 0]
    return found


def weighed(tuples: Tuples, keys: Sequence[bytes], green: Green, weights: Floats) -> Floats:
    """The same for several weights of the tuples at once: keys x columns of `weights`."""
    totals = np.maximum(weights.sum(axis=0), 1e-300)
    step = max(_CELLS // max(len(weights), 1), 1)
    parts = [
        green(keys[start : start + step], tuples.contexts, tuples.tokens).astype(np.float64) @ weights
        for start in range(0, len(keys), step)
    ]
    found: Floats = np.concatenate(parts) / totals
    return found


def radioactivity(
    tuples: Tuples,
    key: bytes,
    decoys: Sequence[bytes],
    green: Green,
    *,
    weighting: Weighting = "every",
    gamma: float = 0.25,
) -> Radioactivity:
    """The test of one key."""
    found = shares(tuples, [key, *decoys], green, weighting)
    return compared(found, n=float(tuples.weights(weighting).sum()), tuples=len(tuples.place), gamma=gamma)


def compared(found: Floats, *, n: float, tuples: int, gamma: float = 0.25) -> Radioactivity:
    """The first share among the others."""
    ours, others = float(found[0]), found[1:]
    spread = float(others.std(ddof=1)) if len(others) > 1 else 0.0
    z = (ours - float(others.mean())) / spread if spread else 0.0
    return Radioactivity(
        share=ours,
        decoy_share=float(others.mean()),
        z=z,
        p_value=float((1 + np.count_nonzero(others >= ours)) / (len(others) + 1)),
        floor=1 / (len(others) + 1),
        p_normal=normal(z),
        p_textbook=binomial(round(ours * n), math.floor(n), gamma),
        tuples=tuples,
    )


def decoy_keys(count: int, random_seed: int) -> list[bytes]:
    """Keys that nobody used. They need not be secret, but must not depend on ours."""
    return drawn(count, random_seed)
