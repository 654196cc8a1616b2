"""MMD: whether a window of prompts is drawn from the same distribution as past benign traffic.

Source: Liu, Guo and Dong, An Embarrassingly Simple Detector for Model Extraction Attacks in Large Language Model API
Traffic, arXiv 2606.05725 (2026). Written from the description of the method; its code has no licence and was not used.
Kept: embedded prompts; the unbiased squared maximum mean discrepancy with four Gaussian kernels of 0.5, 1, 2 and 4 times
the median distance; a window's score is its mean over 20 random reference windows of past benign traffic of the same size;
benign windows against benign windows give the threshold.
Adapted to API logs: a window is what one account asked, since accounts are what has to be named; it holds the newest 20, 50
or 100 prompts, whatever the account fills, not 1,500 that it never does. The benign windows that set the threshold are the
accounts of a clean world, not pooled prompts as in the paper: against these, whoever has one workload stands out, and a
permutation test gives most accounts the same, least possible p-value. The encoder bge-small-en-v1.5 is
replaced by the surrogate of `embedding.py`.
Parameters: kernels and number of reference windows are the paper's; its threshold is the 95th percentile, which is one of
the common rates. The sizes were chosen on trial worlds in favour of the method; scores in standard deviations of a null
of their size were tried and ranked worse.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from peers.embedding import Vectors, embed, frequencies
from peers.interface import UNSEEN, Log, Peer, Ranked

SIZES = (20, 50, 100)
REFERENCES = 20
BANDWIDTHS = (0.5, 1.0, 2.0, 4.0)


def learn(past: Log) -> dict[str, Any]:
    """The weights of words, the median distance, and for each size the reference windows."""
    weight = frequencies(past)
    vector = embed(past, weight).vector
    draw = np.random.default_rng(0)
    some = vector[draw.choice(len(vector), min(2000, len(vector)), replace=False)]
    apart = _squared(some, some)[np.triu_indices(len(some), 1)]
    median = float(np.median(apart))
    sizes = {size: _reference(vector, size, median, draw) for size in SIZES if size <= len(vector)}
    return {"weight": weight, "median": median, "sizes": sizes}


def rank(log: Log, learned: dict[str, Any]) -> Ranked:
    """Accounts by their discrepancy from past traffic, as far as they fill a window."""
    prompts = embed(log, learned["weight"])
    value = np.full(len(log.account_id), UNSEEN)
    for account, count in enumerate(prompts.count):
        size = max((size for size in learned["sizes"] if size <= count), default=0)
        if size:
            reference = learned["sizes"][size]
            value[account] = discrepancy(prompts.of(account, size), reference, learned["median"])
    return Ranked(value)


def discrepancy(window: Vectors, reference: dict[str, Any], median: float) -> float:
    """Mean unbiased squared MMD of a window against the reference windows of its size."""
    within = _within(_kernel(window, window, median))
    between = float(_kernel(window, reference["windows"], median).mean())
    return within + float(reference["within"]) - 2 * between


def _reference(vector: Vectors, size: int, median: float, draw: np.random.Generator) -> dict[str, Any]:
    windows = [vector[draw.choice(len(vector), size, replace=False)] for _ in range(REFERENCES)]
    within = np.mean([_within(_kernel(one, one, median)) for one in windows])
    return {"windows": np.concatenate(windows), "within": within}


def _within(kernel: Vectors) -> float:
    """Mean of a window's kernel over pairs of different prompts."""
    size = len(kernel)
    return float((kernel.sum(dtype=np.float64) - np.trace(kernel)) / (size * (size - 1)))


def _squared(one: Vectors, other: Vectors) -> Vectors:
    return np.maximum(2.0 - 2.0 * (one @ other.T), 0.0)


def _kernel(one: Vectors, other: Vectors, median: float) -> Vectors:
    """The mean of the four kernels; each is the fourth power of the next wider one's, so that one exponential will do."""
    widest = np.exp(_squared(one, other) / np.float32(-2.0 * median * BANDWIDTHS[-1] ** 2))
    total, wide = widest.copy(), widest
    for _ in BANDWIDTHS[1:]:
        wide = wide**2
        wide = wide**2
        total += wide
    return total / len(BANDWIDTHS)


PEER = Peer("mmd", "MMD", "Liu et al., arXiv 2606.05725", ("prompt",), learn, rank)
