"""Where lines end, found by compiled code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lines import Lines
from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.vectors import WIDTH, between, first_bit

_END = 10
_LONG = 256
"""Bytes of a line as long as which most are, to begin with."""


@bare
def _filled(text: NDArray[np.uint8], ends: NDArray[np.int64]) -> int:
    """Fill in where lines end, as many as there is room for, and say how many there are."""
    at, count = 0, 0
    while at < len(text):
        places, step = np.uint32(text[at] == _END), 1
        if at + WIDTH <= len(text):
            places, step = between(text, at, at, np.uint8(_END), np.uint8(_END)), WIDTH
        while places != 0:
            if count < len(ends):
                ends[count] = at + first_bit(places)
            count += 1
            places &= places - np.uint32(1)
        at += step
    return count


def cut(piece: bytes) -> Lines:
    """The lines of a piece of whole ones."""
    text = np.frombuffer(piece, np.uint8)
    ends = np.empty(len(piece) // _LONG + 16, np.int64)
    if (count := _filled(text, ends)) > len(ends):
        ends = np.empty(count, np.int64)
        _filled(text, ends)
    ends = ends[:count]
    if not piece.endswith(b"\n"):
        ends = np.append(ends, len(piece))
    return Lines(piece, np.concatenate([[0], ends[:-1] + 1]).astype(np.int64), ends)
