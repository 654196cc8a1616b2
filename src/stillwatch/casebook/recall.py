"""The same campaign next week: a group goes on under the id of the one whose accounts, or whose marks, it has.

Accounts come first. A campaign that replaces all its accounts is known by its marks: traits of two witnesses, one of them
what is asked, since a relay brings address, program and card to all who use it. Who is followed never hangs on how a group
looks, and nothing that was ever given an id loses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stillwatch.model.case import Found, Recalled, Remembered
from stillwatch.model.finding import WITNESSES

LEAST_ALIKE = 1 / 3
"""Jaccard likeness of accounts from which a group goes on, as over the scans of one log (docs/adr/0025)."""
PART = 0.5
"""So large a part of one group in another is that group, grown, shrunk, merged or split."""
FEWEST_SHARED = 4
"""Fewer accounts in common say nothing."""
ASKED = frozenset({"content", "token"})
RELAYED = frozenset({"network", "product"})
"""Witnesses that a relay brings to all who use it; together they are one."""


def recall(
    found: Sequence[Found], known: Sequence[Remembered], *, year: str, taken: frozenset[str]
) -> Recalled:
    """Who is who. `known` are campaigns that have not ended, `taken` all ids ever given; `year` is of the log's end."""
    of: dict[str, str] = {}
    for _, name, campaign_id in sorted(_pairs(found, known)):
        if name not in of and campaign_id not in of.values():
            of[name] = campaign_id
    begun: list[str] = []
    for group in found:
        if group.name not in of:
            of[group.name] = _next(year, taken | set(begun))
            begun.append(of[group.name])
    merged, near = _merged(found, known, of)
    return Recalled(of, tuple(begun), merged, _split(found, known, of, begun), near)


def _pairs(found: Sequence[Found], known: Sequence[Remembered]) -> Iterator[tuple[float, str, str]]:
    """Likenesses that are enough to go on, the greatest first; accounts before marks."""
    for group in found:
        for campaign in known:
            alike = _alike(group.members, campaign.members)
            if alike:
                yield -1 - alike, group.name, campaign.campaign_id
            elif (shared := _marked(group, campaign)) > 0:
                yield -shared, group.name, campaign.campaign_id


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard likeness of accounts; 0 if it is too little to go on."""
    shared = len(one & other)
    if shared < FEWEST_SHARED:
        return 0.0
    jaccard = shared / len(one | other)
    is_part = shared >= PART * min(len(one), len(other))
    return jaccard if jaccard >= LEAST_ALIKE or is_part else 0.0


def _marked(group: Found, campaign: Remembered) -> float:
    """Likeness of marks, if two witnesses share some, one of them of what is asked; else 0."""
    shared = group.marks & campaign.marks
    witnesses = {WITNESSES.get(family, family) for family, _ in shared}
    if not witnesses & ASKED or len(_independent(witnesses)) < 2:
        return 0.0
    return len(shared) / max(1, min(len(group.marks), len(campaign.marks))) / 2


def _independent(witnesses: set[str]) -> set[str]:
    """Witnesses, with those that one relay explains as one."""
    return {"relay" if witness in RELAYED else witness for witness in witnesses}


def _merged(
    found: Sequence[Found], known: Sequence[Remembered], of: Mapping[str, str]
) -> tuple[Mapping[str, str], tuple[tuple[str, str], ...]]:
    """Campaigns most of whose accounts are now in a group that goes on as another one."""
    merged: dict[str, str] = {}
    near: list[tuple[str, str]] = []
    for campaign in known:
        if campaign.campaign_id in of.values():
            continue
        for group in found:
            shared = len(campaign.members & group.members)
            if shared < FEWEST_SHARED or shared < PART * len(campaign.members):
                continue
            witnesses = {WITNESSES.get(family, family) for family in group.links}
            if len(_independent(witnesses)) >= 2:
                merged[campaign.campaign_id] = of[group.name]
            else:
                near.append((of[group.name], campaign.campaign_id))
    return merged, tuple(near)


def _split(
    found: Sequence[Found], known: Sequence[Remembered], of: Mapping[str, str], begun: Sequence[str]
) -> Mapping[str, str]:
    """New groups most of whose accounts were at some time in a campaign that is known: of several, the one that had most.

    A part that comes off may not be seen for a scan, since what it does has to show by itself; so all scans count.
    """
    split: dict[str, str] = {}
    for group in (g for g in found if of[g.name] in begun):
        parts = [(len((c.members | c.ever) & group.members), c.campaign_id) for c in known]
        shared, whole = max(parts, key=lambda part: (part[0], part[1]), default=(0, ""))
        if shared >= FEWEST_SHARED and shared >= PART * len(group.members):
            split[of[group.name]] = whole
    return split


def _next(year: str, taken: frozenset[str] | set[str]) -> str:
    """The first free number of a year."""
    prefix = f"UDC-{year}-"
    numbers = [int(t.removeprefix(prefix)) for t in taken if t.startswith(prefix)]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"
