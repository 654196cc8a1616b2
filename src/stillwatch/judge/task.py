"""What each exchange of a campaign asks for, its frame taken as one task.

A harvest puts one text round many tasks of one kind, and what stands in the slot is often misread: a proof about shops
looks like business. So a text that a campaign's prompts share is named by most of them, and they all by it. What
follows such an opening ("go on", the output of a tool) belongs to its task.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.codes import plain_table
from stillwatch.fingerprint.door import with_numbers
from stillwatch.fingerprint.text import Keys
from stillwatch.judge.conversation import COLUMNS, numbers, opens
from stillwatch.judge.gather import at_rows, rows_at
from stillwatch.judge.numbering import numbered
from stillwatch.judge.streams import Streams
from stillwatch.model.tables import CAPABILITIES
from stillwatch.weigh.holding import Floats, Integers, Mask
from stillwatch.weigh.incidence import Int32s

FRAMES = ("template", "opening", "ending")
READ = (*FRAMES, *COLUMNS, "words", "tools", "images")
LEAST_ASKED = 20
"""A text that goes round fewer of a campaign's requests names nothing."""
MOSTLY = 0.5
"""A text names its requests if this part of them is named alike; below, it goes round tasks of several kinds."""
SECOND = 0.4
"""Nor does it name them if as large a part is named alike otherwise: it goes round tasks of two kinds."""
LIKELY = 0.5
"""Requests that belong to the extraction with less than this probability keep their own name."""
_VISION = CAPABILITIES.index("vision")


@dataclass(frozen=True)
class _Texts:
    """A frame's texts among n requests: the key of each one's text, what it names it (or -1), round how many it goes."""

    key: Keys
    name: Integers
    requests: Floats


def tasks(exchange: pa.Table, streams: Streams) -> npt.NDArray[np.int8]:
    """The place among `CAPABILITIES` of each of the exchanges at `streams.rows`.

    Of several texts of one request that name it, the one round most requests does. Requests with and without tools are
    of two kinds, whatever text they share, and a picture that was told as one stays one.
    """
    named = at_rows(exchange["task"], streams.rows)
    if not np.any(streams.extraction >= LIKELY):
        return _small(named)
    named = named.astype(np.int64)
    asked_for = plain_table(rows_at(exchange.select(READ), streams.rows)).combine_chunks()
    likely = (streams.extraction >= LIKELY) & (asked_for["words"].fill_null(0).to_numpy() > 0)
    if not likely.any():
        return _small(named)
    weight = np.where(likely, streams.extraction, 0.0)
    texts = [_texts(asked_for, frame, named, weight) for frame in FRAMES]
    told, framed = _widest(texts, named, likely)
    pictured = (named == _VISION) & (asked_for["images"].fill_null(0).to_numpy() > 0)
    told = np.where(pictured, named, told)
    shares = np.any([t.requests >= LEAST_ASKED for t in texts], axis=0)
    opening = _openings(asked_for, shares, weight, streams.conversation)
    shared = np.any([(t.key != 0) & (t.key == t.key[opening]) for t in texts], axis=0)
    follows = likely & (opening >= 0) & (~framed | shared)
    return _small(np.where(follows, told[opening], told))


def _small(named: npt.NDArray[Any]) -> npt.NDArray[np.int8]:
    return named.astype(np.int8)


def _texts(exchange: pa.Table, frame: str, named: Integers, weight: Floats) -> _Texts:
    """The texts of one frame, each named by what half of its requests are named."""
    key = exchange[frame].to_numpy()
    text, known = numbered(with_numbers(key, exchange["tools"].to_numpy() != 0))
    place = text * np.int64(len(CAPABILITIES)) + named
    counts = np.bincount(place, weight, len(known) * len(CAPABILITIES)).reshape(len(known), -1)
    requests = np.where(known != 0, counts.sum(axis=1), 0.0)
    second, first = np.sort(counts, axis=1)[:, -2:].T
    names = (requests >= LEAST_ASKED) & (first >= MOSTLY * requests) & (second < SECOND * requests)
    return _Texts(key, np.where(names, counts.argmax(axis=1), -1)[text], requests[text])


def _widest(texts: list[_Texts], named: Integers, likely: Mask) -> tuple[Integers, Mask]:
    """What each request is named by the widest of its texts that name it, and which requests have one."""
    widest, told = np.zeros(len(named)), named
    for one in texts:
        wider = likely & (one.name >= 0) & (one.requests > widest)
        widest, told = np.where(wider, one.requests, widest), np.where(wider, one.name, told)
    return told, widest > 0


def _openings(exchange: pa.Table, shares: Mask, weight: Floats, conversation: Int32s | None) -> Integers:
    """For each request that follows an opening with a text that goes round the row of that opening, else -1.

    None follows any where most openings carry no such text: what people ask is no list of tasks.
    """
    first = opens(exchange)
    asked = np.where(first, weight, 0.0)
    if asked[shares].sum() < MOSTLY * asked.sum():
        return np.full(exchange.num_rows, -1)
    if conversation is None:
        conversation = numbers(exchange, np.arange(exchange.num_rows))
    openings = np.flatnonzero((asked > 0) & shares)[::-1]
    opening = np.full(int(conversation.max()) + 1, -1)
    opening[conversation[openings]] = openings
    found: Integers = np.where(first, -1, opening[conversation])
    return found
