"""The loops over spans and their attributes, compiled: which attribute tells which column, and which span lies in which.

Attributes are lists of `{"key": K, "value": {"stringValue": V}}`. What tells a column is put side by side with that of other
spans, as `lanes.kernels` does with the values of keys. Whatever is written in an unusual way is left to the full reading.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.encoding import same_bytes
from stillwatch.sources.lanes.syntax import (
    ABSENT,
    ESCAPED,
    FALSE,
    NULL,
    OBJECT,
    REAL,
    TEXT,
    TRUE,
    WHOLE,
    Bytes,
)
from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.vectors import WIDTH, byte

Places = NDArray[np.int32]
Flags = NDArray[np.bool_]
Codes = NDArray[np.uint64]

STRANGE = 255
"""A value that only the full reading can take out of its type."""

FIRST_BYTE, LAST_BYTE, NEXT, FIRST_TOLD, LAST_TOLD = range(5)
"""Of a name that is wanted: where its bytes stand, the next name of the same hash or -1, and what it tells from where to where."""

SLOT, RANK, HOW = range(3)
"""What a name tells: the value of which slot, how trusted it is there, and which values count."""

SAID, EVEN_EMPTY, BEING_THERE = range(3)
"""Which values count: all but none and an empty text, all but none, or that the name is there."""

ODD = 1
"""Says, beside what a list of attributes tells, that an unusual thing stands there; other bits say that numbered names do."""

NAME_HASHES = 256
UNRANKED = 127

TYPES = ("stringValue", "intValue", "doubleValue", "boolValue", "arrayValue", "bytesValue", "kvlistValue")
"""The types of values."""
STRING, INT, DOUBLE, BOOL, ARRAY = range(5)
_UNTYPED = -1

NOTHING, NO_CALL, CALL = range(3)
"""What a span says it is: nothing of AI software, something else of it, or a call of a model."""

_OPEN, _LIST, _CLOSE, _MINUS, _ZERO, _NINE = b"{[}-09"
_FARTHEST = 32
_NO_ID = np.uint64(0)
_MOST_DIGITS = 18
_LONGEST_TIME = 19
_DIGITS = np.full(256, 255, np.uint8)
for _sign in b"0123456789abcdef":
    _DIGITS[_sign] = int(chr(_sign), 16)


@bare
def name_hash(text: Bytes, at: int, stop: int) -> int:
    """A hash of a name that is not empty, from its length and four of its bytes."""
    size = stop - at
    some = 7 * size + 3 * int(text[at]) + 5 * int(text[at + size // 3])
    return (some + 13 * int(text[at + size // 2]) + 11 * int(text[stop - 1])) & (NAME_HASHES - 1)


@bare
def _is_plain(text: Bytes, at: int, stop: int) -> bool:
    """Whether a whole number stands there as programs write one."""
    at += at < stop and byte(text, at) == _MINUS
    if at == stop or stop - at > _MOST_DIGITS or (byte(text, at) == _ZERO and stop - at > 1):
        return False
    is_number = True
    for place in range(at, stop):
        is_number &= _ZERO <= byte(text, place) <= _NINE
    return is_number


@bare
def typed(text: Bytes, kinds: Bytes, places: Places, row: int) -> tuple[int, int, int]:
    """The kind of one of some typed values, of which each type has a line, and where it begins and ends."""
    found = _UNTYPED
    for kind in range(len(kinds)):
        if kinds[kind, row] != ABSENT:
            if found != _UNTYPED:
                return STRANGE, 0, 0
            found = kind
    if found == _UNTYPED:
        return NULL, 0, 0
    kind, begins, ends = int(kinds[found, row]), int(places[found, row, 0]), int(places[found, row, 1])
    is_right = kind == NULL
    if found == STRING:
        is_right |= kind in (TEXT, ESCAPED)
    elif found == INT:
        is_whole = kind == WHOLE or (kind == TEXT and _is_plain(text, begins, ends))
        is_right |= is_whole
        kind = WHOLE if is_whole else kind
    elif found == DOUBLE:
        is_real = kind in (WHOLE, REAL)
        is_right |= is_real
        kind = REAL if is_real else kind
    elif found == BOOL:
        is_right |= kind in (TRUE, FALSE)
    else:
        is_right = found == ARRAY and kind == OBJECT
    return (kind if is_right else STRANGE), begins, ends


@bare
def _named(text: Bytes, at: int, stop: int, words: Bytes, names: Places, hashed: Places) -> int:
    """Which name stands there, -1 for one that nobody wants."""
    if at == stop:
        return -1
    name = int(hashed[name_hash(text, at, stop)])
    while name >= 0 and not same_bytes(
        text, at, stop, words, names[name, FIRST_BYTE], names[name, LAST_BYTE]
    ):
        name = int(names[name, NEXT])
    return name


@bare
def _numbered(text: Bytes, at: int, stop: int, words: Bytes, prefixes: Places) -> int:
    """The bit of the numbered names among which this one is, or none."""
    for which in range(len(prefixes)):
        first, last, bit = prefixes[which]
        if stop - at >= last - first and same_bytes(text, at, at + last - first, words, first, last):
            return int(bit)
    return 0


@bare
def _gathered(
    text: Bytes,
    keys: Bytes,
    key_places: Places,
    values: Bytes,
    value_places: Places,
    first: int,
    last: int,
    words: Bytes,
    names: Places,
    hashed: Places,
    tells: Places,
    prefixes: Places,
    wanted: Flags,
    stamps: NDArray[np.int64],
    stamp: int,
    span: int,
    kinds: Bytes,
    spans: Places,
    ranks: NDArray[np.int8],
) -> int:
    """Put what one list of attributes tells of wanted slots into a span's; what was found beside."""
    beside = 0
    for row in range(first, last):
        if keys[row] != TEXT:
            return ODD
        at, stop = int(key_places[row, 0]), int(key_places[row, 1])
        name = _named(text, at, stop, words, names, hashed)
        if name < 0:
            beside |= _numbered(text, at, stop, words, prefixes)
            continue
        is_wanted = False
        for told in range(names[name, FIRST_TOLD], names[name, LAST_TOLD]):
            is_wanted |= wanted[tells[told, SLOT]]
        if not is_wanted:
            continue
        if stamps[name] == stamp:
            return ODD
        stamps[name] = stamp
        kind, begins, ends = typed(text, values, value_places, row)
        if kind == STRANGE:
            return ODD
        for told in range(names[name, FIRST_TOLD], names[name, LAST_TOLD]):
            slot, rank, how = tells[told, SLOT], tells[told, RANK], tells[told, HOW]
            counts = kind != NULL and (how == EVEN_EMPTY or kind != TEXT or ends > begins)
            if wanted[slot] and rank < ranks[slot, span] and (counts or how == BEING_THERE):
                ranks[slot, span] = rank
                kinds[slot, span] = TRUE if how == BEING_THERE else kind
                spans[slot, span, 0], spans[slot, span, 1] = begins, ends
    return beside


@bare
def gather(
    text: Bytes,
    keys: Bytes,
    key_places: Places,
    values: Bytes,
    value_places: Places,
    lists: Bytes,
    list_places: Places,
    words: Bytes,
    names: Places,
    hashed: Places,
    tells: Places,
    prefixes: Places,
    wanted: Flags,
    stamps: NDArray[np.int64],
    stamp: int,
    chosen: NDArray[np.int64],
    which: NDArray[np.int64],
    kinds: Bytes,
    spans: Places,
    ranks: NDArray[np.int8],
    beside: Bytes,
) -> int:
    """Put what lists of attributes tell of wanted slots beside what chosen spans tell; of each span, which list, or -1.

    Returns the next stamp; of two names with one stamp the list has one twice.
    """
    for number in range(len(chosen)):
        span, held = chosen[number], which[number]
        if held >= 0 and lists[held] > NULL:
            beside[span] |= _gathered(
                text,
                keys,
                key_places,
                values,
                value_places,
                list_places[held, 0],
                list_places[held, 1],
                words,
                names,
                hashed,
                tells,
                prefixes,
                wanted,
                stamps,
                stamp,
                span,
                kinds,
                spans,
                ranks,
            )
            stamp += 1
    return stamp


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


@bare
def events(text: Bytes, kinds: Bytes, places: Places, words: Bytes, size: int, are: Bytes) -> None:
    """What an event within a span is by its name; `words` are the beginning of so many bytes of a model's, and an exception's name: 1 for one of a model's, 2 for an exception, 3 for an unusual name."""
    for row in range(len(kinds)):
        at, stop = places[row, 0], places[row, 1]
        are[row] = 0
        if kinds[row] == TEXT:
            if stop - at >= size and same_bytes(text, at, at + size, words, 0, size):
                are[row] = 1
            elif same_bytes(text, at, stop, words, size, len(words) - WIDTH):
                are[row] = 2
        elif kinds[row] == ESCAPED:
            are[row] = 3
