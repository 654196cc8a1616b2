"""Bodies that a log keeps in files of their own, of which its records hold only the address.

What an address says was written by whoever wrote the log, and is not trusted with more than a name: a body is looked for
beside the log, in the folder `FOLDER` beside it, or, where a whole bucket was copied, under a folder above the log at the
address's own path. A log that came from an object store has its bodies fetched from the same bucket, and from no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from stillwatch.errors import PartialInputError
from stillwatch.sources.stream import blocks

FOLDER = "data"
ENDINGS = ("_input.json", "_output.json", "_input.json.gz", "_output.json.gz")
LARGEST = 64 * 1024 * 1024
"""Bytes of the largest body that is read."""

Bodies = Callable[[str], str | None]
"""The text of the body at an address; None if it is not there or cannot be read."""

_brought: dict[Path, Callable[[PurePosixPath, Path], Path | None]] = {}


def is_body(name: PurePosixPath | Path) -> bool:
    """Whether a file's name is that of a body beside a log: no log itself."""
    return name.parent.name == FOLDER and name.name.endswith(ENDINGS)


def bodies_beside(log: Path) -> Bodies:
    """What gives the bodies of this log's records."""

    def found(address: str) -> str | None:
        place = _inside(address)
        if place is None:
            return None
        if fetch := _brought.get(log):
            brought = fetch(place, log.with_name(f"body-{place.name}"))
            try:
                return None if brought is None else _text(brought)
            finally:
                if brought is not None:
                    brought.unlink(missing_ok=True)
        key = PurePosixPath(*place.parts[1:])
        near = (log.parent / FOLDER / key.name, log.parent / key.name, *(up / key for up in log.parents))
        return next((_text(path) for path in near if path.is_file()), None)

    return found


@contextmanager
def fetching(log: Path, fetch: Callable[[PurePosixPath, Path], Path | None]) -> Iterator[None]:
    """While this lasts, bodies of a log that was brought to the disk come by `fetch`: from a bucket and key, to a place."""
    _brought[log] = fetch
    try:
        yield
    finally:
        del _brought[log]


def _inside(address: str) -> PurePosixPath | None:
    """Bucket and key of an address; None for one that could lead elsewhere."""
    _, mark, rest = address.partition("://")
    place = PurePosixPath(rest)
    told = mark and len(place.parts) > 1 and not place.is_absolute()
    return place if told and ".." not in place.parts and "\0" not in rest else None


def _text(path: Path) -> str | None:
    held, size = [], 0
    try:
        for block in blocks(path):
            size += len(block)
            if size > LARGEST:
                return None
            held.append(block)
        return b"".join(held).decode()
    except (OSError, PartialInputError, UnicodeDecodeError):
        return None
