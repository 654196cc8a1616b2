"""Texts of which a program left a beginning and an end of the same length, with dots between them, found by compiled code."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.lanes.syntax import Bytes
from stillwatch.sources.plain.bare import bare

_DOT = 46
_DOTS, _MOST_BYTES = 3, 4


def are_halves(texts: pa.Array, half: int) -> NDArray[np.bool_]:
    """Which texts have so many characters before three dots and as many after them."""
    are = np.zeros(len(texts), np.bool_)
    _, offsets, held = texts.buffers()
    if held is not None:
        first = texts.offset
        ends = np.frombuffer(offsets, np.int32)[first : first + len(texts) + 1]
        _find(np.frombuffer(held, np.uint8), ends, half, are)
    return are & np.asarray(texts.is_valid()) if texts.null_count else are


@bare
def _find(text: Bytes, offsets: NDArray[np.int32], half: int, are: NDArray[np.bool_]) -> None:
    whole = 2 * half + _DOTS
    for row in range(len(are)):
        at, end = offsets[row], offsets[row + 1]
        if whole <= end - at <= _MOST_BYTES * whole:
            count = 0
            for place in range(at, end):
                count += (text[place] & 0xC0) != 0x80
            if count == whole:
                are[row] = _has_dots(text, at, half)


@bare
def _has_dots(text: Bytes, at: int, half: int) -> bool:
    """Whether dots follow after so many characters."""
    count = 0
    while count < half or (text[at] & 0xC0) == 0x80:
        count += (text[at] & 0xC0) != 0x80
        at += 1
    return bool(text[at] == _DOT and text[at + 1] == _DOT and text[at + 2] == _DOT)
