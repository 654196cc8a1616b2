"""The loops over the bytes of JSON lines, compiled: where in a line each value of a row stands.

A line is taken here if it is one flat object whose keys are known, each once, and whose values are what their columns
hold, written in a plain way. Every other line is odd, and is left to the decoder, which says what is wrong with it if
anything is; so nothing is refused here. Strings are stepped through eight bytes at a time.

Source: Mycroft's test for a zero byte in a word (1987).
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.numbers import real_number, whole, word

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Places = NDArray[np.int64]
U = np.uint64

TEXT, INT32, INT64, REAL, TRUTH, TEXTS, UNKNOWN = range(7)
"""What a column holds; UNKNOWN is a key outside the contract, whose value is passed over."""

BLANK, ROW, ODD = range(3)
"""What a line is."""

_ONES, _LOWS, _HIGHS = U(0x0101010101010101), U(0x7F7F7F7F7F7F7F7F), U(0x8080808080808080)
_QUOTES, _BACKSLASHES, _SPACES = _ONES * U(34), _ONES * U(92), _ONES * U(0x60)
_QUOTE, _BACKSLASH, _COMMA, _COLON, _OPEN, _CLOSE, _NEWLINE = 34, 92, 44, 58, 123, 125, 10
_N, _T, _F, _LIST, _LIST_END, _U = b"ntf[]u"
_NO = -1

_HEX = np.full(256, 255, np.uint8)
for _sign in b"0123456789abcdefABCDEF":
    _HEX[_sign] = int(chr(_sign), 16)
PLAIN_ESCAPE = np.zeros(256, np.uint8)
for _sign, _meant in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    PLAIN_ESCAPE[_sign] = _meant


@bare
def _blank(text: Bytes, at: int, end: int) -> int:
    """The first place from `at` on that is no white space of JSON."""
    while at < end and (text[at] == 32 or text[at] == 9 or text[at] == 13):
        at += 1
    return at


@bare
def marks(text: Bytes, words: Words, found: Places) -> tuple[int, bool]:
    """Fill `found` with the places of all quotes, backslashes and control characters, then the end.

    Returns their number, and whether all bytes are ASCII. `words` are the same bytes, eight at a time. Of each word a mask is
    made with the highest bit of such bytes set.
    """
    count, beyond = U(0), U(0)
    for which in range(U(len(words))):
        word = words[which]
        beyond |= word
        quote, backslash = word ^ _QUOTES, word ^ _BACKSLASHES
        other = (((quote & _LOWS) + _LOWS) | quote) & (((backslash & _LOWS) + _LOWS) | backslash)
        mask = ~(other & (((word & _LOWS) + _SPACES) | word)) & _HIGHS
        while mask != U(0):
            below = (mask & (~mask + U(1))) - U(1)
            found[count] = np.int64((which << U(3)) + (((below & _ONES) * _ONES) >> U(56)) - U(1))
            count += U(1)
            mask &= mask - U(1)
    for at in range(8 * len(words), len(text)):
        beyond |= U(text[at])
        if text[at] == _QUOTE or text[at] == _BACKSLASH or text[at] < 32:
            found[count] = at
            count += U(1)
    found[count] = len(text)
    return int(count), beyond & _HIGHS == U(0)


@bare
def unit_of(text: Bytes, at: int) -> int:
    """The number that four hexadecimal digits say, or -1."""
    value = 0
    for place in range(at, at + 4):
        digit = _HEX[text[place]]
        if digit == 255:
            return _NO
        value = value * 16 + int(digit)
    return value


@bare
def _escape(text: Bytes, at: int, end: int) -> int:
    """The place after the escape at `at`, -1 if it is none; both halves of a pair are one escape."""
    if at + 1 < end and PLAIN_ESCAPE[text[at + 1]]:
        return at + 2
    if at + 6 > end or text[at + 1] != _U:
        return _NO
    unit = unit_of(text, at + 2)
    if unit < 0 or 0xDC00 <= unit <= 0xDFFF:
        return _NO
    if unit < 0xD800 or unit > 0xDFFF:
        return at + 6
    if at + 12 > end or text[at + 6] != _BACKSLASH or text[at + 7] != _U:
        return _NO
    return at + 12 if 0xDC00 <= unit_of(text, at + 8) <= 0xDFFF else _NO


@bare
def _after(text: Bytes, marked: Places, mark: int) -> int:
    """The mark after the quote that ends the string whose first quote is that mark, over its escapes; -1 if there is none."""
    mark += 1
    at = marked[mark]
    while at < len(text) and text[at] == _BACKSLASH:
        after = _escape(text, at, len(text))
        if after < 0:
            return _NO
        while marked[mark] < after:
            mark += 1
        at = marked[mark]
    return mark + 1 if at < len(text) and text[at] == _QUOTE else _NO


@bare
def _texts(
    text: Bytes, marked: Places, at: int, mark: int, items: Places, filled: int
) -> tuple[int, int, int]:
    """The place after a list of strings, or -1; the next mark; and how many ends of strings `items` then holds."""
    end = len(text)
    at = _blank(text, at + 1, end)
    if at < end and text[at] == _LIST_END:
        return at + 1, mark, filled
    while at < end and text[at] == _QUOTE:
        while marked[mark] < at:
            mark += 1
        quote, is_plain = mark, marked[mark + 1] < end and text[marked[mark + 1]] == _QUOTE
        mark = mark + 2 if is_plain else _after(text, marked, mark)
        if mark < 0:
            return _NO, mark, filled
        stop = marked[mark - 1]
        items[filled], items[filled + 1] = (at + 1, stop) if is_plain else (quote, ~(mark - 1))
        filled += 2
        at = _blank(text, stop + 1, end)
        if at < end and text[at] == _LIST_END:
            return at + 1, mark, filled
        if at >= end or text[at] != _COMMA:
            return _NO, mark, filled
        at = _blank(text, at + 1, end)
    return _NO, mark, filled


@bare
def _key(text: Bytes, at: int, length: int, names: Bytes, ends: Places) -> int:
    """Which of the known keys stands there, -1 if none does."""
    for which in range(len(ends) - 1):
        first = ends[which]
        is_same = ends[which + 1] - first == length
        for place in range(length if is_same else 0):
            is_same &= text[at + place] == names[first + place]
        if is_same:
            return which
    return _NO


@nb.njit(cache=True, nogil=True)
def rows(
    text: Bytes,
    marked: Places,
    mark: int,
    start: int,
    names: Bytes,
    ends: Places,
    kinds: Bytes,
    lines: Places,
    states: Bytes,
    first: Places,
    last: Places,
    reals: NDArray[np.float64],
    items: Places,
) -> tuple[int, int, int, int]:
    """Walk lines from `start` on, as many as there are `states`, and say where their values stand.

    Returns the numbers of lines, of rows and of list items, and the next of the marks, which are those of `marks`. `names` are
    the known keys in one, from `ends[k]` to `ends[k + 1]`, and `kinds` what their columns hold. Filled are `lines` with the places where lines
    begin and, after the last one, where a next would; `states` of the lines; and for each key and row `first` and `last`: for a text
    where it begins and ends, or if escapes are in it the marks of its quotes, the second inverted; for a list of texts its first item and one more than their number; for a
    number its value and 1. `last` is 0 for a value that is not there. Real numbers are in `reals`; `items` holds where the items of lists begin
    and end.
    """
    number, row, filled, size, keys = 0, 0, 0, len(text), len(kinds)
    follows = np.arange(1, keys + 2) % keys
    while start < size and number < len(states):
        lines[number] = start
        last[row] = 0
        before, held, state, is_first = keys - 1, filled, ODD, True
        at = _blank(text, start, size)
        if at < size and text[at] == _NEWLINE:
            state = BLANK
        is_open = at < size and text[at] == _OPEN
        while is_open:
            at = _blank(text, at + 1, size)
            while marked[mark] < at:
                mark += 1
            if at >= size or text[at] != _QUOTE:
                at, state = at + 1, (ROW if is_first and at < size and text[at] == _CLOSE else ODD)
                break
            is_first = False
            stop = marked[mark + 1]
            if stop >= size or text[stop] != _QUOTE:
                break
            mark += 2
            which, length = follows[before], stop - at - 1
            begins = ends[which]
            is_guessed = ends[which + 1] - begins == length
            for place in range(length if is_guessed else 0):
                is_guessed &= text[at + 1 + place] == names[begins + place]
            if not is_guessed:
                which = _key(text, at + 1, length, names, ends)
                if which < 0:
                    break
                follows[before] = which
            if last[row, which] != 0:
                break
            before, kind = which, kinds[which]
            at = _blank(text, stop + 1, size)
            if at >= size or text[at] != _COLON:
                break
            at = _blank(text, at + 1, size)
            if at >= size:
                break
            sign = text[at]
            if sign == _QUOTE:
                if kind not in (TEXT, UNKNOWN):
                    break
                while marked[mark] < at:
                    mark += 1
                stop = marked[mark + 1]
                mark += 2
                if stop < size and text[stop] == _QUOTE:
                    first[row, which], last[row, which] = at + 1, stop
                else:
                    first[row, which] = mark - 2
                    mark = _after(text, marked, mark - 2)
                    if mark < 0:
                        break
                    stop, last[row, which] = marked[mark - 1], ~(mark - 1)
                at = stop + 1
            elif sign in (_N, _T, _F):
                at, truth = word(text, at, size)
                if truth >= 0 and kind not in (TRUTH, UNKNOWN):
                    break
                first[row, which], last[row, which] = truth, truth >= 0
            elif sign == _LIST and kind == TEXTS:
                begun = filled
                at, mark, filled = _texts(text, marked, at, mark, items, filled)
                first[row, which], last[row, which] = begun // 2, (filled - begun) // 2 + 1
            elif kind in (INT32, INT64):
                at, number_told = whole(text, at, size, 2**31 - 1 if kind == INT32 else 2**62)
                first[row, which], last[row, which] = number_told, 1
            elif kind in (REAL, UNKNOWN):
                at, real = real_number(text, at, size)
                reals[row, which], last[row, which] = real, 1
            else:
                break
            if at < 0:
                break
            if kind == UNKNOWN:
                last[row, which] = 1
            at = _blank(text, at, size)
            is_open = at < size and text[at] == _COMMA
            if at < size and text[at] == _CLOSE:
                at, state = at + 1, ROW
        if state == ROW:
            at = _blank(text, at, size)
            if at < size and text[at] != _NEWLINE:
                state = ODD
        if state == ODD:
            filled, at = held, start
            while at < size and text[at] != _NEWLINE:
                at += 1
            mark = int(np.searchsorted(marked, start))
        row += state == ROW
        states[number], number, start = state, number + 1, at + 1
    lines[number] = min(start, size)
    return number, row, filled // 2, mark
