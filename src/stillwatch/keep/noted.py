"""Digests of files, noted with what the file system says of each: a file that lies there as it did is not read for its digest again.

Trusted is that a file whose bytes change gets another change time (ctime), which no program can set. Since clocks have a
grain, and what is written through a map is told late, a digest is noted of a file only that had not changed for `SETTLED`
when it was begun, nor until it was taken. Whatever differs, the file is read.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec

from stillwatch.keep.sealed import DamagedError, seal, unsealed

SETTLED = 60 * 1_000_000_000
"""Nanoseconds for which a file must have lain unchanged."""
NOTED = "digests.json"


class Stamp(NamedTuple):
    """What the file system says of a file, which is another one once its bytes are others."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


class _Note(NamedTuple):
    """The digest of a file that lay there so."""

    stamp: Stamp
    digest: str


@dataclass(frozen=True)
class KeepSettings:
    """How files of a log are known again; trusts_times: a file is not read for its digest while its size, times and inode are those noted with it."""

    trusts_times: bool = True


@dataclass(eq=False)
class Digests:
    """The SHA-256 of files by what stands for their paths, which are not told; without `trusts_times` each is taken anew."""

    notes: dict[str, _Note] = field(default_factory=dict)
    trusts_times: bool = True
    is_changed: bool = False

    def of(self, path: Path) -> str:
        """The digest of the file as it lies there now."""
        name, now = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32], time.time_ns()
        with path.open("rb") as file:
            lies = _stamp(file.fileno())
            note = self.notes.get(name)
            if self.trusts_times and note is not None and note.stamp == lies:
                return note.digest
            found = hashlib.file_digest(file, "sha256").hexdigest()
            if lies is not None and _is_settled(lies, now) and _stamp(file.fileno()) == lies:
                self.notes[name], self.is_changed = _Note(lies, found), True
        return found

    def told(self, known: Collection[str]) -> bytes:
        """What the next scan is told: of files with whose digests one of `known` begins."""
        notes = {name: note for name, note in self.notes.items() if note.digest[:32] in known}
        return seal(msgspec.json.encode(notes))


def noted(folder: Path, settings: KeepSettings) -> Digests:
    """What earlier scans noted in that folder; nothing if that is damaged, or not as this version writes it."""
    notes: dict[str, _Note] = {}
    with suppress(OSError, DamagedError, msgspec.DecodeError):
        notes = msgspec.json.decode(unsealed((folder / NOTED).read_bytes()), type=dict[str, _Note])
    return Digests(notes, settings.trusts_times)


def _stamp(file: int) -> Stamp | None:
    """Of an open file, as a file server is asked then; None of what is no file by itself."""
    lies = os.fstat(file)
    if not stat.S_ISREG(lies.st_mode) or not lies.st_ino:
        return None
    return Stamp(lies.st_dev, lies.st_ino, lies.st_size, lies.st_mtime_ns, lies.st_ctime_ns)


def _is_settled(lies: Stamp, now: int) -> bool:
    return max(lies.modified, lies.changed) + SETTLED < now
