"""What a campaign and a world are described by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Attributable = Literal["L3a", "L3b"]
Wording = Literal[
    "template", "paraphrase", "human", "injected", "posthoc", "pretext", "laundered", "language", "search", "task",
    "media", "harness", "stored", "cleaned", "crossed", "teacher", "arbitrage",
]  # fmt: skip


@dataclass(frozen=True)
class Phase:
    """A part of a campaign that asks something else, or more or less.

    `begins` is a share of the campaign's duration, `pace` a factor on its daily volume, and `weights` the
    share of each kind of extraction (all zero: only other customers' traffic; none: as ever).
    """

    begins: float
    pace: float = 1.0
    weights: tuple[float, ...] = ()


@dataclass(frozen=True)
class Together:
    """With whom a campaign works: from a share of the world's time to another it uses what the other one has."""

    archetype: str
    begins: float = 0.0
    ends: float = 1.0


@dataclass(frozen=True)
class Plan:
    """How one campaign works.

    `accounts` and `volume` are shares relative to the world's other campaigns; `each`, where given, is the
    mean number of exchanges of an account and replaces `volume`. `cover` is the share of the accounts'
    traffic that is not extraction (-1 = drawn for each account, as on a relay with customers); `harvest`,
    where given, is the mean share that is.

    `bystanders` are accounts of the same relay without any extraction, and `spill` the share of an account's
    traffic that belongs to the other labs on the relay; both relative to the campaign. `programmes` are held
    by `programme_share` of the accounts. A `lasting` campaign goes on to the end of the world's time.
    """

    archetype: str
    capabilities: tuple[tuple[str, float], ...]
    accounts: float = 1.0
    volume: float = 1.0
    actor: str | None = None
    actor_class: str = "unknown"
    attributable: Attributable | None = None
    cards: Literal["shared", "unique"] = "shared"
    rhythm: Literal["beats", "flat", "human", "office"] = "flat"
    exits: Literal["proxy", "unique", "hosting", "relay"] = "proxy"
    client: Literal["own", "popular", "relay", "many"] = "popular"
    channels: tuple[tuple[str, float], ...] = (("api", 1.0),)
    wording: Wording = "template"
    cover: float = 0.03
    life: Literal["steady", "growing", "churn", "spare", "owned"] = "steady"
    pivots: bool = False
    replays: bool = False
    slow: bool = False
    each: float | None = None
    harvest: float | None = None
    bystanders: float = 0.0
    spill: float = 0.0
    identity: Literal["campaign", "company"] = "campaign"
    programmes: tuple[str, ...] = ()
    programme_share: float = 1.0
    subscription: str | None = None
    phases: tuple[Phase, ...] = ()
    branded: bool = False
    canaries: bool = False
    fails_over: bool = False
    apart: bool = False
    together: Together | None = None
    lasting: bool = False

    @property
    def on_shared_relay(self) -> bool:
        """Whether the plan's relay carries the world's other plans of that name too."""
        return self.archetype.startswith("shared-relay")

    @property
    def extracts(self) -> bool:
        """Whether there is a campaign at all: a pool may carry customers only."""
        return self.harvest is None or self.harvest > 0


@dataclass(frozen=True)
class WorldPlan:
    """One named world: its campaigns, its innocents and what is left out of its tables.

    `population` names the innocent classes (`assumptions/populations.py`); `buyer` is an actor who is told
    of beforehand and has no traffic in the log.
    """

    name: str
    description: str
    plans: tuple[Plan, ...] = ()
    exchanges: int = 300_000
    exchanges_per_account: float = 33.0
    bad_accounts: float = 0.085
    bad_volume: float = 0.22
    fixed_bad_accounts: int | None = None
    copies: int = 1
    framing: bool = False
    framing_accounts: float | None = None
    without: frozenset[str] = frozenset()
    broken: bool = False
    like: str | None = None
    population: str = "ordinary"
    buyer: str | None = None
    days: int = 28

    @property
    def drawn_as(self) -> str:
        """The name that seeds the world: variants of a world hold the same traffic."""
        return self.like or self.name


def staff_domain(actor: str) -> str:
    """The mail domain of an actor's staff."""
    return f"{actor.rsplit(maxsplit=1)[-1].lower()}-research.example"


def product_name(actor: str) -> str:
    """What an actor calls its own assistant."""
    return f"{actor.rsplit(maxsplit=1)[-1]} Chat"
