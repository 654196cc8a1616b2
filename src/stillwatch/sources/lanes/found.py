"""What was found in many records at once: of each wanted value its kind, and where in the text it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.lanes import copying, kernels
from stillwatch.sources.lanes.kernels import BASE, REGULAR, ROOM, WIDTH_OF
from stillwatch.sources.lanes.shapes import Shape
from stillwatch.sources.lanes.syntax import ESCAPED, LIST, NULL, OBJECT, TEXT
from stillwatch.sources.plain.vectors import WIDTH

_ROOM_A_RECORD = 16
"""Elements of a list for which there is room at first, for each record."""


@dataclass(frozen=True)
class Slots:
    """The values of one path: their kinds, and where each begins and ends."""

    kinds: NDArray[np.uint8]
    spans: NDArray[np.int32]

    def only(self, rows: NDArray[np.int64]) -> Slots:
        """Those of some rows."""
        return Slots(self.kinds[rows], self.spans[rows])


@dataclass(frozen=True)
class Table:
    """The rows of one table, a line for each slot."""

    kinds: NDArray[np.uint8]
    spans: NDArray[np.int32]


@dataclass(frozen=True)
class Found:
    """Regular records, or what stands in them at a path; `is_odd` may be set for those that turn out to be odd after all."""

    shape: Shape
    text: NDArray[np.uint8]
    tables: Sequence[Table]
    is_odd: NDArray[np.bool_]
    path: str = ""

    def __len__(self) -> int:
        """How many records."""
        return len(self.is_odd)

    def inside(self, path: str) -> Found:
        """What stands at a path."""
        return replace(self, path=self._whole(path))

    def slots(self, *paths: str) -> Slots:
        """The values at a path; of several, those at the first at which anything stands."""
        kinds, spans = self._held(paths[0])
        for path in paths[1:]:
            others, places = self._held(path)
            are_missing = kinds <= NULL
            if are_missing.all():
                kinds, spans = others, places
            elif (others > NULL).any():
                kinds = np.where(are_missing, others, kinds)
                spans = np.where(are_missing[:, None], places, spans)
        return Slots(kinds, spans)

    def _held(self, path: str) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        slot = self.shape.slots[self._whole(path)]
        table = self.tables[slot.table]
        return table.kinds[slot.slot], table.spans[slot.slot]

    def ends(self, path: str) -> NDArray[np.int64]:
        """Of the list at a path in each record, one more than its last element; for none, that of the one before."""
        some = self.slots(path)
        sizes = np.where(some.kinds == LIST, some.spans[:, 1] - some.spans[:, 0], 0)
        return np.cumsum(sizes, dtype=np.int64)

    def has(self, path: str) -> NDArray[np.bool_]:
        """In which records something stands at a path."""
        return self.slots(path).kinds > NULL

    def told(self, path: str, shape: Shape) -> Found:
        """What texts of JSON at a path say, whose shape that is; records of which one says no such thing are odd."""
        held = self.slots(path)
        self.without((held.kinds > NULL) & (held.kinds != TEXT) & (held.kinds != ESCAPED))
        text, starts, ends = _unescaped(self.text, held)
        found, are_regular = walked(shape, text, starts, ends, keeps=True)
        self.without(~are_regular | found.is_odd)
        return replace(found, is_odd=self.is_odd)

    def without(self, are_odd: NDArray[np.bool_]) -> None:
        """Leave these records to the full reading."""
        self.is_odd[:] |= are_odd

    def without_elements(self, path: str, are_odd: NDArray[np.bool_]) -> None:
        """Leave records to the full reading that have these elements in the list at a path."""
        if are_odd.any():
            self.is_odd[self._owners[self.shape.lists.index(self._whole(path))][are_odd]] = True

    def lacking(self) -> None:
        """Leave records to the full reading that lack an object or a list that they need."""
        for slot in self.shape.slots.values():
            if slot.is_needed:
                kinds = self.tables[slot.table].kinds
                lacks = (kinds[slot.slot] != OBJECT) & (kinds[slot.slot] != LIST)
                if slot.parent >= 0:
                    lacks &= kinds[slot.parent] == OBJECT
                if lacks.any():
                    self.is_odd[self._owners[slot.table][lacks]] = True

    @cached_property
    def _owners(self) -> Sequence[NDArray[np.int64]]:
        """The record that each row of each table stands in."""
        owners = [np.arange(len(self), dtype=np.int64)]
        for path in self.shape.lists[1:]:
            above = self.shape.slots[path]
            sizes = np.diff(replace(self, path="").ends(path), prepend=0)
            owners.append(np.repeat(owners[above.table], sizes))
        return owners

    def _whole(self, path: str) -> str:
        return f"{self.path}/{path}" if self.path and path else self.path or path


def _unescaped(
    text: NDArray[np.uint8], held: Slots
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """What texts mean, one after the other, and where each begins and ends; where there is none, an empty object."""
    are_texts = (held.kinds == TEXT) | (held.kinds == ESCAPED)
    sizes = np.where(are_texts, held.spans[:, 1] - held.spans[:, 0], 0)
    out = np.empty(int(sizes.sum()) + 3 * len(sizes) + WIDTH, np.uint8)
    starts, ends = np.empty(len(sizes), np.int64), np.empty(len(sizes), np.int64)
    copying.records(text, held.kinds, held.spans, out, starts, ends)
    out.flags.writeable = False
    return out, starts, ends


def walked(
    shape: Shape,
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    *,
    keeps: bool = False,
) -> tuple[Found, NDArray[np.bool_]]:
    """What is found in the records of a text that are regular, and which those are; the others may keep an empty row."""
    states = np.empty(len(starts), np.uint8)
    widths = np.array(shape.widths, np.int64)
    room = np.full(len(widths), len(starts) * _ROOM_A_RECORD + 16, np.int64)
    room[0] = len(starts) + 1
    stack, before = np.empty((kernels.DEEPEST, 3), np.int32), np.empty(len(widths), np.int64)
    while True:
        tables = np.zeros((len(widths), 4), np.int64)
        sizes = widths * room
        tables[:, BASE], tables[:, WIDTH_OF], tables[:, ROOM] = np.cumsum(sizes) - sizes, widths, room
        kinds, spans = np.zeros(sizes.sum(), np.uint8), np.empty((sizes.sum(), 2), np.int32)
        if kernels.records(
            *shape.arrays, tables, kinds, spans, text, starts, ends, keeps, states, stack, before
        ):
            break
        room[1:] *= 4
    rows = [
        Table(
            kinds[base : base + width * most].reshape(width, most)[:, :count],
            spans[base : base + width * most].reshape(width, most, 2)[:, :count],
        )
        for base, width, most, count in tables.tolist()
    ]
    found = Found(shape, text, rows, np.zeros(rows[0].kinds.shape[1], np.bool_))
    found.lacking()
    return found, states == REGULAR


def is_utf8(text: bytes | memoryview) -> bool:
    """Whether bytes are UTF-8."""
    ends = pa.py_buffer(np.array([0, len(text)], np.int64))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(text)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
