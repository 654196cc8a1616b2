"""Repeated scans of one growing log: a running e-value for each group that holds however often one scans.

For a group, E(t) is the sum of w(s) e(s) over the scans s up to t in which it was seen, with w(s) = 1 / (s (s + 1)).

Proof. If the group is innocent, e(s) is at most 1 on average in each scan s (and 0 where it is not seen), whatever the
other scans said; so E(t) is at most w(1) + ... + w(t) = t / (t + 1) < 1 on average, since sums need no independence.
E(t) only grows, and its limit is at most 1 on average too (monotone convergence), so that the chance that it ever
reaches 1 / a is at most a (Markov, of the limit).

What does not hold: the product of e(s) is no e-value, since the same group is looked at again and again (docs/adr/0020).
e-BH holds at each scan, and not for all that was ever confirmed in one of them. The weights are counted from the
first scan of the sequence, not from the group's own: when a group is first seen may depend on how it looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stillwatch.errors import InputError
from stillwatch.judge.evalue import e_bh
from stillwatch.judge.sketch import likeness
from stillwatch.model.sequence import Followed, ScanSequence

LEAST_ALIKE = 1 / 3
"""Jaccard likeness of two groups of one size that share half of their accounts, or of a group that grew threefold."""
SCANS_KEPT = 8
"""A group that was not seen for so many scans is forgotten, which takes from its value and never adds to it."""


@dataclass(frozen=True)
class Seen:
    """A group of this scan that could be a campaign: its id if it is reported, its e-value if there is one."""

    campaign_id: str | None
    e_value: float | None
    sketch: str


@dataclass(frozen=True)
class Past:
    """What came before a scan, if anything did, and the last time in its own log (ISO 8601, UTC; None without a row)."""

    earlier: ScanSequence | None
    end: str | None

    def __post_init__(self) -> None:
        """Refuse a log that ends before the log of the earlier scan did."""
        if self.earlier is not None and (self.end or "") < (self.earlier.end or ""):
            raise InputError(
                f"The earlier scan (--since) read a log that ends {self.earlier.end}, and this log ends "
                f"{self.end or 'before its first row'}. Give the log that has grown since then, or scan without --since."
            )


def weight(scan: int) -> float:
    """What a scan counts, by its number from 1; all together count 1, fixed before the first."""
    return 1.0 / (scan * (scan + 1))


def follow(seen: Sequence[Seen], past: Past, level: float) -> ScanSequence:
    """The sequence that ends with a scan that saw these groups; e-BH at that level tells them apart."""
    before = past.earlier.groups if past.earlier else ()
    number = past.earlier.number + 1 if past.earlier else 1
    of = continued([s.sketch for s in seen], [b.sketch for b in before])
    begun = (past.earlier.begun if past.earlier else 0) + len(seen) - len(of)
    now = [_next(s, before[of[at]] if at in of else None, number) for at, s in enumerate(seen)]
    kept = e_bh(np.array([group.value for group in now]), level, begun)
    gone = [b for at, b in enumerate(before) if at not in of.values() and number - b.last_seen < SCANS_KEPT]
    return ScanSequence(
        number=number,
        first_end=past.earlier.first_end if past.earlier else past.end,
        end=past.end,
        begun=begun,
        groups=(
            *(_confirmed(group) if kept[at] else group for at, group in enumerate(now)),
            *(replace(group, is_confirmed_over_scans=False) for group in gone),
        ),
    )


def continued(now: Sequence[str], before: Sequence[str]) -> Mapping[int, int]:
    """Which group of now continues which earlier one, by their positions: one to one, the most alike first.

    Who is followed must not hang on how it looks, so the value of a group has no say. Of groups that merge, the one
    that is most alike goes on and the others end; of the parts of a group that splits, one goes on and the others
    begin. What is under `LEAST_ALIKE` begins.
    """
    pairs = [
        (-alike, sketch, before[at], number, at)
        for number, sketch in enumerate(now)
        for at, alike in enumerate(likeness(sketch, before).tolist())
        if alike >= LEAST_ALIKE
    ]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for *_, number, at in sorted(pairs):
        if number not in found and at not in taken:
            found[number] = at
            taken.add(at)
    return found


def _next(seen: Seen, before: Followed | None, number: int) -> Followed:
    term = weight(number) * (seen.e_value or 0.0)
    return Followed(
        campaign_id=seen.campaign_id,
        earlier_id=before.campaign_id if before else None,
        value=term + (before.value if before else 0.0),
        first_seen=before.first_seen if before else number,
        last_seen=number,
        seen=1 + (before.seen if before else 0),
        is_confirmed_over_scans=False,
        first_confirmed=before.first_confirmed if before else None,
        sketch=seen.sketch,
    )


def _confirmed(group: Followed) -> Followed:
    first = group.first_confirmed or group.last_seen
    return replace(group, is_confirmed_over_scans=True, first_confirmed=first)
