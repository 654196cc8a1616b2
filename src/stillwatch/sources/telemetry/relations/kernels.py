"""The loops over spans, compiled: which lies in which, and which served a trace.

Identifiers are compared as numbers. Whatever is written in an unusual way is left to the full reading.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.syntax import NULL, TEXT, WHOLE, Bytes
from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.vectors import byte

Places = NDArray[np.int32]
Flags = NDArray[np.bool_]
Codes = NDArray[np.uint64]

NOTHING, NO_CALL, CALL = range(3)
"""What a span says it is: nothing of AI software, something else of it, or a call of a model."""

_ZERO, _NINE = b"09"
_FARTHEST = 32
_NO_ID = np.uint64(0)
_LONGEST_TIME = 19
_DIGITS = np.full(256, 255, np.uint8)
for _sign in b"0123456789abcdef":
    _DIGITS[_sign] = int(chr(_sign), 16)


@bare
def identifiers(text: Bytes, kinds: Bytes, places: Places, size: int, codes: Codes, are_odd: Flags) -> None:
    """Hexadecimal identifiers of so many digits as one or two numbers, 0 where there is none; written otherwise they are odd."""
    for row in range(len(kinds)):
        at, stop = places[row, 0], places[row, 1]
        for part in range(codes.shape[1]):
            codes[row, part] = 0
        if kinds[row] <= NULL or (kinds[row] == TEXT and at == stop):
            continue
        if kinds[row] != TEXT or stop - at != size:
            are_odd[row] = True
            continue
        both = np.uint64(0)
        for place in range(size):
            digit = _DIGITS[byte(text, at + place)]
            if digit > 15:
                are_odd[row] = True
                break
            part = place // 16
            codes[row, part] = (codes[row, part] << np.uint64(4)) | np.uint64(digit)
            both |= np.uint64(digit)
        if both == 0:
            are_odd[row] = True


@bare
def moments(text: Bytes, kinds: Bytes, places: Places, micros: NDArray[np.int64], are_odd: Flags) -> None:
    """Nanoseconds since 1970 as microseconds, 0 where there are none."""
    for row in range(len(kinds)):
        micros[row] = 0
        if kinds[row] <= NULL:
            continue
        at, stop = places[row, 0], places[row, 1]
        is_number = kinds[row] in (TEXT, WHOLE) and 0 < stop - at <= _LONGEST_TIME
        for place in range(at, stop if is_number else at):
            is_number &= _ZERO <= byte(text, place) <= _NINE
        if not is_number:
            are_odd[row] = True
            continue
        for place in range(at, max(at, stop - 3)):
            micros[row] = micros[row] * 10 + int(byte(text, place)) - _ZERO


@bare
def _mixed(high: np.uint64, low: np.uint64, more: np.uint64) -> int:
    """A hash of an identifier of a trace, and perhaps a span's."""
    some = (high ^ (low * np.uint64(0x9E3779B97F4A7C15))) + more
    some = (some ^ (some >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return int((some >> np.uint64(32)) & np.uint64(0x7FFFFFFF))


@bare
def _place(table: Places, size: int, traces: Codes, ids: Codes, span: int, number: np.uint64) -> int:
    """Where in a table a span of the same trace stands that has this number, or where there is room for it."""
    mask = size - 1
    at = _mixed(traces[span, 0], traces[span, 1], number) & mask
    while table[at] >= 0:
        other = table[at]
        if (
            traces[other, 0] == traces[span, 0]
            and traces[other, 1] == traces[span, 1]
            and (number == _NO_ID or ids[other, 0] == number)
        ):
            break
        at = (at + 1) & mask
    return at


@bare
def _is_inside(
    table: Places, size: int, traces: Codes, ids: Codes, parents: Codes, says: Bytes, span: int
) -> bool:
    """Whether the next span above one that says what it is is a call."""
    for _ in range(_FARTHEST):
        if parents[span, 0] == 0:
            return False
        above = table[_place(table, size, traces, ids, span, parents[span, 0])]
        if above < 0 or above == span:
            return False
        span = above
        if says[span] != NOTHING:
            return bool(says[span] == CALL)
    return False


@bare
def _clear(table: Places, size: int) -> None:
    for at in range(size):
        table[at] = -1


@bare
def relate(
    ends: NDArray[np.int64],
    traces: Codes,
    ids: Codes,
    parents: Codes,
    says: Bytes,
    serve: Flags,
    micros: NDArray[np.int64],
    table: Places,
    edges: NDArray[np.int64],
    inside: Flags,
    are_odd: Flags,
) -> None:
    """Of each call, whether it lies in another, and the span that served its trace or -1; looked for among those of its batch.

    `ends` says of each batch where its spans end. A batch in which an identifier is missing or there twice is odd, and so are its spans.
    """
    first = 0
    for batch in range(len(ends)):
        last, size = ends[batch], 4
        while size < 2 * (last - first):
            size *= 2
        has_calls = False
        for span in range(first, last):
            edges[span], inside[span] = -1, False
            has_calls |= says[span] == CALL
        if has_calls and last - first > 1:
            _clear(table, size)
            for span in range(first, last):
                if ids[span, 0] == 0:
                    are_odd[span] = True
                    continue
                at = _place(table, size, traces, ids, span, ids[span, 0])
                are_odd[span] |= table[at] >= 0
                table[at] = span
            for span in range(first, last):
                if says[span] == CALL:
                    inside[span] = _is_inside(table, size, traces, ids, parents, says, span)
            _clear(table, size)
            for span in range(first, last):
                is_traced = (traces[span, 0] | traces[span, 1]) != 0
                if serve[span] and says[span] != CALL and is_traced:
                    at = _place(table, size, traces, ids, span, _NO_ID)
                    if table[at] < 0 or micros[span] < micros[table[at]]:
                        table[at] = span
            for span in range(first, last):
                if says[span] == CALL:
                    edges[span] = table[_place(table, size, traces, ids, span, _NO_ID)]
        first = last
