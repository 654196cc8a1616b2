"""Where the columns of a log are kept between its batches and its end: in memory, in files that are mapped into it, or in these once memory is short.

Mapped pages are the system's to drop and to read again, so that a log takes the memory that there is, and no more. A
file is Arrow's (IPC), uncompressed: what is mapped is used as it lies there.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.errors import DiskError
from stillwatch.fingerprint.limit import is_in_memory, memory_limit
from stillwatch.fingerprint.memory import give_back

PART = 3
"""Columns stay in memory while they take no more than one part in so many of what there is: what comes after them takes as much again."""

TIMES_AS_MUCH = 4
"""They move to a disk that has so many times as much room as they fill by then: memory might still have held half as much again, and files take more."""

TOGETHER = 1 << 27
"""Bytes of batches that are put together. Left as they came, those of sixteen million exchanges leave twenty thousand gaps, which every later array is sought among: a tenth of all CPU after the reading."""

Settle = Callable[[pa.Array], pa.Array]
"""A batch's values in the type of the whole column."""


class Kept(Protocol):
    """Columns that come batch by batch and are taken one by one; no batch comes after the first was taken."""

    def add(self, columns: Mapping[str, pa.Array], *, mapped: Collection[str] = ()) -> None:
        """The next batch; every batch has the same columns. Those `mapped` lie in a file already."""

    def take(
        self, name: str, kind: pa.DataType, *, whole: bool, settled: Settle | None = None
    ) -> pa.ChunkedArray:
        """All of a column, once: in one piece if `whole`, else as it came. Empty if no batch came.

        Where its batches are of several types, `settled` turns each to `kind`.
        """

    def room(self, rows: int, width: int) -> npt.NDArray[np.int32]:
        """Room for so many rows of so many numbers."""

    def at_once(self, threads: int) -> int:
        """How many of these threads may look for rows at once: one where columns lie in files, whose pages two would take from each other."""


def kept_where(*, is_bounded: bool) -> Kept:
    """In files if memory is bounded, and else if they do not fit in memory."""
    return OnDisk() if is_bounded else WhileTheyFit(memory_limit() // PART)


class _Batch(NamedTuple):
    """Columns of one batch, or of several that were put together, and which of them lie in a file."""

    columns: dict[str, pa.Array]
    mapped: Collection[str]


class InMemory:
    """Columns in memory; those of one are gone when it is taken, so that there is never a second copy of all.

    Batches are put together some at a time: each is a hundred small arrays that stay between others that go. `taken` is how
    many bytes lie here.
    """

    def __init__(self) -> None:
        """None yet."""
        self._joined: list[_Batch] = []
        self._loose: list[_Batch] = []
        self._waiting = self.taken = 0

    def add(self, columns: Mapping[str, pa.Array], *, mapped: Collection[str] = ()) -> None:
        """The next batch."""
        size = sum(values.nbytes for name, values in columns.items() if name not in mapped)
        if mapped or self._waiting + size > TOGETHER or not self._goes_on(columns):
            self._join()
        (self._joined if mapped else self._loose).append(_Batch(dict(columns), mapped))
        self._waiting += 0 if mapped else size
        self.taken += size

    def _goes_on(self, columns: Mapping[str, pa.Array]) -> bool:
        """Whether these columns are of the types of those that wait."""
        return not self._loose or all(
            values.type == columns[name].type for name, values in self._loose[-1].columns.items()
        )

    def _join(self) -> None:
        """Put together what waits, column by column."""
        loose, self._loose, self._waiting = self._loose, [], 0
        if loose:
            names = list(loose[0].columns)
            joined = {name: _in_one([batch.columns.pop(name) for batch in loose]) for name in names}
            self._joined.append(_Batch(joined, ()))

    def take(
        self, name: str, kind: pa.DataType, *, whole: bool, settled: Settle | None = None
    ) -> pa.ChunkedArray:
        """All of a column."""
        self._join()
        parts = [batch.columns.pop(name) for batch in self._joined]
        if settled is not None:
            for at, part in enumerate(parts):
                parts[at] = settled(part)
        if not parts or not whole:
            return pa.chunked_array(parts, kind)
        one = _in_one(parts)
        del parts
        give_back()
        return pa.chunked_array([one], kind)

    def room(self, rows: int, width: int) -> npt.NDArray[np.int32]:
        """Room in memory."""
        return np.empty((rows, width), np.int32)

    def at_once(self, threads: int) -> int:
        """All."""
        return threads

    def batches(self) -> Iterator[_Batch]:
        """All batches in their order; they are gone from here."""
        for held in (self._joined, self._loose):
            while held:
                yield held.pop(0)


def _in_one(parts: list[pa.Array]) -> pa.Array:
    return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)


class OnDisk:
    """Columns in files without a name, which are gone with the process however it ends."""

    def __init__(self) -> None:
        """None yet."""
        self._files: list[_Mapped] = []
        self._parts: list[tuple[dict[str, pa.Array], int, int]] = []
        self._written: list[list[pa.RecordBatch]] | None = None

    def add(self, columns: Mapping[str, pa.Array], *, mapped: Collection[str] = ()) -> None:
        """The next batch; what lies in a file already is not written again."""
        lie = {name: columns[name] for name in mapped}
        rest = {name: values for name, values in columns.items() if name not in mapped}
        if not rest:
            self._parts.append((lie, 0, 0))
            return
        at = self._file_of(pa.schema([(name, values.type) for name, values in rest.items()]))
        self._parts.append((lie, at, self._files[at].written))
        self._files[at].write(pa.RecordBatch.from_pydict(rest))

    def _file_of(self, schema: pa.Schema) -> int:
        """The number of the file for such batches: one for each schema, however they alternate."""
        for at, file in enumerate(self._files):
            if file.schema == schema:
                return at
        self._files.append(_Mapped(schema))
        return len(self._files) - 1

    def take(
        self, name: str, kind: pa.DataType, *, whole: bool, settled: Settle | None = None
    ) -> pa.ChunkedArray:
        """All of a column, mapped."""
        if self._written is None:
            self._written = [file.batches() for file in self._files]
        parts = [
            mapped[name] if name in mapped else self._written[file][at].column(name)
            for mapped, file, at in self._parts
        ]
        if settled is not None:
            parts = _settled(parts, settled)
        if whole and len(parts) > 1:
            parts = _on_disk([pa.concat_arrays(parts)])
        return pa.chunked_array(parts, kind)

    def room(self, rows: int, width: int) -> npt.NDArray[np.int32]:
        """Room in a file."""
        if not rows:
            return np.empty((0, width), np.int32)
        with tempfile.TemporaryFile() as file, _room_on_disk(file):
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, rows * width * 4)
            return np.memmap(file, np.int32, "w+", shape=(rows, width))

    def at_once(self, threads: int) -> int:  # noqa: ARG002  see InMemory
        """One."""
        return 1


class WhileTheyFit:
    """Columns in memory as long as they take no more than `most` bytes there, and all of them in files from then on.

    Where the disk has too little room, or is none, they stay.
    """

    def __init__(self, most: int) -> None:
        """None yet."""
        self._here: InMemory | None = InMemory()
        self._most, self._on_disk = most, OnDisk()

    def add(self, columns: Mapping[str, pa.Array], *, mapped: Collection[str] = ()) -> None:
        """The next batch."""
        self._kept.add(columns, mapped=mapped)
        if self._here is not None and self._here.taken > self._most:
            self._move(self._here)

    def _move(self, here: InMemory) -> None:
        if not _has_room(TIMES_AS_MUCH * here.taken):
            self._most = 2 * here.taken
            return
        for batch in here.batches():
            self._on_disk.add(batch.columns, mapped=batch.mapped)
        self._here = None
        give_back()

    def take(
        self, name: str, kind: pa.DataType, *, whole: bool, settled: Settle | None = None
    ) -> pa.ChunkedArray:
        """All of a column."""
        return self._kept.take(name, kind, whole=whole, settled=settled)

    def room(self, rows: int, width: int) -> npt.NDArray[np.int32]:
        """Room where the columns are."""
        return self._kept.room(rows, width)

    def at_once(self, threads: int) -> int:
        """As where the columns are."""
        return self._kept.at_once(threads)

    @property
    def _kept(self) -> Kept:
        return self._on_disk if self._here is None else self._here


def _has_room(size: int) -> bool:
    """Whether files of that size fit where they would lie, and would not lie in memory."""
    with suppress(OSError):
        folder = Path(tempfile.gettempdir())
        return shutil.disk_usage(folder).free >= size and not is_in_memory(folder)
    return False


@contextmanager
def _room_on_disk(file: IO[bytes] | None = None) -> Iterator[None]:
    """Says what to do where there is no room; what a file still held is then given up."""
    try:
        yield
    except OSError as error:
        with suppress(OSError):
            if file is not None:
                file.close()
        raise DiskError(
            f"Columns of the log could not be kept in {tempfile.gettempdir()}: {error.strerror or error}. They take about 300 bytes "
            "for each exchange, and lie there with --memory or where they would fill a third of the memory that there is. "
            "Set TMPDIR to a folder with more room; without --memory columns stay in memory where its disk has less than four times as much."
        ) from error


def _settled(parts: list[pa.Array], settled: Settle) -> list[pa.Array]:
    """The parts in the type of the whole column; those that had another lie in another file then."""
    changed = [settled(part).type != part.type for part in parts]
    written = iter(_on_disk(settled(part) for part, other in zip(parts, changed, strict=True) if other))
    return [next(written) if other else part for part, other in zip(parts, changed, strict=True)]


def _on_disk(parts: Iterable[pa.Array]) -> list[pa.Array]:
    """The same, written and mapped."""
    file: _Mapped | None = None
    for part in parts:
        batch = pa.RecordBatch.from_arrays([part], ["values"])
        file = file or _Mapped(batch.schema)
        file.write(batch)
    return [] if file is None else [batch.column(0) for batch in file.batches()]


class _Mapped:
    """Record batches in one file, written first and mapped then."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema, self.written = schema, 0
        with _room_on_disk():
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it is mapped
        self._writer = pa.ipc.new_file(self._file, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        with _room_on_disk(self._file):
            self._writer.write_batch(batch)
        self.written += 1

    def batches(self) -> list[pa.RecordBatch]:
        """All batches; none comes after."""
        with _room_on_disk(self._file):
            self._writer.close()
            self._file.flush()
        with self._file as file:
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        reader = pa.ipc.open_file(pa.py_buffer(held))
        return [reader.get_batch(at) for at in range(reader.num_record_batches)]
