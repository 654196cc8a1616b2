"""A process and its files held to so much memory by the system (Linux control groups), which takes pages back or ends it.

Of a process whose columns are mapped from files no figure of its own says what it can do with: pages that the system could take
back count until it has to. Held, they are taken back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
FIRST = ("sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"')
"""A command put into a group before it begins; the group's folder and the command follow."""


@contextmanager
def held(most: int, files: Iterable[Path]) -> Iterator[tuple[str, ...] | None]:
    """What to put before a command for it to have so many bytes, its cached files among them; None where no group can be made.

    What is cached of those `files` that it will read is dropped first: who cached it would be charged.
    """
    for path in files:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    place = _group()
    if place is None:
        yield None
        return
    try:
        for name in ("memory.limit_in_bytes", "memory.max"):
            if (place / name).exists():
                (place / name).write_text(str(most), "ascii")
        yield (*FIRST, str(place))
    finally:
        place.rmdir()


def _group() -> Path | None:
    """A group of our own whose memory can be bounded."""
    for root in (ROOT / "memory", ROOT):
        place = root / f"stillwatch-{os.getpid()}"
        with suppress(OSError):
            place.mkdir()
            if any((place / name).exists() for name in ("memory.limit_in_bytes", "memory.max")):
                return place
            place.rmdir()
    return None
