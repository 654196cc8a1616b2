"""Strings of JSON copied one after the other, their escapes as what they mean, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.counting import ahead
from stillwatch.sources.lanes.syntax import ESCAPED, TEXT, WHOLE, Bytes
from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.copying import encoded
from stillwatch.sources.plain.kernels import PLAIN_ESCAPE, unit_of
from stillwatch.sources.plain.vectors import WIDTH, between, copied, first_bit

Places = NDArray[np.int32]
Bools = NDArray[np.bool_]

_BACKSLASH, _U, _MINUS, _LINE_END, _OPEN, _CLOSE = b"\\u-\n{}"
_BOTH = np.uint32(3)
_ABSENT = tuple(np.frombuffer(word, np.uint8) for word in (b"None", b"null", b"undefined"))
_NONE, _NULL, _UNDEFINED = _ABSENT


@bare
def _meant(text: Bytes, at: int, out: Bytes, to: int) -> tuple[int, int]:
    """Write what the escape at `at` means; the places after both."""
    if text[at + 1] != _U:
        out[to] = PLAIN_ESCAPE[text[at + 1]]
        return at + 2, to + 1
    unit = unit_of(text, at + 2)
    at += 6
    if 0xD800 <= unit <= 0xDBFF:
        unit = 0x10000 + ((unit - 0xD800) << 10) + unit_of(text, at + 2) - 0xDC00
        at += 6
    return at, encoded(unit, out, to)


@bare
def _put(text: Bytes, at: int, stop: int, out: Bytes, to: int) -> int:
    """Copy a string to where there is room for `WIDTH` bytes more than it has; the place after it."""
    while at < stop:
        if at + 2 * WIDTH <= len(text):
            at, to = _put_some(text, at, stop, out, to)
        elif text[at] != _BACKSLASH:
            out[to] = text[at]
            at, to = at + 1, to + 1
        if at < stop and text[at] == _BACKSLASH:
            at, to = _meant(text, at, out, to)
    return to


@bare
def _put_some(text: Bytes, at: int, stop: int, out: Bytes, to: int) -> tuple[int, int]:
    """Copy some bytes of a string, up to an escape that is not of two signs; the places after both."""
    block, end = at, min(at + WIDTH, stop)
    escapes: np.uint32 = copied(text, at, out, to)
    while escapes != 0:
        place = first_bit(escapes)
        if block + place + 1 >= end or text[block + place + 1] == _U:
            break
        to += block + place - at
        out[to] = PLAIN_ESCAPE[text[block + place + 1]]
        at, to = block + place + 2, to + 1
        copied(text, at, out, to)
        escapes &= ~(_BOTH << np.uint32(place))
    if escapes != 0:
        end = min(end, block + first_bit(escapes))
    return end, to + end - at


@bare
def _is(out: Bytes, begins: int, word: Bytes) -> bool:
    is_same = True
    for place in range(len(word)):
        is_same &= out[begins + place] == word[place]
    return is_same


@bare
def _says_nothing(out: Bytes, begins: int, to: int) -> bool:
    """Whether a text is what programs write where there is nothing (`nested.values.ABSENT`)."""
    size = to - begins
    if size == 0 or (size == 1 and out[begins] == _MINUS):
        return True
    if size == len(_NULL):
        return _is(out, begins, _NULL) or _is(out, begins, _NONE)
    return size == len(_UNDEFINED) and _is(out, begins, _UNDEFINED)


@bare
def texts(
    text: Bytes,
    kinds: Bytes,
    spans: Places,
    is_said: bool,
    offsets: Places,
    out: Bytes,
    there: Bytes,
) -> int:
    """Copy the strings among some values; of what is said also whole numbers, but not words for nothing."""
    to = 0
    for row in range(len(kinds)):
        offsets[row] = to
        kind = kinds[row]
        ahead(text, spans, row)
        there[row] = kind in (TEXT, ESCAPED) or (is_said and kind == WHOLE)
        if there[row]:
            after = _put(text, spans[row, 0], spans[row, 1], out, to)
            if is_said and _says_nothing(out, to, after):
                there[row] = 0
            else:
                to = after
    offsets[len(kinds)] = to
    return to


@bare
def records(
    text: Bytes,
    kinds: Bytes,
    spans: Places,
    out: Bytes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> None:
    """Copy texts of JSON, with a line's end after each; an empty object where there is none."""
    to = 0
    for row in range(len(kinds)):
        starts[row] = to
        if (kinds[row] == TEXT or kinds[row] == ESCAPED) and spans[row, 1] > spans[row, 0]:
            to = _put(text, spans[row, 0], spans[row, 1], out, to)
        else:
            out[to], out[to + 1] = _OPEN, _CLOSE
            to += 2
        ends[row] = to
        out[to] = _LINE_END
        to += 1


@bare
def together(
    text: Bytes,
    kinds: Bytes,
    spans: Places,
    heads: Bytes,
    head_ends: Places,
    out: Bytes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> None:
    """Copy several texts of JSON of each record into one object, each behind its head, with a line's end after each object.

    `kinds` and `spans` have a line for each head. Where there is no text stands null.
    """
    to = 0
    for row in range(len(starts)):
        starts[row] = to
        first = 0
        for which in range(len(head_ends)):
            for place in range(first, head_ends[which]):
                out[to] = heads[place]
                to += 1
            first = head_ends[which]
            if kinds[which, row] == TEXT or kinds[which, row] == ESCAPED:
                to = _put(text, spans[which, row, 0], spans[which, row, 1], out, to)
            else:
                for place in range(len(_NULL)):
                    out[to] = _NULL[place]
                    to += 1
        out[to], out[to + 1] = _CLOSE, _LINE_END
        ends[row] = to + 1
        to += 2


@bare
def joined(
    text: Bytes,
    kinds: Bytes,
    spans: Places,
    which: NDArray[np.int64],
    ends: NDArray[np.int64],
    offsets: Places,
    out: Bytes,
    there: Bytes,
) -> int:
    """Copy strings in groups, those that say something, one a line; of each group, where it ends in `which`."""
    to, at = 0, 0
    for group in range(len(ends)):
        offsets[group] = to
        there[group] = 0
        while at < ends[group]:
            one = which[at]
            at += 1
            if (kinds[one] == TEXT or kinds[one] == ESCAPED) and spans[one, 1] > spans[one, 0]:
                if there[group]:
                    out[to] = _LINE_END
                    to += 1
                there[group] = 1
                to = _put(text, spans[one, 0], spans[one, 1], out, to)
    offsets[len(ends)] = to
    return to


@bare
def mentions(text: Bytes, offsets: Places, word: Bytes, are: Bools) -> None:
    """Which texts hold a word; the texts stand one after the other, and each is told to hold none before."""
    row, at = 0, _first(text, offsets[0], word)
    while at >= 0 and at < offsets[len(are)]:
        while offsets[row + 1] <= at:
            row += 1
        are[row] = at + len(word) <= offsets[row + 1]
        at = _first(text, offsets[row + 1] if are[row] else at + 1, word)


@bare
def _first(text: Bytes, at: int, word: Bytes) -> int:
    """Where a word stands first from a place on, looked for by its first and last byte; -1 if nowhere.

    Source: Mula, "SIMD-friendly algorithms for substring searching" (2016).
    """
    size = len(word)
    while at + size <= len(text):
        places = np.uint32(1)
        if at + size + WIDTH <= len(text):
            places = between(text, at, at + size - 1, word[0], word[size - 1])
        while places != 0:
            begins: int = at + first_bit(places)
            if _is(text, begins, word):
                return begins
            places &= places - np.uint32(1)
        at += WIDTH if at + size + WIDTH <= len(text) else 1
    return -1
