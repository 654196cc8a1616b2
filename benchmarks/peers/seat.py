"""SEAT: an account that asks many queries nearly equal to earlier ones of its own is extracting.

Source: Zhang, Chen and Wagner, SEAT: Similarity Encoder by Adversarial Training for Detecting Model Extraction Attack
Queries, AISec 2021.
Kept: every query is encoded; a query that lies within a small distance of an earlier one of the same account makes a
similar pair; an account with too many pairs is cancelled.
Adapted to API logs: made for image classifiers, where an attack perturbs its seed images; the encoder is trained so that
a perturbed image stays near its seed. A prompt has no such perturbation, and a word changed in a template is what comes
nearest to it: `embedding.py` stands in for the encoder. Pairs count as a share of the account's queries: by their number,
as in the paper, the line is crossed by whoever asks most, and the method ranked worse on trial worlds.
Parameters: near is the distance within which a share `PAIRS` of random pairs of past benign prompts lies, as the paper sets
it on benign data. `PAIRS` was chosen among 0.0001, 0.0003, 0.001, 0.003, 0.01 and 0.03, and `LEAST` among 10, 20 and 30, on
trial worlds in favour of the method. The share of queries that is too large (50 pairs in the paper) follows from the
common threshold. At most the newest `WINDOW` queries are read.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from peers.embedding import Vectors, embed, frequencies
from peers.interface import UNSEEN, Log, Peer, Ranked

LEAST, WINDOW = 10, 1000
PAIRS = 0.003
SAMPLED = 200_000


def learn(past: Log) -> dict[str, Any]:
    """The weights of words, and the likeness (a cosine) that counts as near."""
    weight = frequencies(past)
    vector = embed(past, weight).vector
    draw = np.random.default_rng(0)
    one, other = draw.integers(0, len(vector), (2, SAMPLED))
    apart = one != other
    likeness = np.einsum("ij,ij->i", vector[one[apart]], vector[other[apart]])
    return {"weight": weight, "near": float(np.quantile(likeness, 1 - PAIRS))}


def rank(log: Log, learned: dict[str, Any]) -> Ranked:
    """Accounts by the share of their queries that make a similar pair."""
    prompts = embed(log, learned["weight"])
    value = np.full(len(log.account_id), UNSEEN)
    for account in np.flatnonzero(prompts.count >= LEAST):
        window = prompts.of(account, WINDOW)
        value[account] = similar_pairs(window, learned["near"]) / len(window)
    return Ranked(value)


@nb.njit(cache=True)
def similar_pairs(query: Vectors, near: float) -> int:
    """How many queries have an earlier one as near as that."""
    found = 0
    for new in range(1, len(query)):
        for earlier in range(new):
            if np.dot(query[new], query[earlier]) > near:
                found += 1
                break
    return found


PEER = Peer("seat", "SEAT", "Zhang et al., AISec 2021", ("prompt",), learn, rank)
