"""The share of openings that go through texts that many of a cluster's accounts send (`signals/framed_prompts.py`).

A text of many accounts is one of many requests. So how often texts come is counted first, at places that several may
share, and only requests at places that come often enough are looked at further: few, in a pool where people ask.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.often import place, power_of_two
from stillwatch.fingerprint.text import Keys
from stillwatch.judge.numbering import numbers_of
from stillwatch.judge.requests import Requests, answer
from stillwatch.judge.tallied import senders
from stillwatch.weigh.holding import Integers, Mask
from stillwatch.weigh.incidence import Int32s

FRAMES = ("template", "opening", "ending")
LEAST_ACCOUNTS, ONE_IN = 3, 10
"""A text goes around a cluster's prompts if so many accounts send it, and one in so many of all that the cluster has."""
SPARE, MOST_PLACES = 4, 1 << 22
"""Places are so many that a text there is one of so few as are asked for, and fit into the processor's cache where many are."""
OFTEN = np.iinfo(np.uint16).max


def framed_share(asked: Requests, member: pa.Table) -> pa.Table:
    """What the query of that signal answers."""
    accounts = np.bincount(member["cluster"].to_numpy(), minlength=asked.clusters)
    least = np.maximum(LEAST_ACCOUNTS, -(-accounts // ONE_IN))
    opened = asked.column("opens") & asked.known("prompt")
    framed = np.zeros(len(opened), np.bool_)
    rows, kinds, texts = _often(asked, opened, least)
    number, numbers = numbers_of(texts)
    of = np.zeros(numbers, np.int32)
    of[number] = asked.cluster[rows]
    text = number * len(FRAMES)
    text += kinds
    party, enough = (asked.place[rows], len(asked.parties)), np.repeat(least[of], len(FRAMES))
    by_kind = senders((text, numbers * len(FRAMES)), party, enough)
    common = by_kind.reshape(numbers, len(FRAMES)).sum(axis=1) >= least[of]
    framed[rows[common[number]]] = True
    support = asked.count(opened)
    return answer(asked.count(framed) / np.maximum(support, 1), support)


def _often(asked: Requests, opened: Mask, least: Integers) -> tuple[Integers, Int32s, Keys]:
    """Rows of requests with texts that enough accounts may send, each with the kind of the text and its key."""
    texts = [asked.within(asked.column(name)) for name in FRAMES]
    there = [opened & asked.known(name) for name in FRAMES]
    wanted = (
        SPARE * len(FRAMES) * int(np.count_nonzero(opened)) // int(least[asked.present].min(initial=OFTEN))
    )
    times = np.zeros(min(power_of_two(wanted), MOST_PLACES), np.uint16)
    for text, seen in zip(texts, there, strict=True):
        _tally(text, seen, times)
    bar = np.minimum(least, OFTEN).astype(np.uint16)
    rows = [
        np.flatnonzero(_reach(text, seen, times, (bar, asked.cluster)))
        for text, seen in zip(texts, there, strict=True)
    ]
    kinds = np.repeat(np.arange(len(FRAMES), dtype=np.int32), [len(some) for some in rows])
    chosen = [text[some] for text, some in zip(texts, rows, strict=True)]
    return np.concatenate(rows), kinds, np.concatenate(chosen)


@nb.njit(cache=True, nogil=True)
def _tally(text: Keys, seen: Mask, times: npt.NDArray[np.uint16]) -> None:
    """Count how often texts come at their places, up to the most that there is room for."""
    for row in range(np.uint64(len(text))):
        if seen[row]:
            at = place(text[row], len(times))
            times[at] += np.uint16(times[at] < OFTEN)


@nb.njit(cache=True, nogil=True)
def _reach(
    text: Keys,
    seen: Mask,
    times: npt.NDArray[np.uint16],
    least: tuple[npt.NDArray[np.uint16], Int32s],
) -> Mask:
    """Which rows have a text at a place that comes as often as is the least of their cluster."""
    bar, cluster = least
    reach = np.zeros(len(text), np.bool_)
    for row in range(np.uint64(len(text))):
        if seen[row]:
            reach[row] = times[place(text[row], len(times))] >= bar[np.uint32(cluster[row])]
    return reach
