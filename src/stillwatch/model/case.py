"""What a casebook hands to a scan and to people, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

DecisionKind = Literal["confirmed", "cleared", "reopened"]


@dataclass(frozen=True)
class Cleared:
    """A group that this scan found again and does not call, because two people cleared it and nothing about it is new.

    `decided_by` and `agreed_by` are who; `expires` is the day from which it is called again, whatever it does.
    """

    campaign_id: str
    verdict: str
    accounts: int
    exchanges: int
    decided_by: str
    agreed_by: tuple[str, ...]
    reason: str
    expires: str


@dataclass(frozen=True)
class Remembered:
    """A campaign as a casebook knows it: the accounts and marks of its last appearance, and all accounts that it ever had."""

    campaign_id: str
    members: frozenset[str]
    marks: frozenset[tuple[str, str]]
    ever: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """A group of this scan, under the name that the scan gave it; `links` are the families that speak for one party."""

    name: str
    members: frozenset[str]
    marks: frozenset[tuple[str, str]]
    links: frozenset[str]


@dataclass(frozen=True)
class Recalled:
    """Which groups are which campaigns.

    `of` maps the scan's names to lasting ids; `begun` are ids that are new. `merged` maps an id that ends to the one that
    goes on, `split` a new id to the one that it was a part of. `near` pairs a group with a campaign that it may have taken in,
    where a shared relay could explain it.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    begun: tuple[str, ...] = ()
    merged: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)
    near: tuple[tuple[str, str], ...] = ()
