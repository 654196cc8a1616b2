"""Sentences of a text to codes, compiled: where they begin and end, their words, and the signs of their sums.

Of a text the first and the last sentences are read, since what a template asks stands before or after what it asks about.
A sentence ends with `.`, `!` or `?` before a space, with their Chinese and Japanese forms, or with a line. Words and their
keys are those of `words`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.often import place
from stillwatch.fingerprint.words import CJK_LEAD, DIGIT, FNV, FOLD, joined

U = np.uint64
BITS = 64
"""Bits of a code."""
EDGE_SENTENCES = 4
CODES = 2 * EDGE_SENTENCES
"""Sentences read of a text: so many first ones, and as many last ones."""
SHORTEST_BYTES = 8
FEWEST_WORDS = 3
"""A sentence of fewer known words says too little."""
MOST_WORDS = 64
"""Words read of one sentence; code and tables may have no end of a sentence for pages."""


FULL_STOPS = (46, 33, 63)
"""`.`, `!` and `?`."""
LINE_END, SPACE, LETTERS = 10, 32, 64
"""From `LETTERS` up to Chinese and Japanese no byte ends a sentence."""


class Content(NamedTuple):
    """Texts: their bytes, and where each begins and the last one ends."""

    bytes: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int32]


class Table(NamedTuple):
    """What words add to a sentence.

    `keys` and `rows` are an open table from a word's key to its row of `sums`, of shape (words, 64); -1 where nothing of
    the word is known.
    """

    keys: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.int32]
    sums: npt.NDArray[np.int32]


class New(NamedTuple):
    """Room for words that are not in the table yet: their keys, and begin and end of their bytes."""

    keys: npt.NDArray[np.uint64]
    spans: npt.NDArray[np.int64]


@nb.njit(cache=True, nogil=True, inline="always")
def _mark(text: npt.NDArray[np.uint8], at: int) -> int:
    """The length of the mark at that byte that ends a sentence, 0 if there is none."""
    byte = text[at]
    if LETTERS <= byte < CJK_LEAD or byte == SPACE:
        return 0
    if byte == LINE_END:
        return 1
    if byte in FULL_STOPS:
        return 1 if at + 1 == len(text) or text[at + 1] <= SPACE else 0
    if at + 2 < len(text):
        if byte == 0xE3 and text[at + 1] == 0x80 and text[at + 2] == 0x82:
            return 3
        if byte == 0xEF and text[at + 1] == 0xBC and (text[at + 2] == 0x81 or text[at + 2] == 0x9F):
            return 3
    return 0


@nb.njit(cache=True, nogil=True)
def spans(text: npt.NDArray[np.uint8], found: npt.NDArray[np.int64]) -> int:
    """Write begin and end of the first and the last sentences, each once; how many there are."""
    count, begin = 0, 0
    at = 0
    while at < len(text) and count < EDGE_SENTENCES:
        size = _mark(text, at)
        at += max(1, size)
        if size > 0 or at >= len(text):
            if at - begin >= SHORTEST_BYTES:
                found[count, 0], found[count, 1] = begin, at
                count += 1
            begin = at
    first, end, at = begin, len(text), len(text) - 2
    while at >= first - 1 and count < CODES and end > first:
        size = _mark(text, at) if at >= first else 1
        if size > 0 and at + size < end:
            if end - (at + size) >= SHORTEST_BYTES:
                found[count, 0], found[count, 1] = at + size, end
                count += 1
            end = at + size
        at -= 1
    return count


@nb.njit(cache=True, nogil=True)
def _words(
    text: npt.NDArray[np.uint8],
    fold: npt.NDArray[np.uint8],
    keys: npt.NDArray[np.uint64],
    at: npt.NDArray[np.int64],
) -> int:
    """Write key, begin and end of each word, `MOST_WORDS` at most; how many there are."""
    count, h, previous, begin, p = 0, U(0), 0, 0, 0
    while p < len(text) and count < MOST_WORDS:
        byte = text[p]
        c = 0 if byte >= CJK_LEAD else int(fold[byte])
        if c == 0 and h != U(0):
            keys[count], at[count, 0], at[count, 1] = h, begin, p
            count += 1
            h = U(0)
        if byte >= CJK_LEAD and count < MOST_WORDS:
            size = min(4 if byte >= 0xF0 else 3, len(text) - p)
            keys[count], at[count, 0], at[count, 1] = joined(text[p : p + size]), p, p + size
            count += 1
            previous = 0
            p += size
            continue
        if c != 0:
            if h == U(0):
                begin = p
            if c != DIGIT or previous != DIGIT:
                h = (h + U(c)) * FNV
        previous = c
        p += 1
    if h != U(0) and count < MOST_WORDS:
        keys[count], at[count, 0], at[count, 1] = h, begin, p
        count += 1
    return count


@nb.njit(cache=True, nogil=True, inline="always")
def _slot(key: np.uint64, keys: npt.NDArray[np.uint64]) -> int:
    """Where the key stands in the open table, or the free place where it would."""
    slot = place(key, len(keys))
    while keys[slot] != U(0) and keys[slot] != key:
        slot = (slot + U(1)) & U(len(keys) - 1)
    return int(np.int64(slot))


@nb.njit(cache=True, nogil=True)
def enter(keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.int32], table: Table) -> None:
    """Put new keys into the table, which has room for them."""
    for i in range(len(keys)):
        slot = _slot(keys[i], table.keys)
        table.keys[slot], table.rows[slot] = keys[i], rows[i]


@nb.njit(cache=True, nogil=True)
def _code(sums: npt.NDArray[np.int32]) -> np.uint64:
    """A bit for each sum that is above 0; the code 0 means absent."""
    code = U(0)
    for b in range(BITS):
        if sums[b] > 0:
            code |= U(1) << U(b)
    return code if code != U(0) else U(1)


@nb.njit(cache=True, nogil=True, inline="always")
def _add(total: npt.NDArray[np.int32], word: npt.NDArray[np.int32]) -> None:
    """Add what a word says; 32 bits hold 64 words of a thousand pieces each."""
    for b in range(BITS):
        total[b] += word[b]


@nb.njit(cache=True, nogil=True)
def codes(
    content: Content, texts: npt.NDArray[np.int64], table: Table, out: npt.NDArray[np.uint64], new: New
) -> tuple[int, npt.NDArray[np.bool_]]:
    """Write the codes of those texts whose words are all in the table to `out`; the number of new words, and which were done.

    Words that are not in the table are written to `new` as far as there is room.
    """
    found, at = np.empty((CODES, 2), np.int64), np.empty((MOST_WORDS, 2), np.int64)
    mine, total = np.empty(MOST_WORDS, np.uint64), np.empty(BITS, np.int32)
    count, done = 0, np.ones(len(texts), np.bool_)
    for i in range(len(texts)):
        start = content.offsets[texts[i]]
        text = content.bytes[start : content.offsets[texts[i] + 1]]
        for s in range(spans(text, found)):
            base, known = found[s, 0], 0
            total[:] = 0
            for w in range(_words(text[base : found[s, 1]], FOLD, mine, at)):
                slot = _slot(mine[w], table.keys)
                if table.keys[slot] == U(0):
                    done[i] = False
                    if count < len(new.keys):
                        new.keys[count] = mine[w]
                        new.spans[count, 0] = start + base + at[w, 0]
                        new.spans[count, 1] = start + base + at[w, 1]
                        count += 1
                elif table.rows[slot] >= 0:
                    known += 1
                    _add(total, table.sums[table.rows[slot]])
            if known >= FEWEST_WORDS:
                out[texts[i], s] = _code(total)
    return count, done
