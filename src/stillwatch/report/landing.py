"""Put a finished folder in place in one step, and let one scan at a time write there.

The result is written beside its place and swapped in at the end, so an interrupted scan leaves the earlier
result, or none. The lock is held by the operating system and ends with the process, however it ends.
"""

from __future__ import annotations

import ctypes
import fcntl
import glob
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stillwatch.errors import BusyError, UsageError

RENAME_EXCHANGE = 2
AT_FDCWD = -100
RESULT = "findings.json"
"""The file by which an earlier result of a scan is known."""


@contextmanager
def landing(out: Path, result: str = RESULT) -> Iterator[Path]:
    """A fresh folder to write into; at the end of the block it takes the place of `out`, on an error it vanishes.

    `result` is the file by which an earlier result is known: a folder that holds other files only is refused.
    """
    with _told(out):
        out = out.resolve()
        _refuse_strangers(out, result)
        out.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(out):
        with _told(out):
            partial = _fresh(out)
        try:
            yield partial
            _swap(partial, out)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def refuse_inside_findings(out: Path) -> None:
    """Refuse to write what should last into the findings of a scan, a folder that every scan replaces as a whole."""
    here = out.resolve()
    found = next((folder for folder in (here, *here.parents) if (folder / RESULT).is_file()), None)
    if found is not None:
        raise UsageError(
            f"The results should go to {out}, which lies in {found}: every scan replaces that folder as a whole. "
            "Name a place beside it."
        )


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """Say which folder a refusal of the system is about."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise UsageError(
            f"The results should go to {out}, but nothing can be written there: {error}. "
            "Name a folder in a place where you may write."
        ) from error


def _refuse_strangers(out: Path, result: str) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"The results should go to the folder {out}, which is a file. Name a folder.")
    if out.is_mount():
        raise UsageError(
            f"The results should go to {out}, which is a mounted volume: it cannot be replaced in one step. "
            f"Name a folder inside it, for instance {out / 'results'}."
        )
    if out.is_dir() and any(out.iterdir()) and not (out / result).exists():
        raise UsageError(
            f"The results should go to {out}, which holds other files and no earlier result ({result}). "
            "Name an empty or a new folder."
        )


@contextmanager
def _only_one(out: Path) -> Iterator[None]:
    lock = out.parent / f".{out.name}.lock"
    with _told(out):
        held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        if not _taken(held, lock):
            raise BusyError(
                f"Another scan is writing into {out} now. Wait until it ends, or give another folder with --out."
            )
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
    finally:
        os.close(held)


def _taken(held: int, lock: Path) -> bool:
    """Whether the lock is ours and is still the one others will find: the one before us removes its file at its end."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(held), lock.lstat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _fresh(out: Path) -> Path:
    """A new folder beside `out`, as open to others as the folder it will replace."""
    _sweep(out)
    partial = out.parent / f".{out.name}.partial-{uuid.uuid4().hex}"
    partial.mkdir()
    if out.exists():
        shutil.copymode(out, partial)
    return partial


def _sweep(out: Path) -> None:
    """Remove what killed scans left beside `out`; bring back an earlier result that was on its way."""
    earlier = _earlier(out)
    if earlier.exists() and not out.exists():
        earlier.rename(out)
    for left in (earlier, *out.parent.glob(f".{glob.escape(out.name)}.partial-*")):
        shutil.rmtree(left, ignore_errors=True)


def _earlier(out: Path) -> Path:
    return out.parent / f".{out.name}.earlier"


def _swap(partial: Path, out: Path) -> None:
    """Exchange the two folders in one step where the system can, else by two renames."""
    if not out.exists():
        partial.rename(out)
    elif not _exchanged(partial, out):
        out.rename(_earlier(out))
        partial.rename(out)
        shutil.rmtree(_earlier(out), ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    done = renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
    return bool(done == 0)
