"""The exchanges of a log through the door, file by file: taken as they were kept, or read and kept.

Each file is read as if it were alone, so that what is kept of it holds whatever lies beside it later. Ids are looked at
over all files in each scan, in their order. A file that repeats an id of one before it is read again for this scan,
since which of its rows are rejected, and what is shown of them, rests on both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from stillwatch.fingerprint.assemble import Passed
from stillwatch.keep.door import Door
from stillwatch.keep.folder import opened
from stillwatch.keep.joined import joined
from stillwatch.keep.noted import KeepSettings, noted
from stillwatch.keep.partial import Partial
from stillwatch.keep.reading import Reader
from stillwatch.keep.window import OUTSIDE, Bounds, Window
from stillwatch.model.kept import KeptFiles
from stillwatch.sources._base import Reading
from stillwatch.sources.duplicates import Seen
from stillwatch.sources.files import LogFile
from stillwatch.sources.layout import Input, Table
from stillwatch.sources.rejected import Reject

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class _File:
    """A file of the log and what came out of its door."""

    file: LogFile
    reading: Reading
    partial: Partial


@dataclass(eq=False)
class Keeping:
    """How a scan reads its exchanges; without a `place` nothing stays for the next one.

    `told` says afterwards what was taken as it was kept.
    """

    place: Path | None
    window: Window | None = None
    settings: KeepSettings = field(default_factory=KeepSettings)
    told: KeptFiles | None = field(default=None, init=False)

    def passed(self, log: Input, reject: Reject, door: Door, show: Progress) -> Iterator[Passed]:
        """The good rows of all files that are in the window, in file order; rows that break the contract go to `reject`."""
        files, remarks = self._files(log, door, show)
        bounds = self._bounds(log, [one.partial for one in files])
        files = [one for one in files if bounds is None or bounds.hold_some(one.partial.told.span)]
        table = log.exchange_table
        yield from joined(_rows(table, files, bounds, door=door, remarks=remarks, reject=reject))
        if self.told is not None:
            self.told = KeptFiles(self.told.taken, self.told.read, tuple(remarks))

    def _files(self, log: Input, door: Door, show: Progress) -> tuple[list[_File], list[str]]:
        files: list[_File] = []
        expected = log.rows
        with ExitStack() as stack:
            place = self.place or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="stillwatch-kept-"))
            )
            folder = stack.enter_context(opened(place))
            digests = None if self.place is None else noted(place, self.settings)
            reader = Reader(folder, digests, door, lambda rows: show("reading exchanges", rows, expected))
            for file, reading in log.exchange_table.opened:
                files.append(_File(file, reading, reader.partial(file, reading)))
            if digests is not None:
                folder.note(digests)
                self.told = reader.told
        return files, reader.remarks

    def _bounds(self, log: Input, partials: Sequence[Partial]) -> Bounds | None:
        if self.window is None:
            return None
        bounds = self.window.bounds(partial.told.span for partial in partials)
        outside = sum(not bounds.hold_some(partial.told.span) for partial in partials)
        left_out = (
            f"{outside} of {len(partials)} files hold nothing of it and were left out"
            if outside
            else "No file was left out"
        )
        log.notes = (*log.notes, f"What lies in {bounds} was scanned. {left_out}.")
        return bounds


def _rows(
    table: Table,
    files: list[_File],
    bounds: Bounds | None,
    *,
    door: Door,
    remarks: list[str],
    reject: Reject,
) -> Iterator[Passed]:
    """The rows in the window, file by file."""
    seen = table.begin(sum(one.partial.told.rows for one in files))
    for one in files:
        batches = one.partial.batches()
        if seen.take_new([batch.column("exchange_id") for batch in batches]):
            rows = _taken(table, one, batches, reject)
        else:
            remarks.append(f"{one.file.name}: read again, it repeats ids of a file before it")
            rows = _again(table, one, door, seen=seen, reject=reject)
        yield from rows if bounds is None else _within(rows, bounds, table)


def _taken(table: Table, one: _File, batches: list[pa.RecordBatch], reject: Reject) -> Iterator[Passed]:
    """The rows as they came out of the file's door; no id of them came before."""
    table.count(one.partial.counted())
    one.partial.hand_on(reject, file=one.file.name)
    yield from one.partial.passed(batches)


def _again(table: Table, one: _File, door: Door, *, seen: Seen, reject: Reject) -> Iterator[Passed]:
    """The rows whose ids did not come in a file before."""
    return door.passed(table.rows_of(one.file, one.reading, seen, reject))


def _within(rows: Iterator[Passed], bounds: Bounds, table: Table) -> Iterator[Passed]:
    """The rows in the window; the others are counted as excluded."""
    for passed in rows:
        inside, outside = bounds.within(passed)
        if outside:
            table.excluded[OUTSIDE] += outside
        if inside.keyed.num_rows:
            yield inside
