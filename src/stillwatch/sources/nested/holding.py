"""Exchanges that a lane told at once and that are held nevertheless, for more of them may come.

They are held as rows of columns beside the lines that they came from. If more comes, these lines are read again, in full; if
nothing comes, the rows are handed over as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch.sources._base import Rejected
from stillwatch.sources.lanes.columns import Columns
from stillwatch.sources.lines import Lines, TooLong
from stillwatch.sources.nested.decoding import EnvelopeDecoder, among
from stillwatch.sources.nested.envelope import Held, Row
from stillwatch.sources.rejected import shown

_ID = "exchange_id"
_LINE_END = 10


@dataclass(frozen=True)
class _Lines:
    """Where the rows of a lane came from."""

    lines: Sequence[Any]
    places: Sequence[int]

    def raw(self, row: int) -> bytes:
        line: bytes = self.lines[self.places[row]]
        return line


class HoldingDecoder(EnvelopeDecoder):
    """Turns raw records into record batches, of which a lane takes those that make one exchange by themselves."""

    def decode(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int]
    ) -> tuple[pa.RecordBatch | pa.Table, list[int], list[Rejected]]:
        """The rows that are complete now, the place in `some` of the record after which they are, and the records that are none."""
        held, holds = self._held(some), self._state.holds
        rows: list[Row | Held] = []
        places: list[int] = []
        rejected: list[Rejected] = []
        for place, one in enumerate(held):
            if one is not None and holds is not None and holds.has_room(one):
                self._take(holds.hold(one), rows)
                places += [place] * (len(rows) - len(places))
            else:
                made, within, faults = self._rows(some, numbers, [place])
                rows += made
                places += within
                rejected += faults
        table, bad = self._told(rows, [numbers[place] for place in places])
        if bad:
            rejected += [
                Rejected(numbers[places[row]], why, shown(some[places[row]])) for row, why in bad.items()
            ]
            kept = np.delete(np.arange(len(places)), list(bad))
            table, places = table.take(pa.array(kept)), [places[row] for row in kept]
        return table, places, rejected

    def rest(self, number: int) -> tuple[pa.RecordBatch, list[Rejected]]:
        """What was held when the file ended; `number` is the last record's."""
        rows: list[Row | Held] = []
        self._take(self._state.rest(), rows)
        table, bad = self._told(rows, [number] * len(rows))
        batch = pa.RecordBatch.from_arrays(
            [
                column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
                for column in table.columns
            ],
            schema=self.schema,
        )
        faults = [Rejected(number, why, shown(self._of_rest(rows[row], number))) for row, why in bad.items()]
        if bad:
            batch = batch.take(pa.array(np.delete(np.arange(len(rows)), list(bad))))
        return batch, faults

    def _held(self, some: Sequence[bytes | TooLong]) -> list[Held | None]:
        """Of each line the exchange that the lane told, if it told one."""
        held: list[Held | None] = [None] * len(some)
        if self._lane is None:
            return held
        columns, odd = self._lane.columns(some)
        regular = np.delete(np.arange(len(some)), odd).tolist()
        if not regular:
            return held
        ids = columns[_ID].to_pylist()
        origin = _Lines(*_sparse(some, regular))
        sizes = _sizes(some)
        for row, (place, one) in enumerate(zip(regular, ids, strict=True)):
            held[place] = Held(one, sizes[place], columns, row, origin.raw)
        return held

    def _told(self, rows: Sequence[Row | Held], numbers: Sequence[int]) -> tuple[pa.Table, dict[int, str]]:
        """What was told and what was held as columns of the contract, in their order; and the rows that are none."""
        held = [row for row, one in enumerate(rows) if isinstance(one, Held)]
        others = np.delete(np.arange(len(rows)), held).tolist()
        some: list[Any] = [rows[row] for row in (*others, *held)]
        which = np.array(numbers, np.int64)
        batch, faults = self._whole(some[: len(others)], which[others].tolist())
        both: pa.RecordBatch | pa.Table = batch
        if held:
            told = self._in_columns(_together(some[len(others) :]), which[held])
            both = among(told, batch, np.array(held), others) if others else told
        bad = {others[row]: why for row, why in faults.items()}
        return both if isinstance(both, pa.Table) else pa.Table.from_batches([both], self.schema), bad


def _sizes(some: Sequence[Any]) -> list[int]:
    """How many bytes the lines have without their ends."""
    if not isinstance(some, Lines):
        return [len(line) if isinstance(line, bytes) else 0 for line in some]
    text, last = np.frombuffer(some.piece, np.uint8), np.maximum(some.ends, 1) - 1
    sizes: list[int] = (
        some.ends - some.starts - ((some.ends > some.starts) & (text[last] == _LINE_END))
    ).tolist()
    return sizes


def _sparse(some: Sequence[Any], regular: Sequence[int]) -> tuple[Sequence[Any], Sequence[int]]:
    """The lines, or a copy of the regular ones, where these are few: for they keep all others."""
    if not isinstance(some, Lines) or 2 * some.only(regular).size > len(some.piece):
        return some, regular
    return [some[place] for place in regular], range(len(regular))


def _together(held: Sequence[Held]) -> Columns:
    """The columns of rows that were held; those that follow each other are cut out as one."""
    cuts: list[tuple[Columns, int, int]] = []
    for one in held:
        if cuts and cuts[-1][0] is one.columns and cuts[-1][2] == one.row:
            cuts[-1] = (one.columns, cuts[-1][1], one.row + 1)
        else:
            cuts.append((one.columns, one.row, one.row + 1))
    return {
        name: pa.concat_arrays([columns[name][start:end] for columns, start, end in cuts])
        for name in held[0].columns
    }
