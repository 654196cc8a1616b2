"""The loop over the bytes of nested records, compiled: where in a record each value stands that its format wants.

What a format wants is a tree of keys (`shapes.Tree`). A record is regular if it is valid JSON beyond doubt and each wanted
value is of a kind that is allowed for it. Every other record is odd, and is left to the full reading, which says what is
wrong with it if anything is; so nothing is refused here. Values that nobody wants are checked as strictly as wanted
ones, for the full reading decodes them too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.syntax import ABSENT, ESCAPED, LIST, OBJECT, TEXT, Bytes, blank, simple, string
from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.vectors import WIDTH, byte, is_same

Places = NDArray[np.int32]

REGULAR, ODD, NO_ROOM = range(3)
"""What came of a record; NO_ROOM, that there were more elements of lists than there was room for."""

DEEPEST = 60
"""How deeply a regular record is nested; the decoder itself takes a thousand."""

_UNWANTED = -1
_NO = -1
_QUOTE, _COMMA, _COLON, _OPEN, _CLOSE, _LIST, _LIST_END = b'",:{}[]'

Nodes = NDArray[np.int32]
"""The tree of wanted keys, a line for each key and for the elements of each list, with these numbers."""

ALLOWED, TABLE, SLOT, ELEMENT, IS_INSIDE, IS_CLOSED = range(6)
"""The kinds allowed as bits; in which table and slot of it the value goes, a table being the records or the elements of a
list; the node of a list's elements, or -1; whether what stands inside is wanted; and whether nothing else may be there."""

Keys = NDArray[np.int32]
"""The keys, a line for each, with these numbers."""

BEGINS, ENDS, BEHIND, FOLLOWING = range(4)
"""Where the bytes of the key stand in all names; the node behind it; the next key of the same hash, or -1."""

Tables = NDArray[np.int64]
"""The tables that are filled, a line for each, with these numbers."""

BASE, WIDTH_OF, ROOM, COUNT = range(4)
"""Where the first slot of the first row is, slots of a row, most rows, which is how far the next slot is, and rows."""

HASHES = 64
"""Values of the hash of a key."""


@bare
def hash_of(text: Bytes, at: int, stop: int) -> int:
    """A hash of a key that is not empty, from its length and ends."""
    return (7 * (stop - at) + 5 * int(text[at]) + 11 * int(text[stop - 1])) & (HASHES - 1)


@bare
def passed(text: Bytes, at: int, end: int, depth: int) -> int:
    """The place after the object or list at `at`, or -1; `depth` is how deeply it lies."""
    lists, within = np.uint64(0), 0
    while True:
        opens = byte(text, at)
        if opens in (_OPEN, _LIST):
            is_list = opens == _LIST
            lists = (lists << np.uint64(1)) | np.uint64(is_list)
            within += 1
            if within + depth > DEEPEST:
                return _NO
            at = blank(text, at + 1, end)
            if at < end and byte(text, at) == (_LIST_END if is_list else _CLOSE):
                is_open = False
            elif at < end and is_list:
                continue
            else:
                is_open = True
                at -= 1
        else:
            at, _ = simple(text, at, end)
            if at < 0:
                return _NO
            at = blank(text, at, end)
            is_open = at < end and byte(text, at) == _COMMA
        while not is_open:
            is_list = (lists & np.uint64(1)) != 0
            if at >= end or byte(text, at) != (_LIST_END if is_list else _CLOSE):
                return _NO
            lists >>= np.uint64(1)
            within -= 1
            if within == 0:
                return at + 1
            at = blank(text, at + 1, end)
            is_open = at < end and byte(text, at) == _COMMA
        at = blank(text, at + 1, end)
        if (lists & np.uint64(1)) == 0:
            if at >= end or byte(text, at) != _QUOTE:
                return _NO
            at, _ = string(text, at + 1, end)
            if at < 0:
                return _NO
            at = blank(text, at + 1, end)
            if at >= end or byte(text, at) != _COLON:
                return _NO
            at = blank(text, at + 1, end)
        if at >= end:
            return _NO


@bare
def goes_on_as(text: Bytes, at: int, stop: int, names: Bytes, begins: int) -> bool:
    """Whether the bytes from a place on are those from another place on."""
    while stop - at > 0:
        if at + WIDTH > len(text):
            if byte(text, at) != byte(names, begins):
                return False
            at, begins = at + 1, begins + 1
        elif is_same(text, at, names, begins, min(WIDTH, stop - at)):
            at, begins = at + WIDTH, begins + WIDTH
        else:
            return False
    return True


@bare
def _wanted(keys: Keys, hashed: Places, names: Bytes, node: int, text: Bytes, at: int, stop: int) -> int:
    """The node behind a key, -1 if nobody wants it."""
    found = _UNWANTED
    if at < stop:
        key = hashed[node, hash_of(text, at, stop)]
        while key >= 0:
            begins = keys[key, BEGINS]
            if keys[key, ENDS] - begins == stop - at and goes_on_as(text, at, stop, names, begins):
                found = int(keys[key, BEHIND])
                break
            key = keys[key, FOLLOWING]
    return found


@bare
def _row(tables: Tables, table: int) -> int:
    """Where the first slot of a table's next row is; -1 if there is no room."""
    number = tables[table, COUNT]
    begins = tables[table, BASE] + number
    if number >= tables[table, ROOM]:
        begins = _NO
    else:
        tables[table, COUNT] = number + 1
    return int(begins)


@bare
def _record(
    nodes: Nodes,
    keys: Keys,
    hashed: Places,
    names: Bytes,
    tables: Tables,
    kinds: Bytes,
    spans: Places,
    text: Bytes,
    at: int,
    end: int,
    stack: Places,
) -> int:
    """Walk one record, and say what it is."""
    at = blank(text, at, end)
    depth, child, where = 0, 0, 0
    row = _row(tables, 0)
    if row < 0:
        return NO_ROOM
    kinds[row] = OBJECT
    if at >= end or byte(text, at) != _OPEN:
        return ODD
    stack[0, 0], stack[0, 1], stack[0, 2] = 0, row, 0
    at += 1
    is_first = True
    while True:
        node, row = int(stack[depth, 0]), int(stack[depth, 1])
        element = int(nodes[node, ELEMENT])
        at = blank(text, at, end)
        if at >= end:
            return ODD
        if is_first and byte(text, at) == (_CLOSE if element < 0 else _LIST_END):
            is_open = False
        else:
            if element >= 0:
                child = element
                row = _row(tables, nodes[element, TABLE])
                if row < 0:
                    return NO_ROOM
            elif byte(text, at) == _QUOTE:
                stop, has_escapes = string(text, at + 1, end)
                if stop < 0 or has_escapes:
                    return ODD
                child = _wanted(keys, hashed, names, node, text, at + 1, stop)
                if child < 0 and nodes[node, IS_CLOSED]:
                    return ODD
                at = blank(text, stop + 1, end)
                if at >= end or byte(text, at) != _COLON:
                    return ODD
                at = blank(text, at + 1, end)
                if at >= end:
                    return ODD
            else:
                return ODD
            begins = at
            opens = byte(text, at)
            if opens in (_OPEN, _LIST):
                kind = OBJECT if opens == _OPEN else LIST
                if child >= 0:
                    where = row + nodes[child, SLOT] * tables[nodes[child, TABLE], ROOM]
                    if kinds[where] != ABSENT or (nodes[child, ALLOWED] >> kind) & 1 == 0:
                        return ODD
                    kinds[where] = kind
                    if nodes[child, IS_INSIDE]:
                        depth += 1
                        if depth >= DEEPEST:
                            return ODD
                        stack[depth, 0], stack[depth, 1], stack[depth, 2] = child, row, where
                        if kind == LIST:
                            spans[where, 0] = tables[nodes[nodes[child, ELEMENT], TABLE], COUNT]
                        at += 1
                        is_first = True
                        continue
                at = passed(text, at, end, depth)
                if at < 0:
                    return ODD
                if child >= 0:
                    spans[where, 0], spans[where, 1] = begins, at
            else:
                at, kind = simple(text, at, end)
                if at < 0:
                    return ODD
                if child >= 0:
                    where = row + nodes[child, SLOT] * tables[nodes[child, TABLE], ROOM]
                    if kinds[where] != ABSENT or (nodes[child, ALLOWED] >> kind) & 1 == 0:
                        return ODD
                    is_text = kind in (TEXT, ESCAPED)
                    kinds[where] = kind
                    spans[where, 0], spans[where, 1] = begins + is_text, at - is_text
            at = blank(text, at, end)
            is_open = at < end and byte(text, at) == _COMMA
        while not is_open:
            element = int(nodes[stack[depth, 0], ELEMENT])
            if at >= end or byte(text, at) != (_CLOSE if element < 0 else _LIST_END):
                return ODD
            if element >= 0:
                spans[stack[depth, 2], 1] = tables[nodes[element, TABLE], COUNT]
            at = blank(text, at + 1, end)
            if depth == 0:
                return REGULAR if at == end else ODD
            depth -= 1
            is_open = at < end and byte(text, at) == _COMMA
        at += 1
        is_first = False


@bare
def records(
    nodes: Nodes,
    keys: Keys,
    hashed: Places,
    names: Bytes,
    tables: Tables,
    kinds: Bytes,
    spans: Places,
    text: Bytes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    keeps: bool,
    states: Bytes,
    stack: Places,
    before: NDArray[np.int64],
) -> bool:
    """Walk records that stand in a text, each followed by a line's end or the text's, and fill in what each is.

    `tables` say how many rows each has so far, and are filled up. A slot's number says in `kinds`, which begin without any, what stands there, and in
    `spans` where that begins and ends, a text without its quotes; of a list, its first element and one more than its last.
    A record that is odd has no row, or `keeps` one with nothing in it. Returns whether there was room for all.
    """
    for table in range(len(before)):
        before[table] = tables[table, COUNT]
    for which in range(len(starts)):
        state = _record(
            nodes, keys, hashed, names, tables, kinds, spans, text, starts[which], ends[which], stack
        )
        if state == NO_ROOM:
            return False
        for table in range(len(before)):
            if state == ODD:
                for slot in range(tables[table, WIDTH_OF]):
                    begins = tables[table, BASE] + slot * tables[table, ROOM]
                    for row in range(before[table], tables[table, COUNT]):
                        kinds[begins + row] = ABSENT
                tables[table, COUNT] = before[table]
            if keeps and state == ODD and table == 0:
                _row(tables, 0)
            before[table] = tables[table, COUNT]
        states[which] = state
    return True
