"""What a scan finds, as values: an interval, a campaign, the whole result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from stillwatch.model.attributed import Attributed
from stillwatch.model.case import Cleared
from stillwatch.model.corroborated import Corroboration
from stillwatch.model.kept import KeptFiles
from stillwatch.model.sequence import ScanSequence

Verdict = Literal["distillation", "relay", "coordinated"]

FAMILIES: Mapping[str, str] = {
    "net": "addresses and address ranges that requests come from",
    "client": "the program that makes the requests: TLS, headers, library, parameters",
    "tool": "tools offered to the model, and the fixed system prompt around them",
    "pay": "payment instruments",
    "registration": "how and when accounts were signed up",
    "template": "text shared between prompts, or the shape of requests where no prompt can be read",
    "token": "encrypted reasoning blocks carried from one request to another",
    "time": "when requests are made",
    "pivot": "how an account moves between models and access paths",
    "extraction": "whether the joint traffic builds a training set",
}

WITNESSES: Mapping[str, str] = {
    "net": "network",
    "client": "product",
    "tool": "product",
    "pay": "identity",
    "registration": "identity",
    "template": "content",
    "token": "token",
    "time": "behaviour",
    "pivot": "behaviour",
}
"""Families that follow from one cause testify as one witness (see docs/adr)."""


@dataclass(frozen=True)
class Interval:
    """A count with its uncertainty, low <= best <= high."""

    low: int
    best: int
    high: int


@dataclass(frozen=True)
class Coordination:
    """C1: how sure it is that the accounts act for one party."""

    probability: float
    q_value: float
    log10_bayes_factor: float


@dataclass(frozen=True)
class Distillation:
    """C2: how sure it is that the joint traffic builds a training set."""

    probability: float
    log10_bayes_factor: float


@dataclass(frozen=True)
class CapabilityShare:
    """One capability of a campaign's extraction exchanges; shares sum to 1."""

    capability: str
    share: float
    exchanges: int


@dataclass(frozen=True)
class Attribution:
    """C3: an actor hypothesis; an empty list of them means unknown."""

    actor: str
    level: Literal["L1", "L2", "L3a", "L3b"]
    probability: float
    confidence: Literal["low", "moderate", "high"]


@dataclass(frozen=True)
class Trait:
    """What members share and few others do, by which the campaign can be recognised again.

    `key` is what the door makes of it, 16 hexadecimal digits. `column` is the column of the keyed exchange table in which
    a request carries it; None for a property of the account itself. `text` shows it to people: a public name, a range,
    or a short pseudonym. `parties` inside the campaign hold it and `others` outside; `bits` say how far that sets them apart.
    """

    signal: str
    family: str
    column: str | None
    key: str
    text: str
    parties: int
    others: int
    bits: float
    first_seen: str
    last_seen: str


@dataclass(frozen=True)
class Pointer:
    """A measurement that points to a technique, beside what is ordinary.

    Of a trait, the value is the share of accounts that carry it, in the campaign and outside of it. `line` is what a measurement
    of the whole campaign had to reach; None where its weight as evidence names the technique. `ordinary` is None where too few
    others were measured.
    """

    technique: str
    signal: str
    value: float
    line: float | None
    ordinary: float | None


@dataclass(frozen=True)
class Campaign:
    """A cluster judged within the false-alarm budget. Times are ISO 8601 in UTC."""

    campaign_id: str
    verdict: Verdict
    coordination: Coordination
    distillation: Distillation
    attribution: tuple[Attribution, ...]
    accounts: Interval
    exchanges: Interval
    first_seen: str
    last_seen: str
    capabilities: tuple[CapabilityShare, ...]
    techniques: tuple[str, ...]
    models: tuple[str, ...]
    channels: tuple[str, ...]
    lookalikes: tuple[Lookalike, ...] = ()
    examples: tuple[str, ...] = ()
    traits: tuple[Trait, ...] = ()
    pointers: tuple[Pointer, ...] = ()


@dataclass(frozen=True)
class Lookalike:
    """An innocent explanation that was considered, and what speaks for or against it."""

    name: str
    consistent: bool
    reason: str


@dataclass(frozen=True)
class Programme:
    """An agreement on file, and how many accounts of a group hold it themselves or through their organisation."""

    programme: str
    accounts: int


@dataclass(frozen=True)
class Explained:
    """A linked group that agreements on file explain: no campaign, no verdict, and nobody accused.

    `behaves_as_harvest`: without the agreements it would have been called distillation within the budget.
    `harvest_is_agreed`: it does, and the distillation agreement leaves too few other accounts for a campaign.
    `members` are account ids, the most firmly tied first; they are no part of `findings.json`.
    """

    accounts: int
    exchanges: int
    programmes: tuple[Programme, ...]
    training_set_probability: float
    behaves_as_harvest: bool
    harvest_is_agreed: bool
    members: tuple[str, ...]


@dataclass(frozen=True)
class Stability:
    """How firmly a reported group hangs together when linking is repeated without a part of its evidence.

    `together` is the share of its parties that came out together again, on average over `repeats`, and
    `least_together` in the worst of them. `most_strangers` is how many others came with them at most, as a share
    of the group.
    """

    repeats: int
    together: float
    least_together: float
    most_strangers: float


@dataclass(frozen=True)
class Compared:
    """A linked group beside innocent clusters of its class; it decides no verdict.

    `campaign_id` is None for a group that is not reported, and only a reported one has a stability. `could_be_campaign`:
    by who speaks for it and by its agreements it could have been called distillation; a group that could not is
    not tested, and has no p-value. `bits` is what speaks for a training set in all; `parties` counts principals that can be in one hand.
    `references` is how many innocent clusters it is compared with: none of them is real, see `judge.references`.
    Without any there is no p-value. `is_confirmed`: e-BH keeps it at the level of the scan.
    """

    campaign_id: str | None
    could_be_campaign: bool
    parties: int
    reads_prompts: bool
    reads_addresses: bool
    bits: float
    references: int
    p_value: float | None
    e_value: float | None
    is_confirmed: bool
    stability: Stability | None = None


@dataclass(frozen=True)
class FalseAlarms:
    """All reported groups of a scan in the order of the report, then all others that could have been campaigns.

    `level` is the false discovery rate at which e-BH (Wang and Ramdas, 2022) confirms. `sequence` adds up what the
    scans of the same log said; None in what an older version wrote.
    """

    level: float
    groups: tuple[Compared, ...]
    sequence: ScanSequence | None = None

    def of(self, campaign_id: str) -> Compared | None:
        """How that campaign stands."""
        return next((t for t in self.groups if t.campaign_id == campaign_id), None)

    @property
    def tried(self) -> int:
        """How many groups could have been campaigns."""
        return sum(t.could_be_campaign for t in self.groups)


@dataclass(frozen=True)
class SkippedSignal:
    """A signal that could not run, and why."""

    signal: str
    reason: str


@dataclass(frozen=True)
class Manifest:
    """What a scan was made of. Holds no clock and no machine: the same scan has the same manifest."""

    version: str
    contract_version: str
    seed: int
    false_alarm_budget: float
    window_start: str | None
    window_end: str | None
    rows_read: int
    rows_scanned: int
    rows_rejected: int
    unknown_columns: Mapping[str, int]
    accounts: int
    simulated: bool
    inputs: Mapping[str, str]
    signals_computed: tuple[str, ...]
    signals_skipped: tuple[SkippedSignal, ...]
    settings: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    confirmed: Mapping[str, str] = field(default_factory=dict)
    accounts_let_out: int = 0
    """Accounts of this log whose campaign two people had confirmed in the casebook, and until when that counts; and how many
    that two people had cleared were let out of listings."""


@dataclass(frozen=True)
class Findings:
    """The whole result of a scan.

    `accounts`, `exchanges` and `evidence` are the contract's tables; `activity`, `births` and `ties`
    (schemas in `model.tables`) are what the dossier draws. `rejected` is a JSONL file of the rows that
    broke the contract, if any did. `explained` are linked groups that are no campaigns because of agreements.
    `false_alarms` compares all linked groups with innocent clusters. `attributed` tells of each campaign who could be behind it,
    where actors were given. `cleared` are groups that people cleared and that show nothing new, so that they are not called.
    `kept` says which files were not read because an earlier scan had kept what came out of them; nothing that is written depends on it.
    `corroborated` says of which campaigns others' sightings spoke, and how much that weighed.
    """

    run: Manifest
    campaigns: tuple[Campaign, ...]
    accounts: pa.Table
    exchanges: pa.Table
    evidence: pa.Table
    activity: pa.Table
    births: pa.Table
    ties: pa.Table
    rejected: Path | None = None
    explained: tuple[Explained, ...] = ()
    false_alarms: FalseAlarms | None = None
    attributed: tuple[Attributed, ...] = ()
    cleared: tuple[Cleared, ...] = ()
    kept: KeptFiles | None = None
    corroborated: tuple[Corroboration, ...] = ()

    def of_verdict(self, verdict: Verdict) -> tuple[Campaign, ...]:
        """The campaigns with that verdict, in the order of the report."""
        return tuple(c for c in self.campaigns if c.verdict == verdict)
