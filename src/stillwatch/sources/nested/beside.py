"""Bodies that a log keeps in files of their own, of which its records hold only the address.

What an address says was written by whoever wrote the log, and is not trusted: only a file that is named as bodies are is
looked for, beside the log or, where a whole bucket was copied, under a folder above it at the address's own path. A log
that came from an object store has its bodies fetched from the same bucket, and from no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from stillwatch.errors import PartialInputError
from stillwatch.sources.stream import blocks

FOLDER = "data"
ENDINGS = ("_input.json", "_output.json", "_input.json.gz", "_output.json.gz")
LARGEST = 32 * 1024 * 1024
"""Bytes of the largest body that is read."""
AT_ONCE, LAST = 256 * 1024 * 1024, 512
"""Bytes of the last so many bodies: those of the records that are decoded together."""
VALUES = 2_000_000
"""About how many values a body may have."""
LOST = 100_000
"""So many bodies that could not be read are not looked for again: one may take long to refuse."""
HIGHEST = 12
"""So many folders above a log may hold the copy of its bucket; the root of the disk is none of them."""

Bodies = Callable[[str], str | None]
"""The text of the body at an address; None if it is not there or cannot be read."""

Fetch = Callable[[str, Path, int], bool]
"""Brings what lies at a bucket and key to a place on the disk, up to so many bytes; whether it did."""

_brought: dict[Path, Fetch] = {}
_watched: dict[Path, set[str]] = {}


def is_body(name: PurePosixPath | Path) -> bool:
    """Whether a file is named as the bodies beside a log are."""
    return name.parent.name == FOLDER and name.name.endswith(ENDINGS)


def bodies_beside(log: Path) -> Bodies:
    """What gives the bodies of this log's records."""
    sizes: deque[int] = deque(maxlen=LAST)
    lost: set[str] = set()

    def found(address: str) -> str | None:
        place = _place(address)
        if place is None:
            return None
        if log in _watched:
            _watched[log].add(place)
        if place in lost:
            return None
        told = _fetched(log, place) if log in _brought else _near(log, place)
        if told is None and len(lost) < LOST:
            lost.add(place)
        if told is None or sum(sizes) + len(told) > AT_ONCE:
            return None
        sizes.append(len(told))
        return told

    return found


@contextmanager
def fetching(log: Path, fetch: Fetch) -> Iterator[None]:
    """While this lasts, bodies of a log that was brought to the disk come by `fetch`."""
    _brought[log] = fetch
    try:
        yield
    finally:
        del _brought[log]


@contextmanager
def watching(log: Path) -> Iterator[set[str]]:
    """The bodies that are asked for while this lasts: whose rows rest on more than the log's own bytes."""
    _watched[log] = set()
    try:
        yield _watched[log]
    finally:
        del _watched[log]


def _place(address: str) -> str | None:
    """Bucket and key of an address of a body; None for any other."""
    _, mark, place = address.partition("://")
    parts = place.split("/")
    told = mark and len(parts) > 1 and parts[0] and ".." not in parts and "\0" not in place
    return place if told and is_body(PurePosixPath(place)) else None


def _fetched(log: Path, place: str) -> str | None:
    here = log.with_name(f"body-{PurePosixPath(place).name}")
    try:
        return _text(here) if _brought[log](place, here, LARGEST) else None
    finally:
        here.unlink(missing_ok=True)


def _near(log: Path, place: str) -> str | None:
    key = PurePosixPath(place.partition("/")[2].lstrip("/"))
    for near in (
        log.parent / FOLDER / key.name,
        *(up / key for up in list(log.absolute().parents)[:-1][:HIGHEST]),
    ):
        if (told := _text(near)) is not None:
            return told
    return None


def _text(path: Path) -> str | None:
    held, size = [], 0
    try:
        if not path.is_file():
            return None
        for block in blocks(path):
            size += len(block)
            if size > LARGEST:
                return None
            held.append(block)
        told = b"".join(held).decode()
    except (OSError, ValueError, PartialInputError):
        return None
    return told if sum(map(told.count, ",[{")) <= VALUES else None
