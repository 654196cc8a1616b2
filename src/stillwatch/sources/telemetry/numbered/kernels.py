"""The loop over numbered names, compiled: which piece each is of, and what is said there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.encoding import same_bytes
from stillwatch.sources.lanes.syntax import ABSENT, ESCAPED, NULL, OBJECT, TEXT, Bytes
from stillwatch.sources.plain.bare import bare
from stillwatch.sources.plain.vectors import byte
from stillwatch.sources.telemetry.kernels import STRANGE, typed

Places = NDArray[np.int32]
Flags = NDArray[np.bool_]

IGNORED, UNUSUAL = -1, -2
"""What a field is that nobody reads, and one that only the full reading can read."""

ROLE, CONTENT, REASON = 1, 2, 3
"""Where the fields of a piece are put; the name of a tool stands where the content of a message does."""

_POINT, _ZERO, _NINE, _BACKSLASH, _LIST, _OPEN, _U = b".09\\[{u"
_MOST_DIGITS = 6


@bare
def _prefix(text: Bytes, at: int, stop: int, words: Bytes, prefixes: Places) -> int:
    """With which prefix a name begins, -1 for none."""
    for which in range(len(prefixes)):
        first, last = prefixes[which, 0], prefixes[which, 1]
        if stop - at >= last - first and same_bytes(text, at, at + last - first, words, first, last):
            return which
    return IGNORED


@bare
def _number(text: Bytes, at: int, stop: int) -> tuple[int, int]:
    """The number that ends at a point, and the place after the point; IGNORED or UNUSUAL if there is none such."""
    number, first, is_decimal = 0, at, True
    while at < stop and byte(text, at) != _POINT:
        if byte(text, at) > 127:
            return UNUSUAL, at
        is_decimal &= _ZERO <= byte(text, at) <= _NINE
        if at - first < _MOST_DIGITS:
            number = 10 * number + int(byte(text, at)) - _ZERO
        at += 1
    size = at - first
    if not is_decimal or size == 0 or size > _MOST_DIGITS or at + 1 >= stop:
        return IGNORED, at
    return (UNUSUAL if size > 1 and byte(text, first) == _ZERO else number), at + 1


@bare
def _field(text: Bytes, at: int, stop: int, words: Bytes, fields: Places, kind: int) -> int:
    """Where a field of a piece is put."""
    for which in range(len(fields)):
        first, last, of_kind, slot = fields[which]
        if (of_kind >> kind) & 1:
            size = last - first
            is_beginning = slot == UNUSUAL and stop - at > size
            end = at + size if is_beginning else stop
            if same_bytes(text, at, end, words, first, last):
                return int(slot)
    return IGNORED


@bare
def _may_list(text: Bytes, at: int, stop: int) -> bool:
    """Whether a text may begin as a list of objects does."""
    if stop - at < 2:
        return False
    if byte(text, at) == _LIST:
        return bool(byte(text, at + 1) in (_OPEN, _BACKSLASH))
    return bool(byte(text, at) == _BACKSLASH and byte(text, at + 1) == _U)


@bare
def pieces(
    text: Bytes,
    keys: Bytes,
    key_places: Places,
    values: Bytes,
    value_places: Places,
    lists: Bytes,
    list_places: Places,
    chosen: NDArray[np.int64],
    needs: Bytes,
    words: Bytes,
    prefixes: Places,
    fields: Places,
    kinds: Bytes,
    places: Places,
    ends: NDArray[np.int64],
    are_odd: Flags,
) -> None:
    """Put the pieces of chosen spans side by side, of each kind in a table of its own; `needs` are bits of kinds by span.

    `kinds` and `places` have a line for each kind and slot, with room for as many pieces as there are attributes. `ends`
    says of each kind where a span's pieces end.
    """
    counts, last, used = (0, 0, 0), (-1, -1, -1), (-1, -1, -1)
    for number in range(len(chosen)):
        held = chosen[number]
        last, used = (-1, -1, -1), (-1, -1, -1)
        first_row, last_row = 0, 0
        if needs[number] != 0 and lists[held] > NULL:
            first_row, last_row = list_places[held, 0], list_places[held, 1]
        for row in range(first_row, last_row):
            if keys[row] != TEXT:
                are_odd[number] = True
                break
            at, stop = int(key_places[row, 0]), int(key_places[row, 1])
            which = _prefix(text, at, stop, words, prefixes)
            if which < 0 or prefixes[which, 2] & needs[number] == 0:
                continue
            kind = 0 if prefixes[which, 2] == 2 else 1 if prefixes[which, 2] == 4 else 2
            index, at = _number(text, at + prefixes[which, 1] - prefixes[which, 0], stop)
            if index == IGNORED:
                continue
            before, same = last[kind], used[kind]
            if index < before or (same >= 0 and same != which):
                are_odd[number] = True
                break
            if index > before:
                for slot in range(1, kinds.shape[1]):
                    kinds[kind, slot, counts[kind]] = ABSENT
                kinds[kind, 0, counts[kind]] = OBJECT
                counts = _with(counts, kind, counts[kind] + 1)
                last, used = _with(last, kind, index), _with(used, kind, which)
            slot = _field(text, at, stop, words, fields, kind)
            if slot == IGNORED:
                continue
            piece = counts[kind] - 1
            value, begins, stops = typed(text, values, value_places, row)
            is_text = value in (TEXT, ESCAPED)
            if (
                slot == UNUSUAL
                or value == STRANGE
                or not (is_text or value == NULL)
                or kinds[kind, slot, piece] != ABSENT
                or (is_text and slot == CONTENT and _may_list(text, begins, stops))
            ):
                are_odd[number] = True
                break
            kinds[kind, slot, piece] = value
            places[kind, slot, piece, 0], places[kind, slot, piece, 1] = begins, stops
        for kind in range(len(ends)):
            ends[kind, number] = counts[kind]


@bare
def _with(some: tuple[int, int, int], place: int, value: int) -> tuple[int, int, int]:
    """Three numbers, one of them another."""
    return (
        value if place == 0 else some[0],
        value if place == 1 else some[1],
        value if place == 2 else some[2],
    )
