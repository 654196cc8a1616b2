"""Who could be behind a campaign, as values: what was compared, how it weighs, which gates hold, what else it could be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

ACTORS = "actors"
"""The actors' file among the inputs of a scan, by its digest."""
Level = Literal["L0", "L1", "L2", "L3a", "L3b"]
Mark = Literal["consistent", "neutral", "inconsistent", "strongly inconsistent"]


@dataclass(frozen=True)
class Compared:
    """One statement on an actor beside what a campaign shows.

    `inside` and `outside` are shares of accounts that show it, of those where it could be seen, in the campaign and in no
    campaign; `holders` counts those of the campaign, `elsewhere` all others. `is_shown` is None where nothing could be seen.
    Nats are against the benign base.
    """

    kind: str
    told: str
    source: str
    code: str
    holders: int
    elsewhere: int
    inside: float
    outside: float
    is_shown: bool | None
    nats: float


@dataclass(frozen=True)
class FamilyOfActor:
    """What one family says of one actor, for (positive) or against (negative), in nats, capped.

    `nats_beside_rival` compares with the actor whom the family fits best of all others. `counts` is False where it could
    follow from somebody else's relay or is no more than corroboration; `why` says so.
    """

    family: str
    nats: float
    nats_beside_rival: float
    is_hard_to_fake: bool
    counts: bool
    why: str
    compared: tuple[Compared, ...]


@dataclass(frozen=True)
class Candidate:
    """An actor beside a campaign, and how likely.

    `low` and `high` are the bounds if other accounts of the campaign had been seen (a bootstrap over accounts), `least` and `most`
    if any one family is not believed.
    """

    actor: str
    actor_class: str
    probability: float
    low: float
    high: float
    least: float
    most: float
    nats: float
    families: tuple[FamilyOfActor, ...]
    expired: int


@dataclass(frozen=True)
class Gate:
    """One condition of the ladder, and whether it holds."""

    level: Level
    asks: str
    is_met: bool
    found: str


@dataclass(frozen=True)
class Row:
    """One piece of evidence in the matrix: a mark for each of H1 to H7, in order."""

    evidence: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Ranked:
    """A standing hypothesis with the inconsistencies that stand against it: fewest first is the order of the matrix."""

    code: str
    hypothesis: str
    inconsistencies: int


@dataclass(frozen=True)
class Review:
    """What a person recorded on a campaign's attribution to an actor."""

    campaign_id: str
    actor: str
    reviewer: str
    agrees: bool


@dataclass(frozen=True)
class OwnRelease:
    """A release of a product of an actor's own near a campaign, as the actors' file dates it."""

    actor: str
    product: str
    day: dt.date
    source: str
    code: str


@dataclass(frozen=True)
class Attributed:
    """All that a scan says of who is behind one campaign.

    `level` is the highest whose gates hold. `candidates` are in order of probability; `unknown` is the probability that it is
    none of them. `missing` is evidence that would tell the hypotheses apart and was not seen. `calendar` holds releases of all
    actors that were compared, in order of time: they carry nothing.
    """

    campaign_id: str
    level: Level
    unknown: float
    candidates: tuple[Candidate, ...]
    gates: tuple[Gate, ...]
    matrix: tuple[Row, ...]
    ranked: tuple[Ranked, ...]
    missing: tuple[str, ...]
    reviews: tuple[Review, ...] = ()
    calendar: tuple[OwnRelease, ...] = ()
