"""How much memory there is, and whether a folder lies in it.

There is what the machine has, or less where a control group of Linux holds the process to less, as containers do (cgroups(7)).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

_OWN, _MOUNTS = Path("/proc/self/cgroup"), Path("/proc/self/mounts")
_GROUPS = Path("/sys/fs/cgroup")
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
UNKNOWN = 1 << 62
"""Where the system does not say."""


def memory_limit() -> int:
    """Bytes that the process may take."""
    return min((told for told in (_machine(), *_told()) if told >= 0), default=UNKNOWN)


def is_in_memory(folder: Path) -> bool:
    """Whether files in that folder take memory, as far as the system says."""
    folder, kinds = folder.resolve(), dict[Path, str]()
    for line in _lines(_MOUNTS):
        _, place, kind, *_ = (*line.split(" "), "", "", "")
        kinds[Path(place)] = kind
    around = (kinds[one] for one in (folder, *folder.parents) if one in kinds)
    return next(around, "") in _IN_MEMORY


def _machine() -> int:
    with suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return UNKNOWN


def _told() -> Iterator[int]:
    """What the group of the process and each group around it may take."""
    for file in _files():
        with suppress(OSError, ValueError):
            yield int(file.read_text("ascii"))


def _files() -> Iterator[Path]:
    """Where that stands, in either layout; in a container the names of groups may be those of outside, and only the last of them is there."""
    for line in _lines(_OWN):
        _, kinds, name = (*line.split(":", 2), "", "")[:3]
        if kinds and "memory" not in kinds.split(","):
            continue
        root, file = (_GROUPS / "memory", "memory.limit_in_bytes") if kinds else (_GROUPS, "memory.max")
        own = PurePosixPath(name.lstrip("/"))
        yield from (root / group / file for group in (own, *own.parents))


def _lines(file: Path) -> list[str]:
    """The lines of a file of the system, with names as it holds them; none where there is no such file."""
    with suppress(OSError):
        return os.fsdecode(file.read_bytes()).split("\n")
    return []
