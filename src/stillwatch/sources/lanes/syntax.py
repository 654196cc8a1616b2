"""The syntax of JSON, checked by compiled code; what it does not surely know to be right is none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.kernels import PLAIN_ESCAPE, unit_of
from stillwatch.sources.plain.vectors import WIDTH, byte, first_bit, marks

Bytes = NDArray[np.uint8]

ABSENT, NULL, FALSE, TRUE, WHOLE, REAL, TEXT, ESCAPED, OBJECT, LIST = range(10)
"""What stands at a place; ESCAPED is a text in which something is escaped."""

_NO = -1
_QUOTE, _BACKSLASH, _MINUS, _POINT, _ZERO, _NINE, _N, _T, _F, _U = b'"\\-.09ntfu'
_SPACE = 32
_MOST_DIGITS = 100
"""Digits of a number that is surely in range; with an exponent of two digits, fewer."""

_BOTH = np.uint32(3)

_OTHER, _NUMBER, _STRING, _INSIDE, _WORD = range(5)
_BEGINS = np.zeros(256, np.uint8)
_BEGINS[list(b"-0123456789")] = _NUMBER
_BEGINS[list(b'"')] = _STRING
_BEGINS[list(b"{[")] = _INSIDE
_BEGINS[list(b"ntf")] = _WORD


@bare
def blank(text: Bytes, at: int, end: int) -> int:
    """The first place from `at` on that is no white space of JSON."""
    while at < end and byte(text, at) <= _SPACE:
        if byte(text, at) != 32 and byte(text, at) != 9 and byte(text, at) != 13:
            break
        at += 1
    return at


@bare
def _mark(text: Bytes, at: int, end: int) -> int:
    """The first place from `at` on of a quote, a backslash or a control character."""
    while at + WIDTH <= len(text):
        found: int = marks(text, at)
        if found != 0:
            return int(at + first_bit(found))
        at += WIDTH
    while at < end and byte(text, at) != _QUOTE and byte(text, at) != _BACKSLASH and byte(text, at) >= _SPACE:
        at += 1
    return at


@bare
def _escape(text: Bytes, at: int, end: int) -> int:
    """The place after the escape at `at`, -1 if it is none; both halves of a pair are one escape."""
    if at + 1 < end and PLAIN_ESCAPE[byte(text, at + 1)]:
        return at + 2
    if at + 6 > end or byte(text, at + 1) != _U:
        return _NO
    unit = unit_of(text, at + 2)
    if unit < 0 or 0xDC00 <= unit <= 0xDFFF:
        return _NO
    if unit < 0xD800 or unit > 0xDFFF:
        return at + 6
    if at + 12 > end or byte(text, at + 6) != _BACKSLASH or byte(text, at + 7) != _U:
        return _NO
    return at + 12 if 0xDC00 <= unit_of(text, at + 8) <= 0xDFFF else _NO


@bare
def _plain(text: Bytes, at: int) -> int:
    """A place from `at` on before which nothing stands but what needs no mark and escapes of two signs."""
    if at + WIDTH > len(text):
        return at
    found: np.uint32 = marks(text, at)
    while found != 0:
        place = first_bit(found)
        if place + 1 == WIDTH or byte(text, at + place) != _BACKSLASH:
            return int(at + place)
        if not PLAIN_ESCAPE[byte(text, at + place + 1)]:
            return int(at + place)
        found &= ~(_BOTH << np.uint32(place))
    return at + WIDTH


@bare
def string(text: Bytes, at: int, end: int) -> tuple[int, bool]:
    """The place of the quote that ends the string whose inside begins at `at`, or -1; and whether it holds escapes."""
    at = _mark(text, at, end)
    if at < end and byte(text, at) == _QUOTE:
        return at, False
    while at < end and byte(text, at) == _BACKSLASH:
        at = _escape(text, at, end)
        if at < 0:
            return _NO, True
        at = _mark(text, _plain(text, at), end)
    return (at if at < end and byte(text, at) == _QUOTE else _NO), True


@bare
def _digits(text: Bytes, at: int, end: int) -> int:
    while at < end and _ZERO <= byte(text, at) <= _NINE:
        at += 1
    return at


@bare
def number(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """The place after a number that is surely in range, or -1; and whether it is a whole or a real one."""
    at += byte(text, at) == _MINUS
    first, kind = at, WHOLE
    at = _digits(text, at, end)
    if at == first or (byte(text, first) == _ZERO and at - first > 1):
        return _NO, kind
    if at < end and byte(text, at) == _POINT:
        kind, point = REAL, at + 1
        at = _digits(text, point, end)
        if at == point:
            return _NO, kind
    if at - first > _MOST_DIGITS:
        return _NO, kind
    if at < end and (byte(text, at) == 101 or byte(text, at) == 69):
        kind = REAL
        at += 1
        at += at < end and (byte(text, at) == _MINUS or byte(text, at) == 43)
        power = at
        at = _digits(text, at, end)
        if at == power or at - power > 2:
            return _NO, kind
    return at, kind


@bare
def word(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """The place after null, true or false, or -1; and which it is."""
    if at + 4 <= end and byte(text, at) == _N:
        return (
            at + 4
            if byte(text, at + 1) == _U and byte(text, at + 2) == 108 and byte(text, at + 3) == 108
            else _NO
        ), NULL
    if at + 4 <= end and byte(text, at) == _T:
        return (
            at + 4
            if byte(text, at + 1) == 114 and byte(text, at + 2) == _U and byte(text, at + 3) == 101
            else _NO
        ), TRUE
    if at + 5 <= end and byte(text, at) == _F:
        is_false = (
            byte(text, at + 1) == 97
            and byte(text, at + 2) == 108
            and byte(text, at + 3) == 115
            and byte(text, at + 4) == 101
        )
        return (at + 5 if is_false else _NO), FALSE
    return _NO, NULL


@bare
def simple(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """The place after a value that holds no others, or -1; and its kind."""
    begins = _BEGINS[byte(text, at)]
    if begins == _STRING:
        at, has_escapes = string(text, at + 1, end)
        return (_NO if at < 0 else at + 1), (ESCAPED if has_escapes else TEXT)
    if begins == _NUMBER:
        return number(text, at, end)
    if begins == _WORD:
        return word(text, at, end)
    return _NO, ABSENT
