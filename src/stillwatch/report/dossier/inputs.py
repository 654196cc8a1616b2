"""The files that a dossier was told from, by digest: who holds the log can see whether it is the same log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

MOST_FILES = 10_000


def digests(*places: Path | None) -> Mapping[str, str]:
    """SHA-256 of each file by its path under what was named; of more files than `MOST_FILES` the first ones."""
    found: dict[str, str] = {}
    for file, name in _files([place for place in places if place is not None]):
        found[name] = digest_of(file)
        if len(found) == MOST_FILES:
            break
    return found


def differing(recorded: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Names of files that are not what they were, that are missing, and that were added."""
    names = sorted({*recorded, *now})
    return tuple(name for name in names if recorded.get(name) != now.get(name))


def _files(places: list[Path]) -> Iterator[tuple[Path, str]]:
    for place in places:
        if place.is_dir():
            for file in sorted(path for path in place.rglob("*") if path.is_file()):
                yield file, file.relative_to(place).as_posix()
        elif place.is_file():
            yield place, place.name


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
