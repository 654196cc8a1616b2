"""Values that are the same known as such, compiled: each different one is then turned once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.kernels import goes_on_as
from stillwatch.sources.lanes.syntax import ESCAPED, NULL, TEXT, Bytes
from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.vectors import byte, eight

Places = NDArray[np.int32]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@bare
def same_bytes(text: Bytes, at: int, stop: int, other: Bytes, begins: int, ends: int) -> bool:
    """Whether the bytes at two places are the same, and as many."""
    return stop - at == ends - begins and goes_on_as(text, at, stop, other, begins)


@bare
def _hash(text: Bytes, at: int, stop: int) -> int:
    """A hash of a value, eight bytes at a time."""
    some = _FACTOR ^ np.uint64(stop - at)
    while at + 8 <= stop:
        some = (some ^ eight(text, at)) * _FACTOR
        some ^= some >> np.uint64(29)
        at += 8
    while at < stop:
        some = (some ^ np.uint64(byte(text, at))) * _FACTOR
        at += 1
    return int((some >> np.uint64(32)) & np.uint64(0x7FFFFFFF))


@bare
def encoded(text: Bytes, kinds: Bytes, spans: Places, table: Places, codes: Places, firsts: Places) -> int:
    """Give the same number to values that are the same, written alike; returns how many numbers there are.

    `firsts` gets the first row of each number. `table` has room for twice as many numbers as there are rows, which is a
    power of two, and holds -1 everywhere.
    """
    count, nothing, last = 0, -1, -1
    mask = len(table) - 1
    for row in range(len(kinds)):
        code = last
        if kinds[row] <= NULL:
            code = nothing
            if code < 0:
                nothing = code = count
        else:
            at, stop, is_text = spans[row, 0], spans[row, 1], kinds[row] in (TEXT, ESCAPED)
            if code < 0 or not _is_one(text, kinds, spans, firsts[code], at, stop, is_text):
                place = _hash(text, at, stop) & mask
                code = table[place]
                while code >= 0 and not _is_one(text, kinds, spans, firsts[code], at, stop, is_text):
                    place = (place + 1) & mask
                    code = table[place]
                if code < 0:
                    table[place] = code = count
            last = code
        if code == count:
            firsts[count] = row
            count += 1
        codes[row] = code
    return count


@bare
def _is_one(text: Bytes, kinds: Bytes, spans: Places, row: int, at: int, stop: int, is_text: bool) -> bool:
    """Whether a row's value is written so."""
    return (kinds[row] in (TEXT, ESCAPED)) == is_text and same_bytes(
        text, at, stop, text, spans[row, 0], spans[row, 1]
    )
