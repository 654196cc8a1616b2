"""One file put in its place in one step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from stillwatch.errors import UsageError

PRIVATE, USUAL = 0o600, 0o666


def land(content: bytes, out: Path, *, is_private: bool = False) -> None:
    """Write a file beside its place and swap it in; a private one is for its owner alone to read."""
    if out.is_dir():
        raise UsageError(f"The result should go to {out}, which is a folder. Name a file.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                os.fchmod(file.fileno(), PRIVATE if is_private else USUAL & ~_umask())
            Path(partial).replace(out)
        finally:
            Path(partial).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"The result should go to {out}, but it cannot be written there: {error.strerror or error}."
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
