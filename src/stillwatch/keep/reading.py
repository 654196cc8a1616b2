"""One file of a log as a partial: as it was kept, or read as if it were alone and kept if nothing speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from stillwatch.fingerprint.assemble import Passed
from stillwatch.keep.door import Door
from stillwatch.keep.folder import Folder, Name
from stillwatch.keep.making import making
from stillwatch.keep.noted import Digests
from stillwatch.keep.partial import REJECTED, Partial, write
from stillwatch.keep.sealed import DamagedError
from stillwatch.model.kept import KeptFiles
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources._base import Reading
from stillwatch.sources.files import LogFile
from stillwatch.sources.layout import Table
from stillwatch.sources.nested.beside import watching
from stillwatch.sources.rejected import Reject

_MOST_NAMED = 1 << 62
"""Unknown columns of a file are all kept by name: which of them a scan names depends on the files before it."""


@dataclass(eq=False)
class Reader:
    """Brings files through the `door`, or from the folder; tells `show` the rows that are there so far.

    Without `digests` nothing is kept.
    """

    folder: Folder
    digests: Digests | None
    door: Door
    show: Callable[[int], None]
    remarks: list[str] = field(default_factory=list)
    taken: int = 0
    read: int = 0
    rows: int = 0

    @property
    def told(self) -> KeptFiles:
        """What was taken as kept, and what was read."""
        return KeptFiles(self.taken, self.read, tuple(self.remarks))

    def partial(self, file: LogFile, reading: Reading) -> Partial:
        """The file's partial."""
        name = self._name(file)
        found = None if name is None else self._found(file, name)
        if found is not None:
            self.taken += 1
            self._come(found.told.rows)
            return found
        self.read += 1
        return self._made(file, reading, name)

    def _name(self, file: LogFile) -> Name | None:
        """What the file's partial is found by; None if the file cannot be read, which reading it will tell."""
        with suppress(OSError):
            if self.digests is not None:
                return Name(self.digests.of(file.path), making(file, self.door.gather.models))
        return None

    def _found(self, file: LogFile, name: Name) -> Partial | None:
        try:
            found = self.folder.find(name)
        except DamagedError:
            self._remark(file, "read again, what was kept of it was damaged")
            return None
        if found is None and self.folder.has_other(name):
            self._remark(file, "read again, it was kept by another version or with other settings")
        if found is not None and found.told.name != file.path.name and found.mentions(found.told.name):
            self._remark(file, "read again, it has another name now, which its rejected rows tell")
            self.folder.remove(name)
            return None
        return found

    def _made(self, file: LogFile, reading: Reading, name: Name | None) -> Partial:
        alone = Table(EXCHANGE, [(replace(file, name=""), reading)], most_named=_MOST_NAMED)
        with self.folder.making() as place:
            with watching(file.path) as bodies, Reject(place / REJECTED) as reject:
                partial = write(place, self._passed(alone, reject), counted=alone, name=file.path.name)
            if self.digests is None:
                pass
            elif alone.failures:
                self._remark(file, "not kept, only a part of it could be read")
            elif name is None:
                self._remark(file, "not kept, it could not be read for its digest")
            elif bodies:
                self._remark(file, "not kept, its records name bodies in other files")
            elif self.digests.of(file.path) != name.bytes:
                self._remark(file, "not kept, it changed while it was read")
            else:
                self.folder.land(place, name)
        lost = "; ".join(alone.failures.values())
        return replace(partial, failures={file.name: lost} if lost else {})

    def _passed(self, alone: Table, reject: Reject) -> Iterator[Passed]:
        for passed in self.door.passed(alone.batches(reject)):
            yield passed
            self._come(passed.keyed.num_rows)
        reject.close()

    def _come(self, rows: int) -> None:
        self.rows += rows
        self.show(self.rows)

    def _remark(self, file: LogFile, said: str) -> None:
        self.remarks.append(f"{file.name}: {said}")
