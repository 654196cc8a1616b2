"""Text rows gathered into chunks: of about as many rows as other formats' chunks, and bounded in bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.model.tables import TableSchema
from stillwatch.sources._base import BYTES, ROWS, Chunk, Rejected
from stillwatch.sources.cast import cast
from stillwatch.sources.lines import Lines, TooLong
from stillwatch.sources.rejected import shown

_SLICE = 256


class Decoder(Protocol):
    """Turns raw lines into rows."""

    unknown: Counter[str]
    excluded: Counter[str]
    schema: pa.Schema

    def decode(
        self, some: Sequence[bytes | TooLong], numbers: Sequence[int]
    ) -> tuple[pa.RecordBatch | pa.Table, list[int], list[Rejected]]:
        """The rows, the places of their lines in `some`, and the lines that are no rows."""


class Growing:
    """A chunk in the making; `chunk` hands it over and starts the next."""

    def __init__(self, table: TableSchema, decoder: Decoder, at_once: int = _SLICE) -> None:
        """Chunks of that table, from lines that `decoder` understands and gets so many at once of."""
        self._table, self._decoder, self._step = table, decoder, at_once
        self._start()

    def _start(self) -> None:
        self._parts: list[pa.Table] = []
        self._raw: list[Sequence[bytes]] = []
        self._lines: list[NDArray[np.int64]] = []
        self._starts = [0]
        self._rejected: list[Rejected] = []
        self._bytes = 0
        self._decoder.unknown.clear()
        self._decoder.excluded.clear()

    @property
    def full(self) -> bool:
        """True if the chunk is large enough to be handed over."""
        return self.is_full()

    def is_full(self, rows: int = 0, size: int = 0) -> bool:
        """True if it would be with so many more rows and bytes."""
        return self._starts[-1] + rows >= ROWS or self._bytes + size >= BYTES or len(self._rejected) >= ROWS

    def add(self, some: Sequence[bytes | TooLong], numbers: Sequence[int]) -> None:
        """Decode more lines; `numbers` are their places in the file."""
        for start in range(0, len(some), self._step):
            piece, places_in_file = some[start : start + self._step], numbers[start : start + self._step]
            batch, places, rejected = self._decoder.decode(piece, places_in_file)
            held: Sequence[bytes]
            if isinstance(piece, Lines):
                held = piece.only(places)
                size = held.size
            else:
                held = [one for place in places if isinstance(one := piece[place], bytes)]
                size = sum(map(len, held))
            self.take(batch, [held], np.asarray(places_in_file)[places], rejected, size=size)

    def take(
        self,
        batch: pa.RecordBatch | pa.Table,
        raw: Sequence[Sequence[bytes]],
        numbers: NDArray[np.int64],
        rejected: Sequence[Rejected] = (),
        *,
        size: int,
    ) -> None:
        """Rows that are decoded already, with their raw lines of so many bytes, those lines' numbers, and what is no row."""
        self._parts.append(batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch]))
        self._lines.append(numbers)
        for some in raw:
            self._raw.append(some)
            self._starts.append(self._starts[-1] + len(some))
        self._rejected += rejected
        self._bytes += size if isinstance(batch, pa.Table) else max(size, batch.nbytes)

    def chunk(self) -> Chunk:
        """The rows gathered so far, in contract types."""
        whole = pa.concat_tables([self._decoder.schema.empty_table(), *self._parts]).combine_chunks()
        columns: list[pa.Array] = []
        bad: dict[int, str] = {}
        for name in whole.schema.names:
            turned = cast(_one(whole.column(name)), self._table[name])
            columns.append(turned.array)
            for row in turned.bad.tolist():
                bad.setdefault(row, turned.reason)
        schema = pa.schema([pa.field(name, self._table[name].type) for name in whole.schema.names])
        batch = pa.RecordBatch.from_arrays(columns, schema=schema)
        lines = np.concatenate([np.empty(0, np.int64), *self._lines])
        show = partial(_shown, self._raw, self._starts)
        rejected = self._rejected + [Rejected(int(lines[row]), why, show(row)) for row, why in bad.items()]
        if bad:
            keep = np.delete(np.arange(len(lines)), list(bad))
            batch, lines = batch.take(pa.array(keep)), lines[keep]
            show = partial(_shown, self._raw, self._starts, keep=keep)
        unknown, excluded = dict(self._decoder.unknown), dict(self._decoder.excluded)
        self._start()
        return Chunk(
            batch,
            lines,
            show,
            rejected=tuple(rejected),
            unknown=unknown,
            excluded=excluded,
        )


def _shown(
    raw: Sequence[Sequence[bytes]], starts: Sequence[int], row: int, keep: NDArray[np.int64] | None = None
) -> object:
    """The raw line of a row; `keep` are the rows that were left of all."""
    at = row if keep is None else int(keep[row])
    part = bisect_right(starts, at) - 1
    return shown(raw[part][at - starts[part]])


def _one(column: pa.ChunkedArray) -> pa.Array:
    return (
        column.chunk(0)
        if column.num_chunks == 1
        else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    )
