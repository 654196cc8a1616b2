"""Measures of two ways to sort the same accounts into clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.scoring.rates import Flags, harmonic_mean, precision_recall

Clusters = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Overlap:
    """How two sortings of the same accounts overlap.

    `shared`, `actual` and `claimed` hold, for each account, how many accounts (itself included) stand with it
    in both sortings, in the actual one and in the claimed one.
    """

    shared: npt.NDArray[np.int64]
    actual: npt.NDArray[np.int64]
    claimed: npt.NDArray[np.int64]

    @classmethod
    def of(cls, actual: Clusters, claimed: Clusters) -> Overlap:
        """Overlap two sortings, both numbered in any way."""
        truth = np.unique(actual, return_inverse=True)[1]
        claim = np.unique(claimed, return_inverse=True)[1]
        cell = truth * (claim.max(initial=0) + 1) + claim
        return cls(_companions(cell), _companions(truth), _companions(claim))


def _companions(cluster: Clusters) -> npt.NDArray[np.int64]:
    """For each account the size of its cluster."""
    _, inverse, size = np.unique(cluster, return_inverse=True, return_counts=True)
    return size[inverse].astype(np.int64)


def alone_where(cluster: Clusters, outside: Flags) -> Clusters:
    """Renumber the clusters so that every account that is outside makes a cluster of its own."""
    first_free = cluster.max(initial=-1) + 1
    alone = first_free + np.arange(cluster.size)
    return np.where(outside | (cluster < 0), alone, cluster).astype(np.int64)


def bcubed(actual: Clusters, claimed: Clusters) -> dict[str, float | None] | None:
    """B-cubed precision, recall and F1 of a clustering; None of no accounts.

    For each account: precision = the share of its claimed cluster that truly belongs with it, recall = the
    share of its true cluster that was claimed with it; both averaged over accounts. Unlike pairwise counts, a
    large campaign does not drown the small ones. Source: Bagga and Baldwin, Entity-Based Cross-Document
    Coreferencing Using the Vector Space Model, COLING-ACL 1998.
    """
    if not actual.size:
        return None
    overlap = Overlap.of(actual, claimed)
    precision = float((overlap.shared / overlap.claimed).mean())
    recall = float((overlap.shared / overlap.actual).mean())
    return {"precision": precision, "recall": recall, "f1": harmonic_mean(precision, recall)}


def pairwise(actual: Clusters, claimed: Clusters) -> dict[str, float | None] | None:
    """Precision, recall and F1 over pairs of accounts; None of no accounts.

    A pair is claimed if both accounts stand in one claimed cluster, and right if they stand in one true
    cluster too. Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008,
    section 16.3.
    """
    if not actual.size:
        return None
    overlap = Overlap.of(actual, claimed)
    shared, claims, truths = (_pairs(size) for size in (overlap.shared, overlap.claimed, overlap.actual))
    return precision_recall(right=shared, wrong=claims - shared, missed=truths - shared)


def _pairs(companions: npt.NDArray[np.int64]) -> int:
    """Count the pairs inside clusters: each account stands in (size - 1) pairs, each pair counted twice."""
    return int((companions - 1).sum()) // 2
