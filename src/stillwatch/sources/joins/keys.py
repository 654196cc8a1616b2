"""Texts to 64-bit keys, column by column, so that a large table is searched in sorted numbers and not in texts.

Eight bytes of all texts are taken at a time, so the cost is that of their bytes and not of their number. Two texts can
have one key: whoever finds a key compares the texts.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_SEED = np.uint64(0x9E3779B97F4A7C15)
_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(29)
_WORD = 8


def keys_of(texts: pa.Array) -> Keys:
    """One key per text of a `large_string` array; a null has that of the empty text."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1] if offsets else None
    if ends is None or len(texts) == 0:
        return np.zeros(len(texts), np.uint64)
    content = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    starts, sizes = ends[:-1], np.diff(ends)
    keys = _SEED ^ sizes.astype(np.uint64)
    rows = np.arange(len(texts))
    for begin in range(0, int(sizes.max(initial=0)), _WORD):
        rows = rows[sizes[rows] > begin]
        keys[rows] = _stirred(keys[rows] ^ _words(content, starts[rows] + begin, sizes[rows] - begin))
    return _stirred(keys)


def _words(content: NDArray[np.uint8], starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Keys:
    """The next eight bytes of each text as a number; those beyond its end are 0."""
    words = np.zeros(len(starts), np.uint64)
    for place in range(_WORD):
        there = sizes > place
        byte = content[np.where(there, starts + place, 0)].astype(np.uint64)
        words |= np.where(there, byte, np.uint64(0)) << np.uint64(8 * place)
    return words


def _stirred(keys: Keys) -> Keys:
    with np.errstate(over="ignore"):
        keys = (keys ^ (keys >> _SHIFT)) * _FACTOR
        keys = (keys ^ (keys >> _SHIFT)) * _SEED
    return keys ^ (keys >> _SHIFT)
