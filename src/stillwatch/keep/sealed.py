"""A line with its checksum behind it: against accident, not against malice."""

from __future__ import annotations

import zlib


class DamagedError(Exception):
    """What was kept is not as it was written."""


def seal(line: bytes) -> bytes:
    """The line and its checksum."""
    return line + b"\n%08x\n" % zlib.crc32(line)


def unsealed(held: bytes) -> bytes:
    """The line; raises `DamagedError` if its checksum is another one."""
    line, _, checksum = held.partition(b"\n")
    if checksum != b"%08x\n" % zlib.crc32(line):
        raise DamagedError
    return line
