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
from functools import cached_property, partial
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

    @property
    def in_files(self) -> bool:
        """Whether columns lie in files, whose pages come and go."""


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
        return not self._loose or _types(columns) == _types(self._loose[-1].columns)

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
        parts = [batch.columns.pop(name) for batch in self._joined if name in batch.columns]
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

    @property
    def in_files(self) -> bool:
        """They do not."""
        return False

    def batches(self) -> Iterator[_Batch]:
        """All batches in their order; they are gone from here."""
        for held in (self._joined, self._loose):
            while held:
                yield held.pop(0)


def _types(columns: Mapping[str, pa.Array]) -> dict[str, pa.DataType]:
    return {name: values.type for name, values in columns.items()}


def _in_one(parts: list[pa.Array]) -> pa.Array:
    return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)


class OnDisk:
    """Columns in files without a name, which are gone with the process however it ends: one for each, so that who reads a column reads nothing else."""

    def __init__(self) -> None:
        """None yet."""
        self._files: dict[tuple[str, pa.DataType], _Mapped] = {}
        self._parts: dict[str, list[Callable[[], pa.Array]]] = {}

    def add(self, columns: Mapping[str, pa.Array], *, mapped: Collection[str] = ()) -> None:
        """The next batch; what lies in a file already is not written again."""
        for name, values in columns.items():
            part = partial(_as_it_is, values) if name in mapped else self._file(name, values.type).add(values)
            self._parts.setdefault(name, []).append(part)

    def _file(self, name: str, kind: pa.DataType) -> _Mapped:
        """The file of a column's batches of that type."""
        if (name, kind) not in self._files:
            self._files[name, kind] = _Mapped(kind)
        return self._files[name, kind]

    def take(
        self, name: str, kind: pa.DataType, *, whole: bool, settled: Settle | None = None
    ) -> pa.ChunkedArray:
        """All of a column, mapped; its files are gone when nobody holds what lay there."""
        parts = [part() for part in self._parts.pop(name, [])]
        self._files = {one: file for one, file in self._files.items() if one[0] != name}
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

    @property
    def in_files(self) -> bool:
        """They do."""
        return True


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

    @property
    def in_files(self) -> bool:
        """Whether they moved."""
        return self._kept.in_files

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
    """The same, which are of one type, written and mapped."""
    file: _Mapped | None = None
    written = []
    for part in parts:
        file = file or _Mapped(part.type)
        written.append(file.add(part))
    return [part() for part in written]


def _as_it_is(values: pa.Array) -> pa.Array:
    """What lies in a file already."""
    return values


class _Mapped:
    """Arrays of one type in one file, written first and mapped then."""

    def __init__(self, kind: pa.DataType) -> None:
        with _room_on_disk():
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it is mapped
        self._writer = pa.ipc.new_file(self._file, pa.schema([("values", kind)]))
        self._written = 0

    def add(self, values: pa.Array) -> Callable[[], pa.Array]:
        """Write these; what comes back gives them as they are mapped, and no more are written once it was asked."""
        with _room_on_disk(self._file):
            self._writer.write_batch(pa.record_batch([values], ["values"]))
        self._written += 1
        return partial(self._values, self._written - 1)

    def _values(self, at: int) -> pa.Array:
        return self._batches[at].column(0)

    @cached_property
    def _batches(self) -> list[pa.RecordBatch]:
        with _room_on_disk(self._file):
            self._writer.close()
            self._file.flush()
        with self._file as file:
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if hasattr(mmap, "MADV_SEQUENTIAL"):
            held.madvise(mmap.MADV_SEQUENTIAL)
        reader = pa.ipc.open_file(pa.py_buffer(held))
        return [reader.get_batch(at) for at in range(reader.num_record_batches)]
