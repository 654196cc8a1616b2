"""Signals of clusters that are counted here: what their queries ask, at a fifth of the cost where most keys are new.

The query stays a signal's definition; executors answer it as it stands, and a property test holds the two equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numba as nb
import numpy as np
import pyarrow as pa

from stillwatch.judge.framed import framed_share
from stillwatch.judge.requests import Requests, answer
from stillwatch.judge.tallied import senders
from stillwatch.signals import (
    capability_sweep,
    conversations,
    framed_prompts,
    fresh_prompts,
    reworded,
    store_and_replay,
)
from stillwatch.weigh.holding import Floats, Integers, Mask
from stillwatch.weigh.incidence import Int32s

LATER = 2
"""Messages of a request that a conversation begins with at most."""
SHORT = 255
"""More messages than so many are not told apart."""
SHARED = 3
"""Accounts that share a wording."""
NOT_YET = np.iinfo(np.int64).max


def _fresh(asked: Requests, _member: pa.Table) -> pa.Table:
    opens = asked.column("opens") & asked.known("prompt")
    openings = asked.count(opens)
    opens &= ~asked.holds("images", lambda images: images != 0)
    support, millionths = asked.count(opens), np.zeros(asked.clusters, np.int64)
    for cluster, requests, prompts in asked.often("prompt", opens, beside="token"):
        taken = min(float(fresh_prompts.REQUESTS), float(support[cluster]))
        there = 1.0 - math.pow(1.0 - taken / support[cluster], requests)
        millionths[cluster] += prompts * math.floor(there * 1e6 + 0.5)
    taken_of = np.clip(support, 1, float(fresh_prompts.REQUESTS))
    says = support * fresh_prompts.LEAST_PART >= openings
    return answer(np.minimum(1.0, millionths / 1e6 / taken_of), np.where(says, support, 0))


def _continued(asked: Requests, _member: pa.Table) -> pa.Table:
    known, held = asked.there("turns"), asked.known("conversation")
    support, requests = asked.count(known), asked.count(held)
    later = _over(asked.count(asked.holds("turns", lambda turns: turns > LATER)), support)
    again = 1.0 - _over(asked.kinds("conversation", held), requests)
    return answer(np.where(requests > 0, np.minimum(later, again), later), support)


def _swept(asked: Requests, _member: pa.Table) -> pa.Table:
    within = asked.cluster, asked.clusters
    tasks = _tasks(asked.numbered("prompt"), asked.capability, asked.read, within)
    support = asked.count(asked.read)
    return answer(_over(tasks.max(axis=1, initial=0), support), support)


def _replayed(asked: Requests, _member: pa.Table) -> pa.Table:
    turns = np.minimum(asked.column("turns"), SHORT)
    moment = asked.column("ts") * (SHORT + 1) + turns
    held = asked.known("conversation")
    begun, of = _begun(asked.numbered("conversation"), moment, held, asked.cluster)
    of, begun = of[begun != NOT_YET], np.fmod(begun[begun != NOT_YET], SHORT + 1)
    support = np.bincount(of[begun > 0], minlength=asked.clusters)
    return answer(_over(np.bincount(of[begun > LATER], minlength=asked.clusters), support), support)


def _reworded(asked: Requests, _member: pa.Table) -> pa.Table:
    known, (number, numbers) = asked.known("template"), asked.numbered("template")
    text, of = number[known], np.zeros(numbers, np.int32)
    of[number] = asked.cluster
    party, enough = (asked.place[known], len(asked.parties)), np.full(numbers, SHARED)
    shared = senders((text, numbers), party, enough) == SHARED
    of, times = of[shared], np.bincount(text, minlength=numbers)[shared].astype(np.float64)
    requests, support = np.bincount(of, times, asked.clusters), asked.count(asked.known("prompt"))
    pairs = np.bincount(of, times * times, asked.clusters)
    cubed = np.array([one**3.0 for one in requests.tolist()])
    return answer(cubed / np.maximum(pairs * support, 1), support)


def _over(part: Integers, whole: Integers) -> Floats:
    """Part of a whole, anything where there is none."""
    return part / np.maximum(whole, 1)


@nb.njit(cache=True, nogil=True)
def _tasks(
    numbered: tuple[Int32s, int], capability: Int32s, read: Mask, within: tuple[Int32s, int]
) -> Integers:
    """How many distinct prompts of each capability each cluster has; `within` are the clusters of the requests, and how many."""
    (number, numbers), (cluster, clusters) = numbered, within
    kinds = capability.max() + 1 if len(capability) else 1
    tasks, seen = np.zeros((clusters, kinds), np.int64), np.zeros(numbers * kinds, np.bool_)
    for row in range(np.uint64(len(number))):
        if read[row]:
            at = np.uint64(number[row]) * np.uint64(kinds) + np.uint64(capability[row])
            if not seen[at]:
                seen[at] = True
                tasks[cluster[row], capability[row]] += 1
    return tasks


@nb.njit(cache=True, nogil=True)
def _begun(
    numbered: tuple[Int32s, int], moment: Integers, held: Mask, cluster: Int32s
) -> tuple[Integers, Int32s]:
    """The first moment of each number's requests that are held, and whose they are."""
    number, numbers = numbered
    first, of = np.full(numbers, NOT_YET), np.zeros(numbers, np.int32)
    for row in range(np.uint64(len(number))):
        if held[row]:
            at = np.uint32(number[row])
            first[at] = min(first[at], moment[row])
            of[at] = cluster[row]
    return first, of


Counted = Callable[[Requests, pa.Table], pa.Table]
COUNTED: Mapping[str, Counted] = {
    framed_prompts.SIGNAL.query: framed_share,
    fresh_prompts.SIGNAL.query: _fresh,
    conversations.SIGNAL.query: _continued,
    capability_sweep.SIGNAL.query: _swept,
    reworded.SIGNAL.query: _reworded,
    store_and_replay.SIGNAL.query: _replayed,
}
"""By query, what counts its answer from the requests of members and the relation `member`."""
