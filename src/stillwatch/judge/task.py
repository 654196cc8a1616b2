"""What each exchange of a campaign asks for, its frame taken as one task.

A harvest puts one text round many tasks of one kind, and what stands in the slot is often misread: a proof about shops
looks like business. So a text that a campaign's prompts share is named by most of them, and they all by it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.judge.streams import Streams
from stillwatch.model.tables import CAPABILITIES
from stillwatch.weigh.holding import Floats, Integers

FRAMES = ("template", "opening", "ending")
LEAST_ASKED = 20
"""A text that goes round fewer of a campaign's requests names nothing."""
MOSTLY = 0.5
"""A text names its requests if this part of them is named alike; below, it goes round tasks of several kinds."""
LIKELY = 0.5
"""Requests that belong to the extraction with less than this probability keep their own name."""


def tasks(exchange: pa.Table, streams: Streams) -> npt.NDArray[np.int8]:
    """The place among `CAPABILITIES` of each of the exchanges at `streams.rows`.

    Of several texts of one request that name it, the one round most requests does.
    """
    at = pa.array(streams.rows)
    named: npt.NDArray[np.int8] = exchange["capability"].to_numpy()[streams.rows]
    if not np.any(streams.extraction >= LIKELY):
        return named
    asked = exchange["words"].take(at).fill_null(0).to_numpy() > 0
    weight = np.where(asked & (streams.extraction >= LIKELY), streams.extraction, 0.0)
    widest, told = np.zeros(len(named)), named.copy()
    for frame in FRAMES:
        name, requests = _by_most(exchange[frame].take(at), named, weight)
        wider = (requests > widest) & (weight > 0)
        widest, told = np.where(wider, requests, widest), np.where(wider, name, told)
    result: npt.NDArray[np.int8] = told.astype(np.int8)
    return result


def _by_most(key: pa.ChunkedArray, named: npt.NDArray[np.int8], weight: Floats) -> tuple[Integers, Floats]:
    """For each request what most requests with its text are named, and how many those are; 0 where no text names it."""
    texts = key.combine_chunks().dictionary_encode()
    known, text = texts.dictionary.to_numpy(), texts.indices.to_numpy()
    place = text.astype(np.int64) * len(CAPABILITIES) + named
    counts = np.bincount(place, weight, len(known) * len(CAPABILITIES)).reshape(len(known), -1)
    requests = counts.sum(axis=1)
    names = (known != 0) & (requests >= LEAST_ASKED) & (counts.max(axis=1) >= MOSTLY * requests)
    return counts.argmax(axis=1)[text], np.where(names, requests, 0.0)[text]
