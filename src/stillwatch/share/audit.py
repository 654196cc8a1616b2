"""The record of exchanges: who was answered what, how often, and no value of any.

One line of JSON an exchange, appended. An answer is refused if the peer was answered too often in a day, since whoever may
ask without end can try out values one after the other; and if it asks for values before sizes were exchanged.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from stillwatch.errors import InputError, UsageError

Step = Literal["offered", "answered", "revealed", "refused"]
"""Refused is a caller over HTTPS without the token."""

MOST_A_DAY = 3


@dataclass(frozen=True)
class Entry:
    """One step of an exchange; `size` is the result, where this house learnt it."""

    at: str
    step: Step
    peer: str
    exchange: str
    kind: str
    is_of_values: bool
    offered: int
    held: int | None = None
    size: int | None = None


def entries(path: Path) -> tuple[Entry, ...]:
    """All that is on record."""
    if not path.exists():
        return ()
    try:
        lines = path.read_bytes().splitlines()
        return tuple(msgspec.json.decode(line, type=Entry) for line in lines if line.strip())
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(
            f"The record {path} cannot be read: {error}. Nothing is exchanged without it; mend it, or name another."
        ) from error


@contextmanager
def recording(path: Path) -> Iterator[None]:
    """Hold the record alone: two exchanges at a time are counted one after the other."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"The record {path} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def record(path: Path, entry: Entry) -> None:
    """Put an entry at the end of the record, on the disk."""
    with path.open("ab") as file:
        file.write((json.dumps(asdict(entry), sort_keys=True) + "\n").encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def refuse_too_much(path: Path, peer: str, kind: str, *, is_of_values: bool, most_a_day: int) -> None:
    """Refuse an answer that would be one too many, or that tells values before sizes were exchanged."""
    earlier = [e for e in entries(path) if e.peer == peer and e.step == "answered"]
    since = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    today = sum(e.at > since for e in earlier)
    if today >= most_a_day:
        raise UsageError(
            f"{peer} was answered {today} times in the last 24 hours, and {most_a_day} is the most. Whoever may ask without end can "
            "try out values one by one. Wait, or raise --most-a-day knowingly."
        )
    if is_of_values and not any(e.kind == kind and not e.is_of_values for e in earlier):
        raise UsageError(
            f"{peer} asks for values of kind {kind}, and sizes were not exchanged before. First the size: answer an offer without --values."
        )
