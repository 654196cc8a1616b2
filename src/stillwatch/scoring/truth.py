"""A labelled world's truth, as it lies beside the world (`WORLD.truth/`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import InputError
from stillwatch.scoring.rates import Flags

Texts = npt.NDArray[np.object_]
FILES = ("accounts.parquet", "campaigns.json", "exchanges.parquet")


@dataclass(frozen=True)
class TrueCampaign:
    """A planted campaign.

    `attributable` says how much of its actor the log can show: L3b the name, L3a the class, none nothing.
    """

    campaign_id: str
    actor: str
    actor_class: str
    attributable: str
    accounts_active: int
    exchanges_extraction: int
    capabilities: Mapping[str, int]

    @property
    def short_name(self) -> str:
        """The identifier without its last part, which is a running number or a hash."""
        return self.campaign_id.rsplit("-", 1)[0]


@dataclass(frozen=True)
class Truth:
    """What is true of a labelled world: one array item per account, plus the planted campaigns.

    `framed` is the actor whom framing accounts imitate; empty if the world holds none.
    """

    scenario: str
    seed: int
    exchange_count: int
    account_id: pa.Array
    role: Texts
    campaign: Texts
    lookalike: Texts
    campaigns: tuple[TrueCampaign, ...]
    framed: str
    extraction: pa.Table

    @property
    def is_campaign(self) -> Flags:
        """Accounts that truly belong to a campaign."""
        return self.has_role("campaign")

    @property
    def counts(self) -> Flags:
        """Accounts that count for precision and recall: all but those planted to frame somebody."""
        return ~self.has_role("framing")

    def has_role(self, role: str) -> Flags:
        """Accounts of that role."""
        return np.asarray(self.role == role, dtype=np.bool_)


def read_truth(folder: Path) -> Truth:
    """Read the truth of a labelled world."""
    _refuse_incomplete(folder)
    accounts = pq.read_table(folder / "accounts.parquet")
    meta = json.loads((folder / "campaigns.json").read_text(encoding="utf-8"))
    return Truth(
        scenario=str(meta["scenario"]),
        seed=int(meta["seed"]),
        exchange_count=int(meta["exchanges"]),
        account_id=accounts["account_id"].cast(pa.string()).combine_chunks(),
        role=texts(accounts["role"]),
        campaign=texts(accounts["campaign"]),
        lookalike=texts(accounts["lookalike"]),
        campaigns=tuple(_campaign(item) for item in meta["campaigns"]),
        framed=str((meta.get("framing") or {}).get("framed") or ""),
        extraction=_extraction(folder / "exchanges.parquet"),
    )


def texts(column: pa.ChunkedArray) -> Texts:
    """Read a text column as an array of str or None."""
    return np.array(column.cast(pa.string()).to_pylist(), dtype=np.object_)


def _refuse_incomplete(folder: Path) -> None:
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        message = (
            f"cannot score against {folder}: {', '.join(missing)} is not there. Name the truth of a labelled "
            "world, such as WORLD.truth beside the folder that `stillwatch simulate` wrote."
        )
        raise InputError(message)


def _campaign(item: Mapping[str, Any]) -> TrueCampaign:
    return TrueCampaign(
        campaign_id=str(item["id"]),
        actor=str(item["actor"] or ""),
        actor_class=str(item["actor_class"]),
        attributable=str(item["attributable"] or "none"),
        accounts_active=int(item["accounts_active"]),
        exchanges_extraction=int(item["exchanges_extraction"]),
        capabilities={str(name): int(count) for name, count in item["capabilities"].items()},
    )


def _extraction(path: Path) -> pa.Table:
    """Read the exchanges that are part of a harvest: `exchange_id`, `capability`."""
    columns = ["exchange_id", "capability"]
    return pq.read_table(path, columns=columns, filters=[("extraction", "==", True)])
