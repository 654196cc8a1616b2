"""Signals of clusters that count how often texts come: in a part of the cluster's time, or at the edges of prompts.

The query stays a signal's definition, as in `judge.counted`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.judge.counted import Counted
from stillwatch.judge.narrowed import differ
from stillwatch.judge.numbering import numbers_of
from stillwatch.judge.requests import Requests, answer
from stillwatch.signals import fixed_injection, technique_search
from stillwatch.weigh.holding import Integers, Mask
from stillwatch.weigh.incidence import Int32s

EARLY, MIDDLE, LATE = 0, 1, 2
FAR = 1 << 62


def _settled(asked: Requests, _member: pa.Table) -> pa.Table:
    third = _thirds(asked.column("ts"), asked.known("prompt"), asked.cluster, asked.clusters)
    rows = np.flatnonzero(third != MIDDLE)
    text = asked.column("prompt")
    for name in ("opening", "template"):
        text = np.where(asked.known(name), asked.column(name), text)
    number, numbers = numbers_of(asked.within(text)[rows])
    third, of = third[rows], np.zeros(numbers, np.int32)
    of[number] = asked.cluster[rows]
    alike, total = [], []
    for part in (EARLY, LATE):
        times = np.bincount(number[third == part], minlength=numbers).astype(np.float64)
        requests = np.bincount(of, times, asked.clusters)
        pairs = np.bincount(of, times * (times - 1), asked.clusters)
        alike.append(pairs / np.maximum(requests * (requests - 1), 1))
        total.append(requests)
    both = (total[0] > 1) & (total[1] > 1)
    return answer(np.maximum(alike[1] - alike[0], 0.0), np.where(both, total[0] + total[1], 0.0))


def _fixed(asked: Requests, _member: pa.Table) -> pa.Table:
    later = asked.holds("turns", lambda turns: turns > 1) & asked.known("prompt")
    rows = [np.flatnonzero(later & asked.known(name)) for name in ("opening", "ending")]
    texts = [
        asked.within(asked.column(name))[some] for name, some in zip(("opening", "ending"), rows, strict=True)
    ]
    number, numbers = numbers_of(np.concatenate(texts))
    at = np.concatenate(rows)
    several = differ(number, numbers, asked.column("account")[at], np.ones(len(at), np.bool_))
    of = np.zeros(numbers, np.int32)
    of[number] = asked.cluster[at]
    most = np.zeros(asked.clusters, np.int64)
    np.maximum.at(most, of[several], np.bincount(number, minlength=numbers)[several])
    support = asked.count(later)
    return answer(most / np.maximum(support, 1), support)


@nb.njit(cache=True, nogil=True)
def _thirds(when: Integers, seen: Mask, cluster: Int32s, clusters: int) -> npt.NDArray[np.int8]:
    """In which third of its cluster's time each request is that is seen; others are in the middle."""
    first, last = np.full(clusters, FAR), np.full(clusters, -FAR)
    for row in range(np.uint64(len(when))):
        if seen[row]:
            at = np.uint32(cluster[row])
            first[at], last[at] = min(first[at], when[row]), max(last[at], when[row])
    third = np.full(len(when), MIDDLE, np.int8)
    for row in range(np.uint64(len(when))):
        if seen[row]:
            at = np.uint32(cluster[row])
            since, length = (when[row] - first[at]) * 3, last[at] - first[at]
            third[row] = EARLY if since < length else MIDDLE if since < length * 2 else LATE
    return third


WORDINGS: Mapping[str, Counted] = {
    fixed_injection.SIGNAL.query: _fixed,
    technique_search.SIGNAL.query: _settled,
}
"""By query, what counts its answer from the requests of members and the relation `member`."""
