"""A campaign told for people, as values: what, how sure, what else it could be, what is not claimed.

All text in these values is clean for showing: bounded, without control or direction characters, with
addresses defanged. It is not escaped for any markup: whoever renders it does that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from stillwatch.model.finding import Interval, Pointer, Verdict

ClaimKind = Literal["observed", "inferred", "reported"]


@dataclass(frozen=True)
class Judgement:
    """One of the three questions, answered: likelihood and confidence in separate sentences."""

    code: Literal["C1", "C2", "C3"]
    question: str
    likelihood: str
    confidence: str
    word: str
    probability: float | None
    level: Literal["low", "moderate", "high"] | None


@dataclass(frozen=True)
class Claim:
    """One sentence of the ledger: how it is known, and what it rests on."""

    kind: ClaimKind
    text: str
    basis: str
    bits: float | None = None


@dataclass(frozen=True)
class EvidenceLine:
    """One signal's weight for (positive bits) or against (negative bits) a finding or an account."""

    signal: str
    bits: float
    value: float | None
    base_rate: float | None
    text: str


@dataclass(frozen=True)
class FamilyWeight:
    """The evidence of one family, added up separately for and against."""

    family: str
    meaning: str
    witness: str
    bits_for: float
    bits_against: float
    lines: tuple[EvidenceLine, ...]

    @property
    def bits(self) -> float:
        """What the family adds in all."""
        return self.bits_for + self.bits_against


@dataclass(frozen=True)
class LeftOut:
    """What remains of the evidence if one family is not believed."""

    family: str
    bits_left: float
    witnesses_left: int


@dataclass(frozen=True)
class Bin:
    """A day, or several, on the time axis: exchanges by model, accounts born and accounts blocked."""

    start: dt.date
    exchanges: tuple[int, ...]
    births: int
    blocks: int = 0


@dataclass(frozen=True)
class Release:
    """A model and the day of its release."""

    model: str
    day: dt.date


@dataclass(frozen=True)
class Timeline:
    """Volume and births over time; `exchanges` of each bin follow the order of `models`.

    `releases` are those of models on the axis, and lie over it as a layer of their own. Who released them is not said.
    `elsewhere` are releases of products of actors that were compared, a further layer.
    """

    models: tuple[str, ...]
    bins: tuple[Bin, ...]
    days_a_bin: int
    born_before: int
    releases: tuple[Release, ...] = ()
    elsewhere: tuple[Release, ...] = ()


@dataclass(frozen=True)
class TraitNode:
    """A trait that accounts share, or all further traits of its family taken together (`merged` > 1)."""

    family: str
    signal: str
    text: str
    accounts: int
    bits: float
    merged: int


@dataclass(frozen=True)
class AccountGroup:
    """Accounts whose strongest traits are the same. `ties` holds the accounts tied to each trait, by position."""

    name: str
    accounts: int
    families: tuple[str, ...]
    ties: tuple[int, ...]


@dataclass(frozen=True)
class LinkGraph:
    """Why the accounts belong together: groups of accounts on one side, traits on the other."""

    groups: tuple[AccountGroup, ...]
    traits: tuple[TraitNode, ...]
    accounts: int
    all_traits: int


@dataclass(frozen=True)
class Member:
    """One account of a campaign, and how firmly it belongs."""

    account_id: str
    membership: float
    families: tuple[str, ...]


@dataclass(frozen=True)
class Membership:
    """How firmly the members belong: tenths of probability, the strongest, the weakest, the expected innocent.

    `confirmed` are members whose campaign two people had confirmed before this scan.
    """

    members: int
    tenths: tuple[int, ...]
    strongest: tuple[Member, ...]
    weakest: tuple[Member, ...]
    expected_innocent: float
    confirmed: int = 0


@dataclass(frozen=True)
class Share:
    """One bar: a name, its share of the whole, and its count."""

    name: str
    share: float
    count: int


@dataclass(frozen=True)
class Technique:
    """How a campaign works, by public name, and what points to it.

    `because` stands where no measurement does. `elsewhere` counts simulated campaigns that have none of it and seem to show it, of
    how many; if they are many, it is weak.
    """

    technique_id: str
    name: str
    catalogue: str
    shown_by: tuple[Pointer, ...] = ()
    because: str = ""
    elsewhere: tuple[int, int] | None = None
    is_weak: bool = False


@dataclass(frozen=True)
class Explanation:
    """An innocent explanation that was considered."""

    name: str
    is_consistent: bool
    reason: str


@dataclass(frozen=True)
class Told:
    """What a scan says of a campaign beside its tables: what a dossier draws, gathered, and the innocent explanations tried."""

    timeline: Timeline
    graph: LinkGraph
    lookalikes: tuple[Explanation, ...]
    pointers: tuple[Pointer, ...] = ()


@dataclass(frozen=True)
class Hypothesis:
    """An actor hypothesis in words."""

    actor: str
    level: str
    meaning: str
    word: str
    probability: float
    confidence: str


@dataclass(frozen=True)
class Dossier:
    """A campaign told so that a stranger can check it."""

    campaign_id: str
    verdict: Verdict
    title: str
    summary: str
    accounts: Interval
    exchanges: Interval
    first_seen: str
    last_seen: str
    coordination_bits: float | None
    extraction_bits: float | None
    q_value: float | None
    judgements: tuple[Judgement, ...]
    scope: Mapping[str, str]
    ledger: tuple[Claim, ...]
    timeline: Timeline
    graph: LinkGraph
    membership: Membership
    capabilities: tuple[Share, ...]
    weights: tuple[FamilyWeight, ...]
    left_out: tuple[LeftOut, ...]
    lookalikes: tuple[Explanation, ...]
    hypotheses: tuple[Hypothesis, ...]
    not_claimed: tuple[str, ...]
    techniques: tuple[Technique, ...]
    models: tuple[str, ...]
    channels: tuple[str, ...]
    examples: tuple[str, ...]
    beside_innocents: tuple[str, ...]
