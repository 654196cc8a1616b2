"""Pieces of whole lines of JSON as columns, without a Python object for a row.

Compiled code says where the values of plain lines stand; once a chunk is full they are copied, column by column. Odd lines go
through the decoder of rows, which alone says what is wrong with one, and are put back in their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.model.tables import TIMESTAMP, TableSchema
from stillwatch.sources._base import Chunk
from stillwatch.sources.lines import Lines, TooLong
from stillwatch.sources.plain import kernels
from stillwatch.sources.plain.copying import copied, room
from stillwatch.sources.rows import LONGEST_NAME, RowDecoder
from stillwatch.sources.textchunk import Growing

MOST = 4_096
"""Lines walked at once: their places fit in the processor's cache."""

_KINDS: dict[pa.DataType, int] = {
    pa.string(): kernels.TEXT,
    TIMESTAMP: kernels.TEXT,
    pa.int32(): kernels.INT32,
    pa.int64(): kernels.INT64,
    pa.float64(): kernels.REAL,
    pa.bool_(): kernels.TRUTH,
    pa.list_(pa.string()): kernels.TEXTS,
}


class PlainLines:
    """A chunk in the making out of pieces of whole lines; `chunk` hands it over and starts the next."""

    def __init__(self, table: TableSchema) -> None:
        """Chunks of that table."""
        self._decoder = RowDecoder(table)
        self._growing = Growing(table, self._decoder)
        self._columns = [column.name for column in table.columns]
        self._kinds = [_KINDS[column.type] for column in table.columns]
        self._learned = -1
        self._held: list[_Spans] = []

    @property
    def full(self) -> bool:
        """True if the chunk is large enough to be handed over."""
        rows, size = sum(len(one.numbers) for one in self._held), sum(one.size for one in self._held)
        return self._growing.is_full(rows, size)

    def add(self, piece: bytes | TooLong, number: int) -> Iterator[int]:
        """Take in lines of which the first has that number, some thousand at a time: how many, each time."""
        if isinstance(piece, TooLong):
            self._odd([piece], np.array([number]))
            yield 1
            return
        text = np.frombuffer(piece, np.uint8)
        marked = np.empty(len(piece) + 1, np.int64)
        count, is_ascii = kernels.marks(text, np.frombuffer(piece, np.uint64, len(piece) // 8), marked)
        if not is_ascii and not _is_utf8(piece):
            lines = piece.removesuffix(b"\n").split(b"\n")
            self._odd(lines, np.arange(number, number + len(lines)))
            yield len(lines)
            return
        walk = _Walk(piece, text, marked[: count + 1].copy())
        while walk.start < len(piece):
            lines_read = self._walked(walk, number)
            number += lines_read
            yield lines_read

    def chunk(self) -> Chunk:
        """The rows gathered so far, in contract types."""
        self._copy()
        return self._growing.chunk()

    def _walked(self, walk: _Walk, number: int) -> int:
        """Take in the next lines of a piece, and say how many."""
        names, ends, kinds = self._keys()
        most = min(MOST, 1 + (len(walk.piece) - walk.start) // 2)
        starts, states = np.empty(most + 1, np.int64), np.empty(most, np.uint8)
        first, last = np.empty((2, most, len(kinds)), np.int64)
        reals, items = np.empty((most, len(kinds))), np.empty(len(walk.marked), np.int64)
        found = (starts, states, first, last, reals, items)
        lines, rows, held, walk.mark = kernels.rows(
            walk.text, walk.marked, walk.mark, walk.start, names, ends, kinds, *found
        )
        walk.start, states = int(starts[lines]), states[:lines]
        for place, key in enumerate(self._decoder.learned, start=len(self._columns)):
            if seen := int(np.count_nonzero(last[:rows, place])):
                self._decoder.unknown[key[:LONGEST_NAME]] += seen
        plain, odd = np.flatnonzero(states == kernels.ROW), np.flatnonzero(states == kernels.ODD)
        spans = _Spans(
            walk, first[:rows].T.copy(), last[:rows].T.copy(), reals[:rows].T.copy(), items[: 2 * held].copy(),
            Lines(walk.piece, starts[plain], starts[plain + 1]), plain + number, walk.start - int(starts[0]),
        )  # fmt: skip
        if len(odd):
            self._mix(spans, Lines(walk.piece, starts[odd], starts[odd + 1]), odd + number)
        else:
            self._held.append(spans)
        return int(lines)

    def _mix(self, plain: _Spans, odd: Lines, numbers: NDArray[np.int64]) -> None:
        """Take in rows of both kinds, in the order of their lines."""
        self._copy()
        batch, places, rejected = self._decoder.decode(list(odd), numbers.tolist())
        raw, both = (
            [*plain.raw, *(odd[at] for at in places)],
            np.concatenate([plain.numbers, numbers[places]]),
        )
        order = np.argsort(both, kind="stable")
        rows = pa.concat_batches([self._batch([plain]), batch]).take(pa.array(order))
        lines = [raw[at] for at in order.tolist()]
        self._growing.take(rows, [lines], both[order], rejected, size=plain.size)

    def _odd(self, lines: Sequence[bytes | TooLong], numbers: NDArray[np.int64]) -> None:
        self._copy()
        self._growing.add(lines, numbers.tolist())

    def _copy(self) -> None:
        """Hand the rows over that are known by their places only."""
        held, self._held = self._held, []
        if held:
            numbers = np.concatenate([one.numbers for one in held])
            raw = [one.raw for one in held]
            self._growing.take(self._batch(held), raw, numbers, size=sum(one.size for one in held))

    def _batch(self, held: Sequence[_Spans]) -> pa.RecordBatch:
        schema = self._decoder.schema
        arrays = [
            _column(held, which, kind, schema.field(which).type) for which, kind in enumerate(self._kinds)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _keys(self) -> tuple[kernels.Bytes, kernels.Places, kernels.Bytes]:
        """The known keys, made anew where the decoder has learned more."""
        if self._learned != len(self._decoder.learned):
            self._learned = len(self._decoder.learned)
            keys = [key.encode() for key in (*self._columns, *self._decoder.learned)]
            kinds = [*self._kinds, *[kernels.UNKNOWN] * self._learned]
            ends = np.cumsum([0, *map(len, keys)])
            self._made = np.frombuffer(b"".join(keys), np.uint8), ends, np.array(kinds, np.uint8)
        return self._made


@dataclass
class _Walk:
    """How far a piece has been walked."""

    piece: bytes
    text: kernels.Bytes
    marked: kernels.Places
    mark: int = 0
    start: int = 0


@dataclass(frozen=True, eq=False)
class _Spans:
    """Where the values of rows stand in a piece, as `kernels.rows` found them, a line of numbers for each key."""

    walk: _Walk
    first: kernels.Places
    last: kernels.Places
    reals: NDArray[np.float64]
    items: kernels.Places
    raw: Lines
    numbers: NDArray[np.int64]
    size: int

    def lists(self, which: int) -> tuple[kernels.Places, kernels.Places, kernels.Places]:
        """How many texts each row's list has, and where those begin and end."""
        counts = np.maximum(self.last[which] - 1, 0)
        at = np.repeat(self.first[which] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        return counts, self.items[2 * at], self.items[2 * at + 1]


def _column(held: Sequence[_Spans], which: int, kind: int, wanted: pa.DataType) -> pa.Array:
    """The values of a column; null where there is none."""
    there = np.concatenate([one.last[which] != 0 for one in held])
    if not there.any():
        return pa.nulls(len(there), wanted)
    if kind == kernels.TEXT:
        return _texts([(one.walk, one.first[which], one.last[which]) for one in held], there)
    if kind == kernels.TEXTS:
        lists = [one.lists(which) for one in held]
        texts = [(one.walk, first, last) for one, (_, first, last) in zip(held, lists, strict=True)]
        offsets = np.cumsum([0, *np.concatenate([counts for counts, _, _ in lists])])
        mask = None if there.all() else pa.array(~there)
        values = _texts(texts, np.ones(offsets[-1], np.bool_))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values, type=wanted, mask=mask)
    values = np.concatenate([(one.reals if kind == kernels.REAL else one.first)[which] for one in held])
    return pa.array(values.astype(wanted.to_pandas_dtype()), wanted, mask=~there)


def _texts(
    parts: Sequence[tuple[_Walk, kernels.Places, kernels.Places]], there: NDArray[np.bool_]
) -> pa.Array:
    """Strings of several pieces in one array."""
    offsets = np.empty(len(there) + 1, np.int32)
    out = np.empty(sum(room(walk.marked, first, last) for walk, first, last in parts), np.uint8)
    row, to = 0, 0
    for walk, first, last in parts:
        to = copied(walk.text, walk.marked, first, last, offsets[row:], out, to)
        row += len(first)
    offsets[row] = to
    bits = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(
        pa.string(), len(there), [bits, pa.py_buffer(offsets), pa.py_buffer(out[:to])]
    )


def _is_utf8(piece: bytes) -> bool:
    ends = pa.py_buffer(np.array([0, len(piece)], np.int64))
    try:
        whole = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(piece)])
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
