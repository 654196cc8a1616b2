"""Mahalanobis windows: whether an account's prompts lie as far from the centre of past traffic as prompts do.

Source: the marginal Mahalanobis baseline of arXiv 2606.05725, after Lee et al., A Simple Unified Framework for Detecting
Out-of-Distribution Samples and Adversarial Attacks, NeurIPS 2018. It stands here for DATE (Manolache et al., NAACL 2021)
too: DATE trains a transformer on benign text, which has no local surrogate, and was the weaker of the two there.
Kept: mean and covariance of past benign prompts; each prompt's distance; a window is judged by its mean distance, on
both sides: windows that are too ordinary are as suspect as odd ones (one-sided thresholds did far worse there).
Adapted to API logs: a window is all that one account asked, not a stream of 1,500 prompts that it never
fills. The encoder is the surrogate of `embedding.py`.
Parameters: the covariance is shrunk by a tenth towards its mean variance, so that it can be inverted whatever was seen;
`LEAST` prompts are needed (chosen among 10, 20 and 30 on trial worlds in favour of the method). The deviation is that of the
mean itself: in standard errors of a window of its size, which was tried, whoever asks most comes first, and it ranked
worse on trial worlds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from peers.embedding import DIMENSIONS, Vectors, embed, frequencies
from peers.interface import UNSEEN, Log, Peer, Ranked

LEAST = 30
SHRINKAGE = 0.1


def learn(past: Log) -> dict[str, Any]:
    """The weights of words, the centre, the whitening matrix, and the mean distance of past prompts."""
    weight = frequencies(past)
    vector = embed(past, weight).vector
    centre = vector.mean(axis=0, dtype=np.float64)
    spread = np.cov(vector, rowvar=False, dtype=np.float64)
    shrunk = (1 - SHRINKAGE) * spread + SHRINKAGE * np.trace(spread) / DIMENSIONS * np.eye(DIMENSIONS)
    whiten = np.linalg.cholesky(np.linalg.inv(shrunk))
    far = _distance(vector, centre, whiten)
    return {"weight": weight, "centre": centre, "whiten": whiten, "mean": far.mean()}


def rank(log: Log, learned: dict[str, Any]) -> Ranked:
    """Accounts by how far their mean distance lies from that of past prompts, on either side."""
    prompts = embed(log, learned["weight"])
    value = np.full(len(log.account_id), UNSEEN)
    far = _distance(prompts.vector, learned["centre"], learned["whiten"])
    total = np.diff(np.concatenate(([0.0], np.cumsum(far)))[prompts.start])
    judged = prompts.count >= LEAST
    value[judged] = abs(total[judged] / prompts.count[judged] - learned["mean"])
    return Ranked(value)


def _distance(
    vector: Vectors, centre: npt.NDArray[np.float64], whiten: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    white = (vector - centre.astype(np.float32)) @ whiten.astype(np.float32)
    return np.sqrt((white * white).sum(axis=1, dtype=np.float64))


PEER = Peer("mahalanobis", "Mahalanobis windows", "Lee et al., NeurIPS 2018", ("prompt",), learn, rank)
