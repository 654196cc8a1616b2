"""Prompts as unit vectors: the stand-in for the sentence encoders that some peers were made with.

Their papers use trained encoders (bge-small-en-v1.5, 384 numbers; an adversarially trained image encoder). Nothing is
downloaded here: a prompt is the TF-IDF sum of its words and pairs of words, each hashed to a few signed places of a
vector, which is a sparse random projection (Weinberger et al., Feature Hashing, ICML 2009; Kane and Nelson, JACM 2014).
It keeps what texts share in words and misses what they share in meaning only. Campaigns and look-alikes of the simulated
worlds are written from templates and word lists, so that little of what a trained encoder sees is lost on them; on real
traffic it would be more.

Words are runs of ASCII letters and digits, case-folded; a character from U+0800 on is a word of its own. The inverse
document frequency is learned from past traffic. As many numbers as bge-small-en-v1.5 gives, and at most 512 words, as it
reads; fewer numbers (64, 128, 256) ranked worse on trial worlds, 512 no better. Prompts alone ranked better than prompts
with their system prompt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from peers.interface import Log, Numbering

Vectors = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

DIMENSIONS = 384
BUCKETS = 1 << 18
PLACES = 4
MOST_WORDS = 512
U = np.uint64
PRIME, MIX, SEED = U(0x100000001B3), U(0x9E3779B97F4A7C15), U(0xCBF29CE484222325)


@dataclass(frozen=True)
class Prompts:
    """The prompts of a log that are there, by account and then by time.

    Prompts `start[i]` to `start[i + 1]` are those of account `i`; `vector` holds one unit vector of each.
    """

    start: Numbering
    vector: Vectors

    def of(self, account: int, most: int) -> Vectors:
        """The newest prompts of an account, `most` of them if it has as many."""
        end = self.start[account + 1]
        return self.vector[max(self.start[account], end - most) : end]

    @property
    def count(self) -> Numbering:
        """How many prompts each account has."""
        return np.diff(self.start)


def frequencies(log: Log) -> npt.NDArray[np.float32]:
    """The weight of each bucket of words: log((1 + N) / (1 + df)) + 1 over the prompts of past traffic."""
    text = pc.drop_null(log.exchanges["prompt"]).combine_chunks()
    held = np.zeros(BUCKETS, dtype=np.int64)
    _count(*_bytes(text), held)
    return (np.log((1 + len(text)) / (1 + held)) + 1).astype(np.float32)


def embed(log: Log, weight: npt.NDArray[np.float32]) -> Prompts:
    """Embed every prompt of a log with the weights learned from past traffic."""
    there = log.exchanges["prompt"].is_valid().to_numpy()
    order = pc.sort_indices(log.exchanges, [("ts", "ascending"), ("exchange_id", "ascending")]).to_numpy()
    order = order[np.argsort(log.account[order], kind="stable")]
    order = order[there[order]]
    text = log.exchanges["prompt"].take(pa.array(order)).combine_chunks()
    vector = np.zeros((len(text), DIMENSIONS), dtype=np.float32)
    _project(*_bytes(text), weight, vector)
    counts = np.bincount(log.account[order], minlength=len(log.account_id))
    return Prompts(np.concatenate(([0], np.cumsum(counts))).astype(np.int64), vector)


def _bytes(text: pa.Array) -> tuple[Bytes, Numbering]:
    wide = text.cast(pa.large_string())
    _, offsets, content = wide.buffers()
    place = np.frombuffer(offsets, np.int64)[wide.offset : wide.offset + len(wide) + 1]
    held = np.frombuffer(content, np.uint8) if content else np.zeros(0, np.uint8)
    return held, place


@nb.njit(cache=True)
def _word(content: Bytes, at: int, end: int) -> tuple[np.uint64, int]:
    """The hash of the next word from `at` on, and the place after it; 0 where there is none."""
    key = SEED
    long = False
    while at < end:
        byte = content[at]
        if 65 <= byte <= 90:
            byte += 32
        is_letter = 97 <= byte <= 122 or 48 <= byte <= 57 or byte >= 128
        if (not is_letter and long) or (byte >= 0xE0 and long):
            return key, at
        at += 1
        if is_letter:
            key = (key ^ U(byte)) * PRIME
            long = True
        if byte >= 0xE0:
            while at < end and 128 <= content[at] < 192:
                key = (key ^ U(content[at])) * PRIME
                at += 1
            return key, at
    return (key if long else U(0)), at


@nb.njit(cache=True)
def _mixed(key: np.uint64) -> np.uint64:
    key = (key ^ (key >> U(31))) * MIX
    return key ^ (key >> U(29))


@nb.njit(cache=True)
def _count(content: Bytes, offsets: Numbering, held: Numbering) -> None:
    """Count for each bucket the texts that hold one of its words or pairs."""
    last = np.full(held.size, -1, dtype=np.int64)
    for text in range(len(offsets) - 1):
        at, before = offsets[text], U(0)
        for _ in range(MOST_WORDS):
            word, at = _word(content, at, offsets[text + 1])
            if word == U(0):
                break
            for feature in (word, _mixed(before) ^ word):
                bucket = _mixed(feature) % U(held.size)
                if last[bucket] != text:
                    last[bucket] = text
                    held[bucket] += 1
            before = word


@nb.njit(cache=True)
def _project(content: Bytes, offsets: Numbering, weight: npt.NDArray[np.float32], out: Vectors) -> None:
    """Add each word and pair to `PLACES` signed places of its text's vector, and make the vector's length 1."""
    for text in range(len(offsets) - 1):
        at, before = offsets[text], U(0)
        for _ in range(MOST_WORDS):
            word, at = _word(content, at, offsets[text + 1])
            if word == U(0):
                break
            for feature in (word, _mixed(before) ^ word):
                key = _mixed(feature)
                heavy = weight[key % U(weight.size)]
                for _ in range(PLACES):
                    key = _mixed(key + MIX)
                    sign = np.float32(1.0) if key >> U(63) else np.float32(-1.0)
                    out[text, key % U(DIMENSIONS)] += sign * heavy
            before = word
        length = np.sqrt(np.sum(out[text] ** 2))
        if length > 0:
            out[text] /= length
