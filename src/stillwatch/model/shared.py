"""What leaves the house: findings told for machines, already reduced to what their tier allows.

Nothing here is raw unless its tier says so. Whoever renders these values cannot tell more than they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stillwatch.model.finding import Attribution, CapabilityShare, Interval, Verdict

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
"""The Traffic Light Protocol 2.0, the most open first."""

Kind = Literal["template", "client", "token", "network", "payment", "registration", "account"]
"""What an indicator recognises: texts, programs, reasoning blocks, address ranges, cards, sign-ups, accounts."""


@dataclass(frozen=True)
class Handling:
    """What a reader may do with it: how far it may go, what kind of thing it holds at most, and what it is good for."""

    tlp: Tlp
    tier: int
    permitted: str


@dataclass(frozen=True)
class Producer:
    """Who shares."""

    name: str
    contact: str | None = None


@dataclass(frozen=True)
class Indicator:
    """By what others, or a guard, can recognise a finding again, until when.

    `reference` stands for it in identifiers, the same with whatever circle it is shared. `token` stands for the value without
    giving it away, for who can compare it. `value` is the value itself where its tier lets it be plain.
    `column` and `key` are what the door makes of a request that carries it, and `account_id` an account: in a watchlist of
    one's own only. `confidence` (0 to 100) says how far carrying it speaks for belonging.
    """

    kind: Kind
    signal: str
    reference: str
    token: str
    value: str | None
    parties: int
    others: int
    confidence: int
    first_seen: str
    last_seen: str
    valid_from: str
    valid_until: str
    column: str | None = None
    key: str | None = None
    account_id: str | None = None


@dataclass(frozen=True)
class View:
    """Another view than the finding's own: what else it could be, or that somebody in the house disagrees. It names nobody."""

    on: Literal["finding", "attribution"]
    stance: Literal["neutral", "disagree"]
    text: str


@dataclass(frozen=True)
class SharedFinding:
    """One finding. `reference` stands for it in identifiers: the same campaign keeps it when its number changes.

    `aliases` are numbers under which it was told before.
    """

    reference: str
    name: str
    verdict: Verdict
    one_party: float
    training_set: float
    accounts: Interval
    exchanges: Interval
    first_seen: str
    last_seen: str
    capabilities: tuple[CapabilityShare, ...]
    techniques: tuple[str, ...]
    models: tuple[str, ...]
    channels: tuple[str, ...]
    attribution: tuple[Attribution, ...]
    indicators: tuple[Indicator, ...]
    views: tuple[View, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shared:
    """What one export tells. `made` is the end of the scanned log, so that the same findings give the same bytes.

    `retraction` is why the findings are withdrawn, None if they are not.
    """

    producer: Producer
    handling: Handling
    made: str
    version: str
    simulated: bool
    findings: tuple[SharedFinding, ...]
    retraction: str | None = None
