"""The loops over spans and their attributes, compiled: which attribute tells which column.

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

_MINUS, _ZERO, _NINE = b"-09"
_MOST_DIGITS = 18


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
