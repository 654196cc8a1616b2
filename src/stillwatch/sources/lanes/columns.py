"""Columns of the contract, of many records at once, as `nested.values` would have told them one by one.

Each takes the kinds of values that nearly all records have; a record with one of another kind is odd from then on. Where a
value is turned by Python, that is done once for all records that have the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.sources.lanes import copying, counting, encoding
from stillwatch.sources.lanes.found import Found, Slots
from stillwatch.sources.lanes.syntax import ESCAPED, FALSE, NULL, TEXT, TRUE, WHOLE
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.moments import FACTORS, iso
from stillwatch.sources.nested.values import from_json, status
from stillwatch.sources.plain.vectors import WIDTH

Columns = dict[str, pa.Array]
"""Columns of the contract, one row for each record; a missing column says nothing."""

NAMES = pa.list_(pa.string())
LONG = 2**62
"""The largest number that is looked for where a column has room for it."""

ODD: Any = object()
"""What a turn gives where only the full reading can say what a value means."""

_UNFIT = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)
_INT = 2**31 - 1
_LAST = 1e15
_MINUS = 45


def texts(some: Found, *paths: str) -> pa.Array:
    """Texts that say something, and whole numbers as texts; of several paths the first at which anything stands."""
    held = some.slots(*paths)
    if not (held.kinds > NULL).any():
        return pa.nulls(len(held.kinds), pa.string())
    numbers = held.kinds == WHOLE
    if numbers.any():
        some.without(numbers & (some.text[np.where(numbers, held.spans[:, 0], 0)] == _MINUS))
    _only(some, held, numbers, (TEXT, ESCAPED))
    return _copied(some, held, is_said=True)


def as_written(some: Found, *paths: str) -> pa.Array:
    """Texts as they are."""
    return as_written_slots(some, some.slots(*paths))


def as_written_slots(some: Found, held: Slots) -> pa.Array:
    """Texts as they are, one for each record."""
    if not (held.kinds > NULL).any():
        return pa.nulls(len(held.kinds), pa.string())
    _only(some, held, False, (TEXT, ESCAPED))
    return _copied(some, held, is_said=False)


def wholes(some: Found, *paths: str, most: int = _INT) -> pa.Array:
    """Whole numbers."""
    held, kind = some.slots(*paths), pa.int32() if most <= _INT else pa.int64()
    if not (held.kinds > NULL).any():
        return pa.nulls(len(held.kinds), kind)
    values, states = np.empty(len(held.kinds), np.int64), np.empty(len(held.kinds), np.uint8)
    counting.wholes(some.text, held.kinds, held.spans, most, values, states)
    _only(some, held, states == counting.TOLD, ())
    return pa.array(values.astype(kind.to_pandas_dtype()), kind, mask=states != counting.TOLD)


def reals(some: Found, *paths: str) -> pa.Array:
    """Numbers."""
    held = some.slots(*paths)
    values, states = np.empty(len(held.kinds)), np.empty(len(held.kinds), np.uint8)
    counting.reals(some.text, held.kinds, held.spans, values, states)
    _only(some, held, states == counting.TOLD, ())
    return pa.array(values, pa.float64(), mask=states != counting.TOLD)


def flags(some: Found, *paths: str) -> pa.Array:
    """Yes or no."""
    held = some.slots(*paths)
    _only(some, held, False, (TRUE, FALSE))
    return pa.array(held.kinds == TRUE, pa.bool_(), mask=held.kinds <= NULL)


def moments(
    some: Found, *paths: str, is_utc: bool = True, turn: Callable[[Any], int | None] | None = None
) -> pa.Array:
    """Times in ISO 8601 as microseconds; those written in an unusual way, by a turn of their own."""
    turn = turn or (lambda value: iso(value, utc=is_utc))
    held = some.slots(*paths)
    values, states = np.empty(len(held.kinds), np.int64), np.empty(len(held.kinds), np.uint8)
    counting.moments(some.text, held.kinds, held.spans, is_utc, values, states)
    there = states == counting.TOLD
    for row in np.flatnonzero(states == counting.UNUSUAL).tolist():
        told = turn(_value(some, held, row))
        if told is not None and abs(told) <= LONG:
            values[row], there[row] = told, True
        some.is_odd[row] |= told is not None and not there[row]
    return pa.array(values, pa.int64(), mask=~there)


def since(some: Found, path: str, unit: str) -> pa.Array:
    """Times that are numbers since 1970 as microseconds."""
    told = reals(some, path)
    counts = np.asarray(told.fill_null(0))
    some.without(np.abs(counts) > _LAST)
    micros = np.rint(np.where(np.abs(counts) > _LAST, 0, counts) * FACTORS[unit]).astype(np.int64)
    return pa.array(micros, pa.int64(), mask=np.asarray(told.is_null()))


def turned(turn: Callable[[Any], Any], kind: pa.DataType, some: Found, *paths: str) -> pa.Array:
    """What a turn makes of each value."""
    return turned_slots(turn, kind, some, some.slots(*paths), are_records=True)


def turned_slots(
    turn: Callable[[Any], Any], kind: pa.DataType, some: Found, held: Slots, *, are_records: bool = False
) -> pa.Array:
    """What a turn makes of each of some values; of `ODD`, if they are one for each record, odd records."""
    if not (held.kinds > NULL).any():
        return _same(turn(None), kind, some, held, are_records=are_records)
    codes, found = _different(some, held)
    values, are_odd = _fitting([turn(value) for value in found], kind)
    if are_records and are_odd.any():
        some.without(are_odd[codes])
    if len(values) == 1:
        return (
            pa.repeat(values[0], len(held.kinds)) if values[0].is_valid else pa.nulls(len(held.kinds), kind)
        )
    return values.take(pa.array(codes))


def classed(turn: Callable[[Any], int], some: Found, held: Slots) -> NDArray[np.int8]:
    """What a turn makes of each of some values, as small numbers."""
    if not (held.kinds > NULL).any():
        return np.full(len(held.kinds), turn(None), np.int8)
    codes, found = _different(some, held)
    return np.array([turn(value) for value in found], np.int8)[codes]


def _fitting(told: Sequence[Any], kind: pa.DataType) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Values in a type, and which of them are odd, as those are that do not fit."""
    are_odd = np.array([one is ODD for one in told], np.bool_)
    plain = [None if one is ODD else one for one in told]
    try:
        return pa.array(plain, kind), are_odd
    except _UNFIT:
        if len(told) == 1:
            return pa.nulls(1, kind), np.ones(1, np.bool_)
    parts = [_fitting([one], kind) for one in told]
    return pa.concat_arrays([values for values, _ in parts]), np.concatenate([odd for _, odd in parts])


def _same(told: Any, kind: pa.DataType, some: Found, held: Slots, *, are_records: bool) -> pa.Array:
    """What a turn made of nothing, where nothing stands in any record."""
    if told is ODD and are_records:
        some.is_odd[:] = True
    if told is None or told is ODD:
        return pa.nulls(len(held.kinds), kind)
    return pa.repeat(pa.scalar(told, kind), len(held.kinds))


def together(turn: Callable[..., Any], kind: pa.DataType, some: Found, *paths: str) -> pa.Array:
    """What a turn makes of the values of several paths together, once for all records that have the same."""
    which = np.zeros(len(some), np.int64)
    known: list[tuple[Any, ...]] = [()]
    for path in paths:
        held = some.slots(path)
        if not (held.kinds > NULL).any():
            known = [(*told, None) for told in known]
            continue
        codes, values = _different(some, held)
        both = pa.array(which * len(values) + codes).dictionary_encode()
        pairs = (divmod(one, len(values)) for one in both.dictionary.to_pylist())
        known = [(*known[before], values[last]) for before, last in pairs]
        which = np.asarray(both.indices).astype(np.int64)
    values, are_odd = _fitting([turn(*one) for one in known], kind)
    some.without(are_odd[which])
    return values.take(pa.array(which))


def _different(some: Found, held: Slots) -> tuple[NDArray[np.int32], list[Any]]:
    """The different values as the decoder gives them, and the place of each record's among them."""
    count = len(held.kinds)
    table = np.full(1 << (2 * count).bit_length(), -1, np.int32)
    codes, firsts = np.empty(count, np.int32), np.empty(count, np.int32)
    found = encoding.encoded(some.text, held.kinds, held.spans, table, codes, firsts)
    return codes, [_value(some, held, row) for row in firsts[:found].tolist()]


def statuses(some: Found, *paths: str) -> pa.Array:
    """HTTP statuses."""
    return turned(status, pa.int32(), some, *paths)


def addresses(some: Found, *paths: str) -> pa.Array:
    """Addresses of clients; one of IPv4 that stands alone is told as it is."""
    held = some.slots(*paths)
    if not (held.kinds > NULL).any():
        return pa.nulls(len(held.kinds), pa.string())
    are_plain = np.empty(len(held.kinds), np.bool_)
    counting.addresses(some.text, held.kinds, held.spans, are_plain)
    plain = _copied(some, Slots(np.where(are_plain, held.kinds, 0), held.spans), is_said=False)
    others = Slots(np.where(are_plain, 0, held.kinds), held.spans)
    return either(plain, turned_slots(address, pa.string(), some, others, are_records=True))


def always(some: Found, word: str, where: NDArray[np.bool_] | None = None) -> pa.Array:
    """The same text for every record, or for some."""
    return pa.array([word]).take(
        pa.array(np.zeros(len(some), np.int32), mask=None if where is None else ~where)
    )


def either(*values: pa.Array) -> pa.Array:
    """The first values, and the others where those say nothing."""
    telling = [some for some in values if some.null_count < len(some)] or [values[0]]
    return pc.coalesce(*telling) if telling[0].null_count else telling[0]


def unless_zero(counts: pa.Array) -> pa.Array:
    """Numbers, of which 0 says nothing."""
    return pc.if_else(pc.equal(counts, 0), None, counts)


def added(some: Found, first: pa.Array, *more: pa.Array) -> pa.Array:
    """The first numbers and what others add to them."""
    whole = np.asarray(first.fill_null(0)).astype(np.int64)
    for one in more:
        if one.null_count < len(one):
            whole += np.asarray(one.fill_null(0))
    is_large = whole > _INT
    some.without(is_large)
    told = np.where(is_large, 0, whole).astype(np.int32)
    return pa.array(told, pa.int32(), mask=np.asarray(first.is_null()))


def summed(some: Found, *counts: pa.Array) -> pa.Array:
    """The sum of those numbers that are there."""
    is_told = either(*counts).is_valid()
    return added(some, pc.if_else(is_told, pc.fill_null(counts[0], 0), None), *counts[1:])


def over(told: Columns, more: Mapping[str, pa.Array]) -> Columns:
    """The columns, with what the others say in place of what they said."""
    for name, values in more.items():
        before = told.get(name)
        told[name] = values if before is None else either(values, before)
    return told


def are(values: pa.Array) -> NDArray[np.bool_]:
    """Which of some values are true."""
    return np.asarray(values.fill_null(False))


def mention(values: pa.Array, word: str) -> NDArray[np.bool_]:
    """Which texts mention a word; where none is, bytes may stand nevertheless."""
    _, offsets, held = values.buffers()
    text, found = np.frombuffer(held or b"", np.uint8), np.zeros(len(values), np.bool_)
    if len(text):
        ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
        copying.mentions(text, ends, np.frombuffer(word.encode(), np.uint8), found)
    return found & np.asarray(values.is_valid()) if values.null_count else found


def joined(some: Found, held: Slots, which: NDArray[np.int64], ends: NDArray[np.int64]) -> pa.Array:
    """Texts in groups, those that say something, one a line; of each group, where it ends in `which`."""
    spans = held.spans[which]
    kinds = held.kinds[which]
    are_texts = (kinds == TEXT) | (kinds == ESCAPED)
    room = int((spans[:, 1] - spans[:, 0])[are_texts].sum()) + len(which) + WIDTH
    buffers = _buffers(len(ends), room)
    size = copying.joined(some.text, held.kinds, held.spans, which, ends, *buffers)
    return _texts(*buffers, size)


def _copied(some: Found, held: Slots, *, is_said: bool) -> pa.Array:
    wanted = (held.kinds == TEXT) | (held.kinds == ESCAPED) | (held.kinds == WHOLE)
    buffers = _buffers(len(held.kinds), int((held.spans[:, 1] - held.spans[:, 0])[wanted].sum()) + WIDTH)
    size = copying.texts(some.text, held.kinds, held.spans, is_said, *buffers)
    return _texts(*buffers, size)


def _buffers(count: int, room: int) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]:
    return np.empty(count + 1, np.int32), np.empty(room, np.uint8), np.empty(count, np.uint8)


def _texts(
    offsets: NDArray[np.int32], out: NDArray[np.uint8], there: NDArray[np.uint8], size: int
) -> pa.Array:
    """Texts that were copied, as a column."""
    bits = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(
        pa.string(), len(there), [bits, pa.py_buffer(offsets), pa.py_buffer(out[:size])]
    )


def _only(some: Found, held: Slots, are_taken: NDArray[np.bool_] | bool, kinds: Sequence[int]) -> None:
    """Leave records to the full reading of which the value is of another kind, if it is there and not taken."""
    others = (held.kinds > NULL) & ~np.asarray(are_taken)
    for kind in kinds:
        others &= held.kinds != kind
    if others.any():
        some.without(others)


def _value(some: Found, held: Slots, row: int) -> Any:
    """One value as the decoder gives it."""
    if held.kinds[row] <= NULL:
        return None
    first, last = held.spans[row].tolist()
    is_text = held.kinds[row] in (TEXT, ESCAPED)
    return from_json(some.text[first - is_text : last + is_text].tobytes())
