"""Strings of JSON copied one after the other, their escapes as what they mean, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.kernels import PLAIN_ESCAPE, Bytes, Places, unit_of

U = np.uint64
_U = ord("u")


@bare
def _copy(text: Bytes, at: int, stop: int, out: Bytes, to: int) -> None:
    """Copy bytes; places without a sign let the compiler copy many at once."""
    begin, goal = U(at), U(to)
    for place in range(U(stop - at)):
        out[goal + place] = text[begin + place]


@bare
def encoded(unit: int, out: Bytes, to: int) -> int:
    """Write a code point as UTF-8."""
    if unit < 0x80:
        out[to] = unit
        return to + 1
    if unit < 0x800:
        out[to], out[to + 1] = 0xC0 | (unit >> 6), 0x80 | (unit & 63)
        return to + 2
    if unit < 0x10000:
        out[to], out[to + 1], out[to + 2] = 0xE0 | (unit >> 12), 0x80 | ((unit >> 6) & 63), 0x80 | (unit & 63)
        return to + 3
    out[to], out[to + 1] = 0xF0 | (unit >> 18), 0x80 | ((unit >> 12) & 63)
    out[to + 2], out[to + 3] = 0x80 | ((unit >> 6) & 63), 0x80 | (unit & 63)
    return to + 4


@bare
def _unescaped(text: Bytes, marked: Places, mark: int, final: int, out: Bytes, to: int) -> int:
    """Copy the string between two quotes, given by their marks, its escapes as what they mean."""
    at = marked[mark] + 1
    while True:
        mark += 1
        while marked[mark] < at:
            mark += 1
        _copy(text, at, marked[mark], out, to)
        to, at = to + marked[mark] - at, marked[mark]
        if mark >= final:
            return to
        if text[at + 1] != _U:
            out[to] = PLAIN_ESCAPE[text[at + 1]]
            at, to = at + 2, to + 1
        else:
            unit = unit_of(text, at + 2)
            at += 6
            if 0xD800 <= unit <= 0xDBFF:
                unit = 0x10000 + ((unit - 0xD800) << 10) + unit_of(text, at + 2) - 0xDC00
                at += 6
            to = encoded(unit, out, to)


@bare
def room(marked: Places, first: Places, last: Places) -> int:
    """Bytes that those strings take at most."""
    total = 0
    for row in range(len(first)):
        if last[row] > 0:
            total += last[row] - first[row]
        elif last[row] < 0:
            total += marked[~last[row]] - marked[first[row]]
    return total


@bare
def copied(
    text: Bytes,
    marked: Places,
    first: Places,
    last: Places,
    offsets: NDArray[np.int32],
    out: Bytes,
    to: int,
) -> int:
    """Copy strings one after the other from `to` on, nothing for one that is not there; returns where the next would begin."""
    for row in range(len(first)):
        offsets[row] = to
        at, stop = first[row], last[row]
        if stop > 0:
            _copy(text, at, stop, out, to)
            to += stop - at
        elif stop < 0:
            to = _unescaped(text, marked, at, ~stop, out, to)
    return to
