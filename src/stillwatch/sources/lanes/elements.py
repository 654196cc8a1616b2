"""Elements of a list as records: one element for each record, with all that stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.shapes import ELEMENT
from stillwatch.sources.lanes.syntax import ABSENT, LIST

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Elements(Found):
    """Records that are elements of a list; of other elements nothing is seen."""

    rows: Mapping[int, Rows] = field(default_factory=dict)
    """Of each table that is part of them, the rows that are seen; -1 for one that is not there."""

    def _held(self, path: str) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        slot = self.shape.slots[self._whole(path)]
        rows, table = self.rows[slot.table], self.tables[slot.table]
        if not table.kinds.shape[1]:
            return np.full(len(rows), ABSENT, np.uint8), np.zeros((len(rows), 2), np.int32)
        kinds, spans = table.kinds[slot.slot][rows], table.spans[slot.slot][rows]
        kinds[rows < 0] = ABSENT
        if self._whole(path) in self.shape.lists:
            _renumber(kinds, spans)
        return kinds, spans

    @cached_property
    def _owners(self) -> Sequence[Rows]:
        """The record that each row of each table stands in; of tables that are no part of the elements, none."""
        records = np.arange(len(self), dtype=np.int64)
        owners, whole = [records[:0]] * len(self.tables), replace(self, path="")
        for table in self.rows:
            slot = self.shape.slots[self.shape.lists[table]]
            is_part = slot.table in self.rows
            sizes = np.diff(whole.ends(self.shape.lists[table]), prepend=0) if is_part else 1
            owners[table] = np.repeat(owners[slot.table] if is_part else records, sizes)
        return owners


def elements(some: Found, path: str, rows: Rows) -> Elements:
    """Elements of the list at a path, by their numbers, one for each record; for -1 one that is not there."""
    within = f"{path}/{ELEMENT}"
    chosen = {some.shape.slots[within].table: rows}
    for table, above in enumerate(some.shape.lists):
        slot = some.shape.slots[above]
        if above.startswith(f"{within}/") and slot.table in chosen:
            held = some.tables[slot.table]
            chosen[table] = _inside(held.kinds[slot.slot], held.spans[slot.slot], chosen[slot.table])
    return Elements(some.shape, some.text, some.tables, np.zeros(len(rows), np.bool_), within, chosen)


def _inside(kinds: NDArray[np.uint8], spans: NDArray[np.int32], rows: Rows) -> Rows:
    """The elements of the lists in some rows."""
    if not len(kinds):
        return rows[:0]
    are_lists = (rows >= 0) & (kinds[rows] == LIST)
    starts = np.where(are_lists, spans[rows, 0], 0).astype(np.int64)
    sizes = np.where(are_lists, spans[rows, 1] - spans[rows, 0], 0)
    return np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())


def _renumber(kinds: NDArray[np.uint8], spans: NDArray[np.int32]) -> None:
    """Say of lists, of which elements are looked at, where these are now that others are not seen."""
    lists = np.flatnonzero(kinds == LIST)
    sizes = spans[lists, 1] - spans[lists, 0]
    ends = np.cumsum(sizes)
    spans[lists, 0], spans[lists, 1] = ends - sizes, ends
