"""Elements of a list as records: one element for each record, with all that stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.found import Found, Table
from stillwatch.sources.lanes.shapes import ELEMENT
from stillwatch.sources.lanes.syntax import ABSENT, LIST


class Elements(Found):
    """Records that are elements of a list."""

    @cached_property
    def _owners(self) -> Sequence[NDArray[np.int64]]:
        """The record that each row of each table stands in; of tables that are no part of the elements, none."""
        records = np.arange(len(self), dtype=np.int64)
        owners = [records[:0]] * len(self.tables)
        owners[self.shape.slots[self.path].table] = records
        for table, path in enumerate(self.shape.lists):
            if path.startswith(f"{self.path}/"):
                ends = replace(self, path="").ends(path)
                owners[table] = np.repeat(owners[self.shape.slots[path].table], np.diff(ends, prepend=0))
        return owners


def elements(some: Found, path: str, rows: NDArray[np.int64]) -> Elements:
    """Elements of the list at a path, by their numbers, one for each record; for -1 one that is not there.

    Those of which no record is told are left out with all that stands in them.
    """
    within = f"{path}/{ELEMENT}"
    tables = list(some.tables)
    chosen = {some.shape.slots[within].table: rows}
    for table, above in enumerate(some.shape.lists):
        slot = some.shape.slots[above] if above else None
        if slot is not None and slot.table in chosen and above.startswith(f"{within}/"):
            kinds, spans = some.tables[slot.table].kinds[slot.slot], some.tables[slot.table].spans[slot.slot]
            chosen[table] = _inside(kinds, spans, chosen[slot.table])
    for table, which in chosen.items():
        tables[table] = _rows(some.tables[table], which)
    for table, above in enumerate(some.shape.lists):
        slot = some.shape.slots[above] if above else None
        if slot is not None and table in chosen and slot.table in chosen:
            _renumber(tables[slot.table].kinds[slot.slot], tables[slot.table].spans[slot.slot])
    return Elements(some.shape, some.text, tables, np.zeros(len(rows), np.bool_), within)


def _inside(kinds: NDArray[np.uint8], spans: NDArray[np.int32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The elements of the lists in some rows."""
    are_lists = (rows >= 0) & (kinds[rows] == LIST)
    starts = np.where(are_lists, spans[rows, 0], 0).astype(np.int64)
    sizes = np.where(are_lists, spans[rows, 1] - spans[rows, 0], 0)
    return np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())


def _renumber(kinds: NDArray[np.uint8], spans: NDArray[np.int32]) -> None:
    """Say of lists where their elements are now that others are left out."""
    lists = np.flatnonzero(kinds == LIST)
    sizes = spans[lists, 1] - spans[lists, 0]
    ends = np.cumsum(sizes)
    spans[lists, 0], spans[lists, 1] = ends - sizes, ends


def _rows(table: Table, rows: NDArray[np.int64]) -> Table:
    if not table.kinds.shape[1]:
        count = (table.kinds.shape[0], len(rows))
        return Table(np.full(count, ABSENT, np.uint8), np.zeros((*count, 2), np.int32))
    kinds = table.kinds[:, rows]
    kinds[:, rows < 0] = ABSENT
    return Table(kinds, table.spans[:, rows])
