"""Numbers and times of records as numbers, compiled; what is written in an unusual way is left to others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.syntax import REAL, TEXT, WHOLE, Bytes
from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.numbers import real_number, whole
from stillwatch.sources.plain.vectors import near

Places = NDArray[np.int32]

NONE, TOLD, UNUSUAL = range(3)
"""What came of a value: it is no number, or it is one, or others must say."""

_HYPHEN, _T, _SPACE, _COLON, _POINT, _Z, _PLUS, _ZERO, _NINE = b"-T :.Z+09"
_TO_1970 = 719_468
_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_NO = -1
_AHEAD = 12


@bare
def ahead(text: Bytes, spans: Places, row: int) -> None:
    """Ask for what stands some rows on: the values of a path lie so far apart that each would be waited for."""
    if row + _AHEAD < len(spans):
        near(text, spans[row + _AHEAD, 0])


@bare
def wholes(
    text: Bytes, kinds: Bytes, spans: Places, most: int, values: NDArray[np.int64], states: Bytes
) -> None:
    """Whole numbers up to `most`, also with a fraction of zeros."""
    for row in range(len(kinds)):
        states[row], values[row] = NONE, 0
        ahead(text, spans, row)
        if kinds[row] == WHOLE or kinds[row] == REAL:
            at, value = whole(text, spans[row, 0], spans[row, 1], most)
            states[row] = TOLD if at == spans[row, 1] else UNUSUAL
            values[row] = value


@bare
def reals(text: Bytes, kinds: Bytes, spans: Places, values: NDArray[np.float64], states: Bytes) -> None:
    """Numbers that can be had without rounding twice."""
    for row in range(len(kinds)):
        states[row], values[row] = NONE, 0.0
        ahead(text, spans, row)
        if kinds[row] == WHOLE or kinds[row] == REAL:
            at, value = real_number(text, spans[row, 0], spans[row, 1])
            states[row] = TOLD if at == spans[row, 1] else UNUSUAL
            values[row] = value


@bare
def _digits(text: Bytes, at: int, count: int) -> int:
    """The number that so many digits say, or -1."""
    value = 0
    for place in range(at, at + count):
        digit = int(text[place]) - _ZERO
        if digit < 0 or digit > 9:
            return _NO
        value = value * 10 + digit
    return value


@bare
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970; the year begins in March, so that a leap day is its last."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _TO_1970


@bare
def _date(text: Bytes, at: int) -> int:
    """Days since 1970 of a date as `2026-03-02`, or -1."""
    year, month, day = _digits(text, at, 4), _digits(text, at + 5, 2), _digits(text, at + 8, 2)
    if text[at + 4] != _HYPHEN or text[at + 7] != _HYPHEN or year < 1970 or not 1 <= month <= 12:
        return _NO
    is_leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _days(year, month, day) if 1 <= day <= _DAYS[month - 1] + is_leap else _NO


@bare
def _moment(text: Bytes, at: int, stop: int, is_utc: bool) -> int:
    """Microseconds since 1970 of a time as `2026-03-02T00:01:42.155259Z`, or -1."""
    if stop - at < 19 or (text[at + 10] != _T and text[at + 10] != _SPACE):
        return _NO
    days = _date(text, at)
    hour, minute, second = _digits(text, at + 11, 2), _digits(text, at + 14, 2), _digits(text, at + 17, 2)
    if days < 0 or text[at + 13] != _COLON or text[at + 16] != _COLON:
        return _NO
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return _NO
    micros = ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000
    at += 19
    if at < stop and text[at] == _POINT:
        size = 6 if stop - at > 6 and _digits(text, at + 1, 6) >= 0 else 3
        part = _digits(text, at + 1, size) if stop - at > size else _NO
        if part < 0:
            return _NO
        micros += part * (1 if size == 6 else 1_000)
        at += 1 + size
    if at == stop:
        return micros if is_utc else _NO
    if stop - at == 1 and text[at] == _Z:
        return micros
    is_zero = stop - at == 6 and text[at] == _PLUS and text[at + 3] == _COLON
    return micros if is_zero and _digits(text, at + 1, 2) == 0 and _digits(text, at + 4, 2) == 0 else _NO


@bare
def moments(
    text: Bytes, kinds: Bytes, spans: Places, is_utc: bool, values: NDArray[np.int64], states: Bytes
) -> None:
    """Times in ISO 8601, as most programs write them, since 1970."""
    for row in range(len(kinds)):
        states[row], values[row] = NONE, 0
        ahead(text, spans, row)
        if kinds[row] == TEXT:
            values[row] = _moment(text, spans[row, 0], spans[row, 1], is_utc)
            states[row] = TOLD if values[row] >= 0 else UNUSUAL
        elif kinds[row] > 1:
            states[row] = UNUSUAL


@bare
def _is_address(text: Bytes, at: int, stop: int) -> bool:
    """Whether an address of IPv4 stands there and nothing else."""
    for part in range(4):
        first, value = at, 0
        while at < stop and at - first < 4 and _ZERO <= text[at] <= _NINE:
            value = value * 10 + int(text[at]) - _ZERO
            at += 1
        if at == first or value > 255 or (text[first] == _ZERO and at - first > 1):
            return False
        if part < 3:
            if at >= stop or text[at] != _POINT:
                return False
            at += 1
    return at == stop


@bare
def addresses(text: Bytes, kinds: Bytes, spans: Places, are_plain: NDArray[np.bool_]) -> None:
    """Which values are an address of IPv4 and nothing else."""
    for row in range(len(kinds)):
        ahead(text, spans, row)
        are_plain[row] = kinds[row] == TEXT and _is_address(text, spans[row, 0], spans[row, 1])
