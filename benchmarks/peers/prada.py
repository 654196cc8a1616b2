"""PRADA: whether the distances between an account's queries are those of nature or of a search.

Source: Juuti, Szyller, Marchal and Asokan, PRADA: Protecting Against DNN Model Stealing Attacks, EuroS&P 2019.
Kept: for each new query the least distance to a growing set; the query joins the set if it is further than a threshold,
which is the mean less one standard deviation of the distances in the set and never falls; distances beyond three standard
deviations are dropped, and what is left is tested for normality (Shapiro and Wilk). The lower W, the more suspect.
Adapted to API logs: made for image classifiers, whose attacks step through pixel space. Distance between images becomes
that between embedded prompts (`embedding.py`). A language model predicts no class, so that an account has one growing set
and not one for each class.
Parameters: the paper asks for 100 queries; most accounts of a campaign never make so many, hence `LEAST` (chosen among 20,
30, 50 and 100 on trial worlds in favour of the method). At most the newest `WINDOW` are read. The limit on W follows from the common threshold.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from peers.embedding import Vectors, embed, frequencies
from peers.interface import UNSEEN, Log, Numbers, Peer, Ranked
from scipy import stats

LEAST, WINDOW = 30, 1000


def learn(past: Log) -> Any:
    """The weights of words."""
    return frequencies(past)


def rank(log: Log, weight: Any) -> Ranked:
    """Accounts by 1 - W."""
    prompts = embed(log, weight)
    value = np.full(len(log.account_id), UNSEEN)
    for account in np.flatnonzero(prompts.count >= LEAST):
        value[account] = 1.0 - normality(least_distances(prompts.of(account, WINDOW)))
    return Ranked(value)


def normality(distance: Numbers) -> float:
    """Shapiro and Wilk's W (0..1) without outliers; 0 for equal distances, which are as far from normal as can be."""
    inside = distance[np.abs(distance - distance.mean()) <= 3 * distance.std()]
    return float(stats.shapiro(inside).statistic) if np.ptp(inside) > 1e-6 else 0.0


@nb.njit(cache=True)
def least_distances(query: Vectors) -> Numbers:
    """For every query but the first, the least distance to the growing set, which begins with the first."""
    held = np.zeros(len(query), dtype=np.int64)
    joined = np.zeros(len(query))
    found = np.zeros(len(query) - 1)
    size, limit = 1, 0.0
    for new in range(1, len(query)):
        near = -1.0
        for place in range(size):
            near = max(near, np.dot(query[new], query[held[place]]))
        found[new - 1] = np.sqrt(max(0.0, 2.0 - 2.0 * near))
        if found[new - 1] > limit:
            held[size], joined[size - 1] = new, found[new - 1]
            limit = max(limit, joined[:size].mean() - joined[:size].std())
            size += 1
    return found


PEER = Peer("prada", "PRADA", "Juuti et al., EuroS&P 2019", ("prompt",), learn, rank)
