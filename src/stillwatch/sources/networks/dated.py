"""Versions of one list of networks: whose an address was when the call was made, and not whose it is today.

A version is dated by what it says itself, else by a date in its file's name (`tor-2026-03-01.txt`, `20260301`), else not
at all; the time of the file is not looked at, since copying changes it. For a window of calls the last version that is
not after it counts; if all are after it the first does, and without dates the last one given.

The contract's networks have no date. A scan therefore sees one version for its whole window: an address that changed
hands within it is told as it was at the window's end. Scan shorter windows where this matters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

_DATE = re.compile(r"(?<!\d)(20\d\d)[-_]?([01]\d)[-_]?([0-3]\d)(?!\d)")


@dataclass(frozen=True)
class Dated:
    """A table of networks, the day it speaks of, where it comes from, and lines of it that are no networks."""

    table: pa.Table
    as_of: date | None
    source: str
    rejected: tuple[tuple[int, str], ...] = ()


def as_of(tables: Sequence[Dated], when: date | datetime) -> Dated:
    """The version of a list that counts at that time; `tables` has at least one."""
    day = when.astimezone(UTC).date() if isinstance(when, datetime) else when
    dated = sorted(
        ((one.as_of, place) for place, one in enumerate(tables) if one.as_of is not None),
    )
    if not dated:
        return tables[-1]
    before = [place for told, place in dated if told <= day]
    return tables[before[-1] if before else dated[0][1]]


def day_in_name(path: Path) -> date | None:
    """The first date in a file's name."""
    for found in _DATE.finditer(path.name):
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            continue
    return None
