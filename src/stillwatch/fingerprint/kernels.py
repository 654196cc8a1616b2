"""The loops over bytes and words, compiled: hashing, and the words of prompts to keys.

All keys are unsigned 64-bit; key 0 means absent.

Source of the shingles: Broder, "On the resemblance and containment of documents" (1997); eight words and the
bottom-8 sketch are explained in ADR 0015.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.table_rows import mark_tables
from stillwatch.fingerprint.vectors import (
    SHORT_SUMS,
    first_bit,
    no_short_sums,
    no_sums,
    plus_row,
    plus_short_sums,
    sum_at,
)
from stillwatch.fingerprint.words import FNV, Room, room, split

U = np.uint64
MIX_A = U(0x9E3779B97F4A7C15)
MIX_B = U(0xBF58476D1CE4E5B9)
SEED = U(0xCBF29CE484222325)
LARGEST = U(0xFFFFFFFFFFFFFFFF)
PROBE_SHIFT = U(49)
WEIGHT_SHIFT = U(50)
MIX_B_TWICE, MIX_B_FOUR_TIMES = (U(pow(int(MIX_B), times, 2**64)) for times in (2, 4))
SHINGLE_WORDS = 8
EDGE_WORDS = 6
OUTER_WORDS = 12
"""Words at either end of a text whose weights, and whose pairs' weights, are told apart from those of the words between."""
INNER_ROWS = U(1) << (U(64) - WEIGHT_SHIFT)
"""The row of weights from which those of the words between are."""
ANCHORS = 8
LOOKED_AT = 2 * ANCHORS
"""About so many shingle keys of a text lie below the limit they are looked at up to, as keys are spread evenly; seldom too few."""
CAPABILITIES = 12
PARTS = 2
"""Of a text's weights there are two sums: of its ends, and of what is between."""


class Probes(NamedTuple):
    """Words and pairs that are looked for: whether one has that slot, its number, and by number its key and its bit."""

    is_taken: npt.NDArray[np.uint8]
    number: npt.NDArray[np.uint16]
    key: npt.NDArray[np.uint64]
    bit: npt.NDArray[np.int64]


@nb.njit(cache=True, nogil=True, inline="always")
def mix(h: np.uint64) -> np.uint64:
    """Finalise a rolling state into a well-spread key (splitmix64)."""
    h = (h ^ (h >> U(30))) * MIX_B
    h = (h ^ (h >> U(27))) * MIX_A
    return h ^ (h >> U(31))


@nb.njit(cache=True, nogil=True)
def hash_strings(
    content: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], out: npt.NDArray[np.uint64]
) -> None:
    """FNV-1a with a strong finaliser, one key per string; the empty string is absent.

    Each byte waits for the one before it, so that four strings together take hardly longer than one.
    """
    whole = len(out) // 4 * 4
    for i in range(0, whole, 4):
        a, b, c, d = U(offsets[i]), U(offsets[i + 1]), U(offsets[i + 2]), U(offsets[i + 3])
        shared = min(b - a, c - b, d - c, U(offsets[i + 4]) - d)
        first, second, third, fourth = SEED, SEED, SEED, SEED
        p = U(0)
        while p < shared:
            first = (first ^ U(content[a + p])) * FNV
            second = (second ^ U(content[b + p])) * FNV
            third = (third ^ U(content[c + p])) * FNV
            fourth = (fourth ^ U(content[d + p])) * FNV
            p += U(1)
        out[i] = _string_key(content, a, b, shared, first)
        out[i + 1] = _string_key(content, b, c, shared, second)
        out[i + 2] = _string_key(content, c, d, shared, third)
        out[i + 3] = _string_key(content, d, U(offsets[i + 4]), shared, fourth)
    for i in range(whole, len(out)):
        out[i] = _string_key(content, U(offsets[i]), U(offsets[i + 1]), U(0), SEED)


@nb.njit(cache=True, nogil=True, inline="always")
def _string_key(
    content: npt.NDArray[np.uint8], start: np.uint64, end: np.uint64, done: np.uint64, state: np.uint64
) -> np.uint64:
    """The key of a string whose state tells so many of its bytes already."""
    if start == end:
        return U(0)
    for p in range(start + done, end):
        state = (state ^ U(content[p])) * FNV
    return max(mix(state), U(1))


@nb.njit(cache=True, nogil=True)
def _read(
    held: Room,
    texts: int,
    probes: Probes,
    weight: npt.NDArray[np.int8],
    whole: npt.NDArray[np.uint64],
    asks: npt.NDArray[np.int64],
    about: npt.NDArray[np.int32],
) -> None:
    """Of each text the key of all words in order, bits of the probes among words and pairs of neighbours, and sums of the weights of these.

    What waits for itself at each word costs little beside what is looked up. Nothing branches on a word: one or a pair whose slot is
    taken is written to `held.some` and kept by counting it. Between the ends, where most words are, pairs have no weight.
    """
    for text in range(texts):
        first, last = U(held.until[text]), U(held.until[text + 1])
        opening = min(first + U(OUTER_WORDS), last)
        closing = max(opening, max(last, U(OUTER_WORDS)) - U(OUTER_WORDS))
        i = first
        state, previous, count, ends, inner = SEED, U(0), U(0), no_sums(), no_sums()
        while i < last:
            is_inner = (i >= opening) & (i < closing)
            end, short = closing if is_inner else (opening if i < opening else last), no_short_sums()
            if is_inner:
                end = min(end, i + U(SHORT_SUMS))
                while i < end:
                    word = held.words[i]
                    state = (state ^ word) * FNV
                    state = state ^ (state >> U(29))
                    for key in (word, word + U(3) * previous):
                        held.some[count] = key
                        count += U(probes.is_taken[key * MIX_A >> PROBE_SHIFT])
                    short = plus_row(short, weight, INNER_ROWS + (word * MIX_A >> WEIGHT_SHIFT))
                    previous = word
                    i += U(1)
                inner = plus_short_sums(inner, short)
            else:
                while i < end:
                    word = held.words[i]
                    state = (state ^ word) * FNV
                    state = state ^ (state >> U(29))
                    for key in (word, word + U(3) * previous):
                        spread = key * MIX_A
                        held.some[count] = key
                        count += U(probes.is_taken[spread >> PROBE_SHIFT])
                        short = plus_row(short, weight, spread >> WEIGHT_SHIFT)
                    previous = word
                    i += U(1)
                ends = plus_short_sums(ends, short)
        whole[text] = (mix(state) | U(1)) if last > first else U(0)
        for number in range(CAPABILITIES):
            about[text, 0, number] = sum_at(ends, U(number))
            about[text, 1, number] = sum_at(inner, U(number))
        found = 0
        for one in range(count):
            key = held.some[one]
            at = U(probes.number[key * MIX_A >> PROBE_SHIFT])
            found |= probes.bit[at] if probes.key[at] == key else 0
        asks[text] = found


@nb.njit(cache=True, nogil=True, inline="always")
def _in_order(words: npt.NDArray[np.uint64], first: np.uint64) -> np.uint64:
    """The key of the `EDGE_WORDS` words from that one on, in order."""
    h, i = SEED, first
    while i < first + U(EDGE_WORDS):
        h = (h ^ words[i]) * FNV
        h = h ^ (h >> U(29))
        i += U(1)
    return mix(h)


@nb.njit(cache=True, nogil=True)
def _edges(
    held: Room,
    texts: int,
    words: npt.NDArray[np.int32],
    head: npt.NDArray[np.uint64],
    tail: npt.NDArray[np.uint64],
) -> None:
    """How many words each text has, and keys of the first and of the last."""
    for text in range(texts):
        first, last = U(held.until[text]), U(held.until[text + 1])
        words[text] = last - first
        if last - first >= U(EDGE_WORDS):
            head[text] = _in_order(held.words, first) | U(1)
            tail[text] = _in_order(held.words, last - U(EDGE_WORDS)) & ~U(1) | U(2)


@nb.njit(cache=True, nogil=True)
def _shingles(words: npt.NDArray[np.uint64], count: int, keys: npt.NDArray[np.uint64]) -> None:
    """Write the keys of the shingles that begin at so many words, whichever text these are of: of two words, of four, of eight, each many at a time.

    Words after them are looked at, and are of no shingle that lies within one text.
    """
    i = U(0)
    while i < U(count):
        keys[i] = words[i] * MIX_B + words[i + U(1)]
        i += U(1)
    i = U(0)
    while i < U(count):
        keys[i] = keys[i] * MIX_B_TWICE + keys[i + U(2)]
        i += U(1)
    i = U(0)
    while i < U(count):
        key = keys[i] * MIX_B_FOUR_TIMES + keys[i + U(4)]
        key = (key ^ (key >> U(31))) * MIX_A
        keys[i] = (key ^ (key >> U(29))) * MIX_B
        i += U(1)


@nb.njit(cache=True, nogil=True)
def _sketches(held: Room, texts: int, anchors: npt.NDArray[np.uint64]) -> None:
    """Of each text the smallest distinct shingle keys in order, padded with 0: of all where too few lie below a limit.

    Nothing branches on a key: it is written to `held.some` and kept by counting it.
    """
    for text in range(texts):
        first, last = U(held.until[text]), U(held.until[text + 1])
        shingles = max(last - first, U(SHINGLE_WORDS - 1)) - U(SHINGLE_WORDS - 1)
        limit = LARGEST // shingles * U(LOOKED_AT) if shingles > U(LOOKED_AT) else LARGEST
        while True:
            count, i = U(0), first
            while i < first + shingles:
                held.some[count] = held.shingles[i]
                count += U(held.shingles[i] < limit)
                i += U(1)
            if _smallest(held.some, count, anchors, text) or limit == LARGEST:
                break
            limit = LARGEST


@nb.njit(cache=True, nogil=True, inline="always")
def _smallest(
    keys: npt.NDArray[np.uint64], count: np.uint64, anchors: npt.NDArray[np.uint64], row: int
) -> bool:
    """Write the smallest distinct ones of so many keys to a row; whether there are as many as there is room for."""
    for a in range(ANCHORS):
        anchors[row, a] = LARGEST
    i = U(0)
    while i < count:
        key, is_there = keys[i], False
        i += U(1)
        for a in range(ANCHORS):
            is_there |= anchors[row, a] == key
        if is_there:
            continue
        for a in range(ANCHORS - 1, 0, -1):
            anchors[row, a] = min(anchors[row, a], max(anchors[row, a - 1], key))
        anchors[row, 0] = min(anchors[row, 0], key)
    is_full = anchors[row, ANCHORS - 1] != LARGEST
    for a in range(ANCHORS):
        anchors[row, a] = U(0) if anchors[row, a] == LARGEST else anchors[row, a]
    return bool(is_full)


@nb.njit(cache=True, nogil=True)
def text_keys(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    fold: npt.NDArray[np.uint8],
    probes: Probes,
    table_bit: int,
    weight: npt.NDArray[np.int8],
    whole: npt.NDArray[np.uint64],
    head: npt.NDArray[np.uint64],
    tail: npt.NDArray[np.uint64],
    asks: npt.NDArray[np.int64],
    words: npt.NDArray[np.int32],
    script: npt.NDArray[np.int8],
    anchors: npt.NDArray[np.uint64],
    about: npt.NDArray[np.int32],
) -> None:
    """Each text to words, and the words to keys. `WIDTH` bytes after the last text can be looked at.

    whole: all words in order. head, tail: first and last `EDGE_WORDS` words. asks: bit set of keyword probes on
    words and word pairs, and `table_bit` if the text holds a table. script: 0 Latin or none, 1 Chinese-Japanese-Korean, 2 Cyrillic, by majority of
    characters. anchors: (rows, ANCHORS) smallest shingle keys, padded with 0.
    about: (rows, PARTS, capabilities) sums of the rows of `weight`, of `SUMS` numbers: at the places of the words and word pairs of both ends, and
    of the words between.
    """
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    held, done = room(longest), 0
    while done < len(offsets) - 1:
        texts = split(content, offsets[done:], fold, held, script[done:])
        _shingles(held.words, held.until[texts], held.shingles)
        _sketches(held, texts, anchors[done:])
        _read(held, texts, probes, weight, whole[done:], asks[done:], about[done:])
        _edges(held, texts, words[done:], head[done:], tail[done:])
        mark_tables(content, offsets[done : done + texts + 1], held, table_bit, asks[done:])
        done += texts


@nb.njit(cache=True, nogil=True)
def name_capabilities(
    flags: npt.NDArray[np.int64],
    about: npt.NDArray[np.int32],
    words: npt.NDArray[np.int32],
    table: npt.NDArray[np.float32],
    scale: npt.NDArray[np.float32],
    start: npt.NDArray[np.float32],
    out: npt.NDArray[np.int8],
) -> None:
    """Position of the largest total per row, the first of equals; the last where a row has no word and no flag.

    A total is the start, the row of `table` of each bit set in `flags`, and the scaled sums of both ends and of what is between, each over
    the root of the number of its words.
    """
    total = np.zeros(CAPABILITIES, np.float32)
    for i in range(len(flags)):
        if words[i] == 0 and flags[i] == 0:
            out[i] = CAPABILITIES - 1
            continue
        ends = np.float32(1.0) / np.sqrt(np.float32(max(min(words[i], 2 * OUTER_WORDS), 1)))
        inner = np.float32(1.0) / np.sqrt(np.float32(max(words[i] - 2 * OUTER_WORDS, 1)))
        for a in range(CAPABILITIES):
            sums = np.float32(about[i, 0, a]) * ends + np.float32(about[i, 1, a]) * inner
            total[a] = start[a] + scale[a] * sums
        rest = U(flags[i])
        while rest:
            bit = first_bit(rest)
            for a in range(CAPABILITIES):
                total[a] += table[bit, a]
            rest &= rest - U(1)
        best, most = 0, total[0]
        for a in range(1, CAPABILITIES):
            best = a if total[a] > most else best
            most = max(total[a], most)
        out[i] = best
