"""Numbers and words of JSON that are written in a plain way, compiled; any other is left to the decoder.

Source: Clinger, "How to read floating point numbers accurately" (1990).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.plain.bare import bare

Bytes = NDArray[np.uint8]

_N, _T, _F, _U, _MINUS, _POINT, _ZERO, _NINE = b"ntfu-.09"
_LONGEST_WHOLE = 18
_EXACT = 1 << 53
_POWERS = np.array([10.0**power for power in range(23)])
_NO = -1


@bare
def whole(text: Bytes, at: int, end: int, most: int) -> tuple[int, int]:
    """The place after a whole number and its value, perhaps with a fraction of zeros; -1 if it is none that is plain."""
    is_negative = at < end and text[at] == _MINUS
    at += is_negative
    first, value = at, 0
    while at < end and _ZERO <= text[at] <= _NINE:
        value = value * 10 + int(text[at]) - _ZERO
        at += 1
        if at - first > _LONGEST_WHOLE:
            return _NO, 0
    if at == first or value > most or (text[first] == _ZERO and (at - first > 1 or is_negative)):
        return _NO, 0
    if at + 1 < end and text[at] == _POINT and text[at + 1] == _ZERO:
        at += 1
        while at < end and text[at] == _ZERO:
            at += 1
    return at, (-value if is_negative else value)


@bare
def real_number(text: Bytes, at: int, end: int) -> tuple[int, float]:
    """The place after a number and its value, where that can be had without rounding twice; else -1."""
    is_negative = at < end and text[at] == _MINUS
    at += is_negative
    first, value, power = at, 0, 0
    while at < end and _ZERO <= text[at] <= _NINE:
        value = value * 10 + int(text[at]) - _ZERO
        at += 1
        if at - first > _LONGEST_WHOLE:
            return _NO, 0.0
    if at == first or (text[first] == _ZERO and at - first > 1):
        return _NO, 0.0
    if at < end and text[at] == _POINT:
        at += 1
        point = at
        while at < end and _ZERO <= text[at] <= _NINE:
            value = value * 10 + int(text[at]) - _ZERO
            at += 1
            if at - first > _LONGEST_WHOLE:
                return _NO, 0.0
        power = point - at
        if power == 0:
            return _NO, 0.0
    if at < end and (text[at] == 101 or text[at] == 69):
        return _NO, 0.0
    if value >= _EXACT or (value == 0 and is_negative):
        return _NO, 0.0
    number = float(value) / _POWERS[-power]
    return at, (-number if is_negative else number)


@bare
def word(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """The place after null, true or false, or -1; and -1, 1 or 0 for which it is."""
    if at + 5 <= end and text[at] == _F:
        is_false = text[at + 1] == 97 and text[at + 2] == 108 and text[at + 3] == 115 and text[at + 4] == 101
        return (at + 5 if is_false else _NO), 0
    if at + 4 <= end and text[at] == _N:
        return (at + 4 if text[at + 1] == _U and text[at + 2] == 108 and text[at + 3] == 108 else _NO), -1
    if at + 4 <= end and text[at] == _T:
        return (at + 4 if text[at + 1] == 114 and text[at + 2] == _U and text[at + 3] == 101 else _NO), 1
    return _NO, 0
