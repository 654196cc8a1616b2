"""What a provider could do about a campaign, as proposals: the tool proposes, people decide, other systems act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["verify", "throttle", "review", "restrict", "sweep", "canary"]


@dataclass(frozen=True)
class MemberClass:
    """Members of one kind that innocents are likely among: how many, how many of them are expected not to belong.

    `other_exchanges` are exchanges on their accounts that are expected to be no part of the finding; None if unknown.
    """

    name: str
    accounts: int
    expected_innocent: float
    other_exchanges: float | None
    told: str


@dataclass(frozen=True)
class Proposal:
    """One action: proposed or advised against, and why; whom it would touch, what it would cost, who answers for it.

    `owner` is a role. `expires` is the day after which it is void unless somebody looks again.
    """

    action: Action
    is_proposed: bool
    what: str
    why: str
    accounts: int
    expected_innocent: float
    other_exchanges: float | None
    reversibility: str
    appeal: str
    owner: str
    expires: str


@dataclass(frozen=True)
class DisplacementCheck:
    """What to look at 24 to 72 hours after an action: where the traffic went, against what it was before.

    `expected` says what is to be expected by what happened before, or that nothing is known of it.
    """

    from_hours: int
    to_hours: int
    expected: str
    exchanges_a_day: float
    births_a_day: float
    look_for: tuple[str, ...]


@dataclass(frozen=True)
class Options:
    """All that is proposed for one campaign."""

    proposals: tuple[Proposal, ...]
    displacement: DisplacementCheck
    classes: tuple[MemberClass, ...]
