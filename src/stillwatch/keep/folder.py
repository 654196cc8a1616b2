"""The folder that partials are kept in, which several scans may use at once.

A partial is made in a folder of its own and takes its name in one step, so that there are whole ones only; nothing is
changed afterwards. Each scan holds a lock together with others while it uses the folder. One that finds itself alone sweeps
first: what killed scans left behind, and what no scan has used for `UNUSED_DAYS`.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.keep.noted import NOTED, Digests
from stillwatch.keep.partial import TOLD, Partial, read
from stillwatch.keep.sealed import DamagedError

UNUSED_DAYS = 90
"""Partials that no scan has used for so long are removed."""
_NAME = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}\.partial")
_MAKING = "making-"


@dataclass(frozen=True)
class Name:
    """What a partial is found by: digests of the file's bytes, and of all else that decides how it is read."""

    bytes: str
    making: str

    def __str__(self) -> str:
        """The name of its folder."""
        return f"{self.bytes[:32]}-{self.making[:16]}.partial"


@dataclass(frozen=True)
class Folder:
    """An open folder of partials; `known` are digests of the files that had one when it was opened."""

    path: Path
    known: frozenset[str]

    def find(self, name: Name) -> Partial | None:
        """The partial of that name, or None; one that is damaged raises `DamagedError` and is gone."""
        place = self.path / str(name)
        if not place.exists():
            return None
        try:
            found = read(place)
        except (DamagedError, OSError) as error:
            self.remove(name)
            raise DamagedError(str(error)) from error
        with suppress(OSError):
            os.utime(place / TOLD)
        return found

    def has_other(self, name: Name) -> bool:
        """Whether the same bytes were kept by another version, or read otherwise."""
        return str(name).partition("-")[0] in self.known

    def remove(self, name: Name) -> None:
        """Let go of the partial of that name; who has it mapped keeps it."""
        shutil.rmtree(self.path / str(name), ignore_errors=True)

    @contextmanager
    def making(self) -> Iterator[Path]:
        """A new folder to make a partial in; it is gone at the end unless it was landed."""
        place = self.path / f"{_MAKING}{uuid.uuid4().hex}"
        place.mkdir()
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def land(self, made: Path, name: Name) -> None:
        """Give a finished partial its name, unless another scan was faster."""
        with suppress(OSError):
            made.rename(self.path / str(name))

    def note(self, digests: Digests) -> None:
        """Write down the digests of files that there is a partial of, for the next scan."""
        if digests.is_changed:
            with suppress(OSError), self.making() as place:
                (place / NOTED).write_bytes(digests.told(_known(self.path)))
                (place / NOTED).rename(self.path / NOTED)


@contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """The folder, made if it is not there."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"What is read of the log should be kept in {path}, but that cannot be used: {error.strerror or error}. "
            "Name a folder in a place where you may write."
        ) from error
    try:
        if _alone(lock):
            _sweep(path)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield Folder(path, _known(path))
    finally:
        os.close(lock)


def _known(path: Path) -> frozenset[str]:
    """How the digests begin of files that have a partial."""
    names = (place.name for place in path.iterdir())
    return frozenset(name.partition("-")[0] for name in names if _NAME.fullmatch(name))


def _alone(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(path: Path) -> None:
    oldest = time.time() - UNUSED_DAYS * 86_400
    for place in path.iterdir():
        if place.name.startswith(_MAKING) or (_NAME.fullmatch(place.name) and _used(place) < oldest):
            shutil.rmtree(place, ignore_errors=True)


def _used(place: Path) -> float:
    """When a partial was last used, or made if it is not whole."""
    try:
        told = place / TOLD
        return (told if told.exists() else place).stat().st_mtime
    except FileNotFoundError:
        return 0.0
