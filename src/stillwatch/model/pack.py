"""What a dossier is made of, as values: enough to tell it again, byte for byte, without the log or the findings folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from stillwatch.model.dossier import Release, Told
from stillwatch.model.finding import Campaign, CapabilityShare
from stillwatch.model.recorded import RecordedAssay

PACK_MEMBER = pa.schema(
    [
        ("account_id", pa.string()),
        ("membership", pa.float64()),
        ("verdict", pa.string()),
        ("standing", pa.string()),
        ("exchanges", pa.int64()),
        ("belonging", pa.float64()),
    ]
)
"""The members: `standing` is what is on file of the account, `belonging` how many of its `exchanges` are expected to be
part of the finding; the three are null where no log was at hand."""

AGREEMENT = "agreement on file"
ORGANISATION = "verified organisation"
UNDECLARED = "nothing on file"


@dataclass(frozen=True)
class Block:
    """How many of the members were blocked on a day."""

    day: dt.date
    accounts: int


@dataclass(frozen=True)
class SweepDay:
    """How many exchanges of a capability are expected to belong to the finding on a day."""

    day: dt.date
    capability: str
    exchanges: float


@dataclass(frozen=True)
class Sensitive:
    """How often something stands in the prompts that may belong to a third party; the thing itself is nowhere kept."""

    kind: str
    times: int


@dataclass(frozen=True)
class FromLog:
    """What only the log can add. `found` of the `wanted` exchanges of the finding were in it.

    `examples` are prompts fit to be shown, masked unless `is_unmasked`. `files` are the log's files by SHA-256.
    """

    wanted: int
    found: int
    releases: tuple[Release, ...]
    blocks: tuple[Block, ...]
    sweep: tuple[SweepDay, ...]
    sensitive: tuple[Sensitive, ...]
    examples: tuple[str, ...]
    is_unmasked: bool
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """Who made the dossier and looked at it, and how far it may go.

    `reviewers` reviewed the dossier as a whole; `namers` only who is named in it. `log` tells the state of the casebook whose log the record is from; `custody` who had the evidence in hand, and how it is kept.
    """

    prepared_by: str = ""
    reviewers: tuple[str, ...] = ()
    namers: tuple[str, ...] = ()
    dissent: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    assays: tuple[RecordedAssay, ...] = ()
    tlp: str = "amber+strict"
    permitted: str = "Lead only: verify on your own evidence before you act."
    contact: str = ""
    has_hr8283: bool = False
    log: str = ""
    custody: tuple[str, ...] = ()
    legal_hold: str = ""


@dataclass(frozen=True)
class Extent:
    """The rows of `exchanges.parquet` that name the campaign: how many, how many belong, and a digest of them all.

    The digest does not depend on the order of the rows, nor on what the campaign is called. `capabilities` counts what is expected to belong.
    """

    rows: int
    belonging: float
    digest: str
    capabilities: tuple[CapabilityShare, ...]


@dataclass(frozen=True, eq=False)
class Pack:
    """All of one campaign. `run` and `attributed` are as `findings.json` has them; `sources` are digests of its files.

    `bundle` is a STIX bundle of it for others, as `stillwatch share` wrote it, if one was given.
    """

    run: Mapping[str, Any]
    campaign: Campaign
    told: Told
    beside_innocents: tuple[str, ...]
    attributed: Mapping[str, Any] | None
    extent: Extent
    sources: Mapping[str, str]
    members: pa.Table
    evidence: pa.Table
    log: FromLog | None
    record: Record
    bundle: bytes | None = None
