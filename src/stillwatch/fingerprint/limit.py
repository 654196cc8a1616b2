"""How much memory there is: the machine's, or less where the process is held to less, as containers are (Linux control groups)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

_OWN = Path("/proc/self/cgroup")
_GROUPS = Path("/sys/fs/cgroup")
UNKNOWN = 1 << 62
"""Where the system does not say."""


def memory_limit() -> int:
    """Bytes that the process may take."""
    return min(_machine(), *_told())


def _machine() -> int:
    with suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return UNKNOWN


def _told() -> Iterator[int]:
    """What the group of the process and each group around it may take."""
    yield UNKNOWN
    for file in _files():
        with suppress(OSError, ValueError):
            yield int(file.read_text("ascii"))


def _files() -> Iterator[Path]:
    """Where that stands, in either layout; in a container the names of groups may be those of outside, and only the last of them is there."""
    try:
        lines = _OWN.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, kinds, name = line.split(":", 2)
        if kinds and "memory" not in kinds.split(","):
            continue
        root, file = (_GROUPS / "memory", "memory.limit_in_bytes") if kinds else (_GROUPS, "memory.max")
        own = PurePosixPath(name).relative_to("/")
        yield from (root / group / file for group in (own, *own.parents))
