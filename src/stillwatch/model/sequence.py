"""Repeated scans of one growing log, as `findings.json` carries them from one scan to the next."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime

SKETCH_DIGITS = 256
MOST = 10**9
"""No log is scanned so often, and no sequence has so many groups."""
_SKETCH = re.compile(rf"[0-9a-f]{{{SKETCH_DIGITS}}}")


@dataclass(frozen=True)
class Followed:
    """A group that could have been a campaign, over the scans in which it was seen; scans are counted from 1.

    `campaign_id` is what the last of them called it, `earlier_id` the one before; None where it was not reported.
    `value` is its running e-value. `first_confirmed` is the first scan in which e-BH told it apart by that value.
    `sketch` stands for its accounts without naming one, see `judge.sketch`.
    """

    campaign_id: str | None
    earlier_id: str | None
    value: float
    first_seen: int
    last_seen: int
    seen: int
    is_confirmed_over_scans: bool
    first_confirmed: int | None
    sketch: str

    def __post_init__(self) -> None:
        """Refuse what no scan writes."""
        if not (math.isfinite(self.value) and self.value >= 0):
            raise ValueError(f"a running value is {self.value}, which is no number from 0 up")
        if not (1 <= self.first_seen <= self.last_seen and self.seen >= 1):
            raise ValueError(f"a group is first seen in scan {self.first_seen} and last in {self.last_seen}")
        if self.seen > self.last_seen - self.first_seen + 1:
            raise ValueError(f"a group is seen {self.seen} times in too few scans")
        if self.first_confirmed is not None and not self.first_seen <= self.first_confirmed <= self.last_seen:
            raise ValueError(f"a group is confirmed in scan {self.first_confirmed}, where it was not seen")
        if not _SKETCH.fullmatch(self.sketch):
            raise ValueError(f"a sketch has not {SKETCH_DIGITS} hexadecimal digits")


@dataclass(frozen=True)
class ScanSequence:
    """Where a scan stands among the scans of the same log: it is scan `number`, from 1.

    `first_end` and `end` are the last times in the log of the first scan and of this one. `begun` counts all groups
    ever followed. `groups` are those of this scan that could be campaigns, in the order of the other figures, then
    those that were seen in one of the last scans but not in this one.
    """

    number: int
    first_end: str | None
    end: str | None
    begun: int
    groups: tuple[Followed, ...]

    def __post_init__(self) -> None:
        """Refuse what no scan writes."""
        if not (1 <= self.number <= MOST and len(self.groups) <= self.begun <= MOST):
            raise ValueError(f"scan {self.number} holds {len(self.groups)} groups of {self.begun}")
        if any(group.last_seen > self.number for group in self.groups):
            raise ValueError(f"a group is seen after scan {self.number}, which is the last")
        for end in (self.first_end, self.end):
            if end is not None:
                datetime.fromisoformat(end)

    def of(self, campaign_id: str) -> Followed | None:
        """How that campaign of this scan stands over the scans."""
        return next((g for g in self.seen_now if g.campaign_id == campaign_id), None)

    @property
    def seen_now(self) -> tuple[Followed, ...]:
        """The groups of this scan."""
        return tuple(g for g in self.groups if g.last_seen == self.number)
