"""Put a finished folder in place in one step, and let one scan at a time write there.

The result is written beside its place and swapped in at the end, so an interrupted scan leaves the earlier
result, or none. The lock is held by the operating system and ends with the process, however it ends.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stillwatch.errors import BusyError, UsageError

RENAME_EXCHANGE = 2
AT_FDCWD = -100


@contextmanager
def landing(out: Path) -> Iterator[Path]:
    """A fresh folder to write into; at the end of the block it takes the place of `out`, on an error it vanishes."""
    out = out.absolute()
    _refuse_strangers(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(out):
        _sweep(out)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name}.partial-", dir=out.parent))
        partial.chmod(0o755)
        try:
            yield partial
            _swap(partial, out)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _refuse_strangers(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"The results should go to the folder {out}, which is a file. Name a folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / "findings.json").exists():
        raise UsageError(
            f"The results should go to {out}, which holds other files and no earlier result (findings.json). "
            "Name an empty or a new folder."
        )


@contextmanager
def _only_one(out: Path) -> Iterator[None]:
    lock = out.parent / f".{out.name}.lock"
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"Another scan is writing into {out} now. Wait until it ends, or give another folder with --out."
            ) from error
        yield
        lock.unlink(missing_ok=True)


def _sweep(out: Path) -> None:
    """Remove what killed scans left beside `out`; bring back an earlier result that was on its way."""
    earlier = _earlier(out)
    if earlier.exists() and not out.exists():
        earlier.rename(out)
    for left in (earlier, *out.parent.glob(f".{out.name}.partial-*")):
        shutil.rmtree(left, ignore_errors=True)


def _earlier(out: Path) -> Path:
    return out.parent / f".{out.name}.earlier"


def _swap(partial: Path, out: Path) -> None:
    """Exchange the two folders in one step where the system can, else by two renames."""
    if not out.exists():
        partial.rename(out)
        return
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is not None:
        done = renameat2(AT_FDCWD, os.fsencode(partial), AT_FDCWD, os.fsencode(out), RENAME_EXCHANGE)
        if done == 0:
            return
    out.rename(_earlier(out))
    partial.rename(out)
    shutil.rmtree(_earlier(out), ignore_errors=True)
