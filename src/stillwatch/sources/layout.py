"""The contract's input layout: a folder, or one log file with the other tables named beside it.

`open_input` looks and opens; nothing but file heads is read until a table is asked for.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.errors import InputError, PartialInputError
from stillwatch.model.tables import EXCHANGE, TableSchema
from stillwatch.sources._base import Chunk, Reading
from stillwatch.sources.check import broken_rows
from stillwatch.sources.duplicates import Seen
from stillwatch.sources.files import (
    TABLES,
    LogFile,
    expected_names,
    files_of,
    format_named,
    logs_in,
    one_file,
    sources,
)
from stillwatch.sources.lake import table_format
from stillwatch.sources.rejected import Reject
from stillwatch.sources.rows import MOST_NAMED, OTHERS

SIMULATED = "SIMULATED"


@dataclass
class Table:
    """One table of the input: its files, opened, and what reading them has shown so far.

    Of unknown columns `most_named` are counted by name, all others together.
    """

    schema: TableSchema
    opened: Sequence[tuple[LogFile, Reading]]
    rows_read: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    held: set[str] | None = None
    failures: dict[str, str] = field(default_factory=dict)
    most_named: int = MOST_NAMED

    @property
    def columns(self) -> tuple[str, ...]:
        """Contract columns that at least one of the files can hold, in contract order."""
        found = {name for _, reading in self.opened for name in reading.columns}
        return tuple(column.name for column in self.schema.columns if column.name in found)

    def batches(self, reject: Reject) -> Iterator[pa.RecordBatch]:
        """The good rows, file after file; each broken one goes to `reject`.

        Nothing of a batch is kept here once it is handed over, or two of them would be in memory.
        """
        seen = self.begin()
        for file, reading in self.opened:
            yield from self.rows_of(file, reading, seen, reject)

    def begin(self, rows: int = 0) -> Seen:
        """Counts start again; no id was seen yet, of so many `rows` if that is known."""
        self.rows_read, self.unknown, self.excluded = 0, Counter(), Counter()
        self.failures, self.held = {}, set()
        return Seen(rows or sum(reading.rows or 0 for _, reading in self.opened))

    def rows_of(
        self, file: LogFile, reading: Reading, seen: Seen, reject: Reject
    ) -> Iterator[pa.RecordBatch]:
        """The good rows of one file, of which no id was `seen` in a file before it."""
        for chunk in reading.chunks():
            self._note(file, chunk)
            good = _sifted(chunk, self.schema, seen, file=file.name, reject=reject)
            del chunk
            self._hold(name for name in good.schema.names if good.column(name).null_count < len(good))
            if len(good):
                yield _widened(good, self.schema, self.columns)
            del good

    def count(self, other: Table) -> None:
        """Count what was read of a file when it was read as a table of its own."""
        self.rows_read += other.rows_read
        self.excluded.update(other.excluded)
        self._count_unknown(other.unknown)
        self.failures |= other.failures
        self._hold(other.held or ())

    def table(self, reject: Reject) -> pa.Table:
        """All good rows with all contract columns; what the files lack is null."""
        everything = tuple(column.name for column in self.schema.columns)
        parts = [_widened(batch, self.schema, everything) for batch in self.batches(reject)]
        return pa.Table.from_batches(parts, schema=self.schema.arrow).combine_chunks()

    def _note(self, file: LogFile, chunk: Chunk) -> None:
        self.rows_read += chunk.batch.num_rows + len(chunk.rejected) + sum(chunk.excluded.values())
        self.excluded.update(chunk.excluded)
        self._count_unknown(chunk.unknown)
        if chunk.failure:
            earlier = self.failures.get(file.name)
            self.failures[file.name] = f"{earlier}; {chunk.failure}" if earlier else chunk.failure

    def _count_unknown(self, unknown: Mapping[str, int]) -> None:
        for name, rows in unknown.items():
            named = name in self.unknown or len(self.unknown) < self.most_named
            self.unknown[name if named else OTHERS] += rows

    def _hold(self, names: Iterable[str]) -> None:
        self.held = {*(self.held or ()), *names}


class Input:
    """An opened input. Reading a table again starts its counts again."""

    def __init__(self, tables: Mapping[str, Table], *, simulated: bool, notes: Sequence[str]) -> None:
        """Made by `open_input`."""
        self._tables = dict(tables)
        self._unopened: dict[str, str] = {}
        self.simulated = simulated
        self.notes = tuple(notes)

    def exchanges(self, reject: Reject) -> Iterator[pa.RecordBatch]:
        """Good rows of the exchange table with the columns `columns`, about 64k a batch, in file order.

        Repeated texts are dictionary-encoded where the file holds them so.
        """
        return self._tables["exchanges"].batches(reject)

    @property
    def exchange_table(self) -> Table:
        """The exchange table, file by file."""
        return self._tables["exchanges"]

    def accounts(self, reject: Reject) -> pa.Table:
        """The account table with all contract columns; empty if there is none."""
        return self._tables["accounts"].table(reject)

    def networks(self, reject: Reject) -> pa.Table:
        """The network table with all contract columns; empty if there is none."""
        return self._tables["networks"].table(reject)

    def models(self, reject: Reject) -> pa.Table:
        """The model table with all contract columns; empty if there is none."""
        return self._tables["models"].table(reject)

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name, also those that there are not."""
        return self._tables

    def followed_by(self, other: Input) -> Input:
        """The rows of this input and after them those of another, as one input whose counts start anew."""
        tables = {
            name: Table(table.schema, (*table.opened, *other._tables[name].opened))
            for name, table in self._tables.items()
        }
        joined = Input(tables, simulated=self.simulated, notes=self.notes)
        joined._unopened.update(self._unopened)
        return joined

    @property
    def columns(self) -> frozenset[str]:
        """Contract columns that the batches of `exchanges` have."""
        return frozenset(self._tables["exchanges"].columns)

    @property
    def present(self) -> dict[str, frozenset[str]]:
        """The tables there are, each with its columns.

        Until a table was read these are the columns it can hold; after that, those that held a value.
        """
        there = {name: table for name, table in self._tables.items() if table.opened}
        return {
            name: frozenset(table.columns if table.held is None else table.held)
            for name, table in there.items()
        }

    @property
    def rows(self) -> int | None:
        """How many exchanges the files say they hold; None if only reading can tell."""
        counts = [reading.rows for _, reading in self._tables["exchanges"].opened]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def rows_read(self) -> dict[str, int]:
        """Rows read so far by table, good, rejected and excluded."""
        return {name: table.rows_read for name, table in self._tables.items()}

    @property
    def excluded(self) -> dict[str, int]:
        """Records read so far that are no exchange of a customer's, by reason."""
        return dict(sorted(self._tables["exchanges"].excluded.items()))

    @property
    def unknown_columns(self) -> dict[str, int]:
        """Columns outside the contract, as `table.column`, with the number of rows read that carried them."""
        counts = {
            f"{name}.{c}": rows for name, table in self._tables.items() for c, rows in table.unknown.items()
        }
        return dict(sorted(counts.items()))

    @property
    def failures(self) -> dict[str, str]:
        """Files of which something could not be read, and why; a scan with any of them ends with status 3."""
        found = dict(self._unopened)
        for table in self._tables.values():
            found |= table.failures
        return dict(sorted(found.items()))

    @cached_property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of every file of the input, by name."""
        files = [file for table in self._tables.values() for file, _ in table.opened]
        return {file.name: digest(file.path) for file in sorted(files, key=lambda file: file.name)}


def open_input(
    path: Path,
    *,
    accounts: Path | None = None,
    networks: Path | None = None,
    models: Path | None = None,
    log_format: str | None = None,
) -> Input:
    """Open a folder in the contract's layout, a log file, a folder of log files, or a table of Delta or Iceberg.

    The other paths name tables that lie elsewhere. `log_format` names the format of the log where it is not to be
    recognised by names and contents.
    """
    known = sources()
    kind = table_format(path)
    here = {None, kind, table_format(path / EXCHANGE.name)}
    wanted = None if log_format in here else format_named(str(log_format), known)
    if not path.exists():
        raise InputError(f"{path} does not exist. Give a folder or a log file.")
    given = {"accounts": accounts, "networks": networks, "models": models}
    files: dict[str, tuple[LogFile, ...]] = dict.fromkeys(TABLES, ())
    notes: list[str] = []
    if path.is_dir():
        for name in TABLES:
            files[name], aside = files_of(path, name, known)
            notes += aside
        if wanted is not None or not files["exchanges"]:
            files["exchanges"], aside = logs_in(path, known, wanted)
            notes += aside
    elif kind is not None and wanted is None:
        files["exchanges"], aside = logs_in(path, known)
        notes += aside
    else:
        files["exchanges"] = (one_file(path, known, wanted),)
    files |= {name: (one_file(place, known),) for name, place in given.items() if place is not None}
    if not files["exchanges"]:
        raise InputError(_nothing_there(path, expected_names("exchanges", known)))
    return _opened(files, simulated=(path / SIMULATED).exists(), notes=list(dict.fromkeys(notes)))


def open_beside(folder: Path | None, given: Mapping[str, Path]) -> Input:
    """The tables beside a log that is read elsewhere: those in a folder, in place of which come those that are given."""
    known, notes = sources(), list[str]()
    files: dict[str, tuple[LogFile, ...]] = dict.fromkeys(TABLES, ())
    for name in TABLES:
        if folder is not None and name != EXCHANGE.name:
            files[name], aside = files_of(folder, name, known)
            notes += aside
    files |= {name: (one_file(place, known),) for name, place in given.items()}
    return _opened(files, simulated=folder is not None and (folder / SIMULATED).exists(), notes=notes)


def _opened(files: Mapping[str, tuple[LogFile, ...]], *, simulated: bool, notes: list[str]) -> Input:
    tables, unopened = {}, {}
    for name, members in files.items():
        opened = []
        for file in members:
            try:
                reading = file.source.read(file.path, TABLES[name])
            except (PartialInputError, OSError) as error:
                unopened[file.name] = str(error)
                continue
            opened.append((file, reading))
            notes += reading.notes
        if members and not opened:
            first = members[0]
            raise InputError(
                f"None of the files of {name} can be read; {first.path}: {unopened[first.name]}."
            )
        tables[name] = Table(TABLES[name], opened)
    found = Input(tables, simulated=simulated, notes=notes)
    found._unopened.update(unopened)  # noqa: SLF001
    return found


def _sifted(chunk: Chunk, table: TableSchema, seen: Seen, *, file: str, reject: Reject) -> pa.RecordBatch:
    """The chunk's good rows; the others are rejected in the order of their lines."""
    batch = chunk.batch
    rejected = [(row.line, row.reason, row.row) for row in chunk.rejected]
    reasons = broken_rows(batch, table)
    keep: NDArray[np.int64] | None = None
    if reasons:
        keep = np.delete(np.arange(batch.num_rows), list(reasons))
    key = table.required[0]
    ids = batch.column(key) if keep is None else batch.column(key).take(pa.array(keep))
    again = seen.again(ids)
    if again.any():
        places = np.arange(batch.num_rows) if keep is None else keep
        reasons |= dict.fromkeys(places[again].tolist(), f"duplicate {key}")
        keep = places[~again]
    rejected += [(int(chunk.lines[row]), reason, chunk.show(row)) for row, reason in reasons.items()]
    for line, reason, row in sorted(rejected, key=lambda one: one[0]):
        reject.add(table.name, file=file, line=line, reason=reason, row=row)
    return batch if keep is None else batch.take(pa.array(keep))


def _widened(batch: pa.RecordBatch, table: TableSchema, columns: tuple[str, ...]) -> pa.RecordBatch:
    """The batch with exactly those columns in that order; what it lacks is null."""
    if batch.schema.names == list(columns):
        return batch
    have = set(batch.schema.names)
    arrays = [
        batch.column(name) if name in have else pa.nulls(batch.num_rows, table[name].type) for name in columns
    ]
    return pa.RecordBatch.from_arrays(arrays, columns)


def _nothing_there(folder: Path, expected: str) -> str:
    there = sorted(entry.name + ("/" if entry.is_dir() else "") for entry in folder.iterdir())
    listed = f"it holds {', '.join(there[:20])}" if there else "it is empty"
    more = f" and {len(there) - 20} more" if len(there) > 20 else ""
    return f"{folder} holds no exchanges: {listed}{more}. Looked for {expected}."


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
