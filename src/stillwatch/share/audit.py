"""The record of exchanges: who was answered what, how often, and no value of any.

One line of JSON an exchange, appended. An answer is refused if the peer was answered too often in a day, since whoever may
ask without end can try out values one after the other; and if it asks for values of another set than the one whose size it last
asked for, later than that is good for, or twice. The set is known again by a digest of its values under the peer's key, which is the same in both
exchanges and tells nothing of them. What was refused is on record, too.
"""

from __future__ import annotations

import fcntl
import json
import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from stillwatch.errors import InputError, UsageError

Step = Literal["offered", "answered", "revealed", "refused"]
"""Refused is an offer that was not answered, and a caller over HTTPS without the token."""

MOST_A_DAY = 3
SIZE_GOOD_DAYS = 14
"""How long after the size the values of the same set may be asked for."""


@dataclass(frozen=True)
class Entry:
    """One step of an exchange; `size` is the result, where this house learnt it, `digest` knows the offered set again."""

    at: str
    step: Step
    peer: str
    exchange: str
    kind: str
    is_of_values: bool
    offered: int
    held: int | None = None
    size: int | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Asked:
    """What a peer asks for."""

    peer: str
    kind: str
    is_of_values: bool
    offered: int
    digest: str


def peer_name(word: str) -> str:
    """A peer's name in one form, however it was typed: another form would be another peer, with limits of its own."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


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


def refuse_too_much(path: Path, asked: Asked, most_a_day: int) -> None:
    """Refuse an answer that would be one too many, or that tells values of a set whose size was not exchanged before."""
    now, peer = datetime.now(UTC), peer_name(asked.peer)
    earlier = [e for e in entries(path) if peer_name(e.peer) == peer and e.step == "answered"]
    since = (now - timedelta(days=1)).isoformat()
    today = sum(e.at > since for e in earlier)
    if today >= most_a_day:
        raise UsageError(
            f"{peer} was answered {today} times in the last 24 hours, and {most_a_day} is the most. Whoever may ask without end can "
            "try out values one by one. Wait, or raise --most-a-day knowingly."
        )
    if asked.is_of_values:
        _refuse_another_set([e for e in earlier if e.kind == asked.kind], asked, now)


def _refuse_another_set(earlier: Sequence[Entry], asked: Asked, now: datetime) -> None:
    sizes = [e for e in earlier if not e.is_of_values]
    if not sizes:
        raise UsageError(
            f"{asked.peer} asks for values of kind {asked.kind}, and sizes were not exchanged before. First the size: answer an offer without --values."
        )
    last = sizes[-1]
    if (last.offered, last.digest) != (asked.offered, asked.digest):
        raise UsageError(
            f"{asked.peer} asks for values of another set of {asked.offered:,} than the one of {last.offered:,} whose size was exchanged last. Answer its size first."
        )
    if last.at < (now - timedelta(days=SIZE_GOOD_DAYS)).isoformat():
        raise UsageError(
            f"The size of this set was exchanged on {last.at[:10]}, and values may be asked for {SIZE_GOOD_DAYS} days. Exchange the size again."
        )
    if any(e.is_of_values and e.digest == asked.digest for e in earlier):
        raise UsageError(
            f"{asked.peer} was told the values of this set already. Exchange the size of a new offer first."
        )
