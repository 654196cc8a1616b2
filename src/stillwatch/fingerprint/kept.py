"""Where the columns of a log are kept between its batches and its end: in memory, or in files that are mapped into it.

Mapped pages are the system's to drop and to read again, so that a log takes the memory that there is, and no more. A
file is Arrow's (IPC), uncompressed: what is mapped is used as it lies there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class Kept(Protocol):
    """Columns that come batch by batch and are taken one by one; no batch comes after the first was taken."""

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """The next batch; every batch has the same columns, of the same types."""

    def take(self, name: str, kind: pa.DataType, *, whole: bool) -> pa.ChunkedArray:
        """All of a column, once: in one piece if `whole`, else as it came. Empty if no batch came."""

    def room(self, rows: int, width: int) -> npt.NDArray[np.int32]:
        """Room for so many rows of so many numbers."""


class InMemory:
    """Columns in memory; those of one are gone when it is taken, so that there is never a second copy of all."""

    def __init__(self) -> None:
        """None yet."""
        self._parts: dict[str, list[pa.Array]] = {}

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """The next batch."""
        for name, values in columns.items():
            self._parts.setdefault(name, []).append(values)

    def take(self, name: str, kind: pa.DataType, *, whole: bool) -> pa.ChunkedArray:
        """All of a column."""
        parts = self._parts.pop(name, [])
        return pa.chunked_array([pa.concat_arrays(parts)] if parts and whole else parts, kind)

    def room(self, rows: int, width: int) -> npt.NDArray[np.int32]:
        """Room in memory."""
        return np.empty((rows, width), np.int32)


class OnDisk:
    """Columns in files of a folder, which must be there for as long as they are used."""

    def __init__(self, folder: Path) -> None:
        """Files are made in that folder."""
        self._folder = folder
        self._writer: pa.ipc.RecordBatchFileWriter | None = None
        self._held: pa.Table | None = None
        self._files = 0

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """The next batch."""
        batch = pa.RecordBatch.from_pydict(dict(columns))
        if self._writer is None:
            self._writer = pa.ipc.new_file(str(self._next()), batch.schema)
        self._writer.write_batch(batch)

    def take(self, name: str, kind: pa.DataType, *, whole: bool) -> pa.ChunkedArray:
        """All of a column, mapped."""
        held = self._read()
        if held is None:
            return pa.chunked_array([], kind)
        column = held.column(name)
        if not whole or column.num_chunks == 1:
            return column
        place = self._next()
        batch = pa.RecordBatch.from_arrays([pa.concat_arrays(column.chunks)], [name])
        with pa.ipc.new_file(str(place), batch.schema) as writer:
            writer.write_batch(batch)
        return _mapped(place).column(0)

    def room(self, rows: int, width: int) -> npt.NDArray[np.int32]:
        """Room in a file."""
        if not rows:
            return np.empty((0, width), np.int32)
        return np.memmap(self._next(), np.int32, "w+", shape=(rows, width))

    def _read(self) -> pa.Table | None:
        if self._held is None and self._writer is not None:
            self._writer.close()
            self._held = _mapped(self._folder / f"{0:04}")
        return self._held

    def _next(self) -> Path:
        place = self._folder / f"{self._files:04}"
        self._files += 1
        return place


@contextmanager
def columns_kept(*, on_disk: bool) -> Iterator[Kept]:
    """A place for columns; files are gone after it."""
    if not on_disk:
        yield InMemory()
        return
    with tempfile.TemporaryDirectory(prefix="stillwatch-columns-") as folder:
        yield OnDisk(Path(folder))


def _mapped(place: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(place))).read_all()
