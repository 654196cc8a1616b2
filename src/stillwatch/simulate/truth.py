"""What a world knows of itself: roles, campaigns, and the counts they are scored by."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.model.tables import CAPABILITIES
from stillwatch.simulate.arrays import Rows
from stillwatch.simulate.assumptions.techniques import exercised
from stillwatch.simulate.campaigns import Campaign
from stillwatch.simulate.group import Group
from stillwatch.simulate.planting import Planted
from stillwatch.simulate.rhythm import DAY

EXCHANGE_TRUTH = pa.schema(
    [
        ("exchange_id", pa.string()),
        ("role", pa.string()),
        ("extraction", pa.bool_()),
        ("capability", pa.string()),
        ("campaign", pa.string()),
    ]
)
ACCOUNT_TRUTH = pa.schema(
    [(n, pa.string()) for n in ("account_id", "role", "campaign", "actor", "lookalike", "group")]
)


@dataclass
class Count:
    """Running counts of one campaign: its exchanges through any account, and its own accounts in use."""

    exchanges: int = 0
    extraction: int = 0
    first: int | None = None
    last: int | None = None
    active: set[int] = field(default_factory=set)
    capabilities: Any = field(default_factory=lambda: np.zeros(len(CAPABILITIES), dtype=np.int64))


class Truth:
    """Collects the truth while a world is written."""

    def __init__(self, folder: Path, groups: Sequence[Group], planted: Planted, start: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.groups, self.planted, self.start = folder, groups, planted, start
        self._writer = pq.ParquetWriter(folder / "exchanges.parquet", EXCHANGE_TRUTH, compression="zstd")
        self.names = [c.identifier for c in planted.campaigns]
        self.counts = [Count() for _ in self.names]
        self.campaign_of_group = np.array(
            [self.names.index(g.campaign) if g.campaign else -1 for g in groups], dtype=np.int64
        )
        self.exchanges = 0

    def add(self, ids: pa.Array, rows: Rows) -> None:
        """Note the rows of one day."""
        self.exchanges += len(ids)
        roles = pa.array([g.role for g in self.groups]).take(pa.array(rows["group"]))
        home = self.campaign_of_group[rows["group"]]
        owner = np.where(rows["owner"] >= 0, rows["owner"], home)
        campaigns = pa.array([*self.names, None], pa.string()).take(pa.array(owner % (len(self.names) + 1)))
        capabilities = pa.array(CAPABILITIES).take(pa.array(rows["capability"]))
        table = pa.table(
            [ids, roles, pa.array(rows["extraction"]), capabilities, campaigns], schema=EXCHANGE_TRUTH
        )
        self._writer.write_table(table)
        for number, count in enumerate(self.counts):
            mine = owner == number
            if mine.any():
                kept = {n: rows[n][mine] for n in ("ts", "account", "extraction", "capability")}
                _count(count, kept | {"home": home[mine] == number}, self.start)

    def close(self, *, scenario: str, seed: int, ids: pa.Array, buyer: str | None) -> None:
        """Write the account truth and the summary of the campaigns."""
        self._writer.close()
        planted = self.planted
        pq.write_table(
            self._accounts(ids, planted.campaigns), self.folder / "accounts.parquet", compression="zstd"
        )
        summary: dict[str, Any] = {
            "scenario": scenario,
            "seed": seed,
            "exchanges": self.exchanges,
            "accounts": len(ids),
            "campaigns": [
                {**self._summary(*pair), **_together(pair[0], planted, self.start)}
                for pair in zip(planted.campaigns, self.counts, strict=True)
            ],
        }
        if buyer:
            summary["off_platform"] = {"actor": buyer, "techniques": ["SWT-S01"]}
        if planted.framed:
            summary["framing"] = {"framed": planted.framed}
        (self.folder / "campaigns.json").write_text(
            json.dumps(summary, indent=1, sort_keys=True) + "\n", "utf-8"
        )

    def _accounts(self, ids: pa.Array, campaigns: Sequence[Campaign]) -> pa.Table:
        actors = {c.identifier: c.plan.actor for c in campaigns}
        sizes = np.array([len(g) for g in self.groups])

        def spread(values: Sequence[str | None]) -> pa.Array:
            return pa.array(values, pa.string()).take(pa.array(np.repeat(np.arange(len(sizes)), sizes)))

        columns = [
            ids,
            spread([g.role for g in self.groups]),
            spread([g.campaign for g in self.groups]),
            spread([actors.get(g.campaign or "") for g in self.groups]),
            spread([g.lookalike for g in self.groups]),
            pa.array([name for g in self.groups for name in _parties(g)], pa.string()),
        ]
        return pa.table(columns, schema=ACCOUNT_TRUTH).sort_by("account_id")

    @staticmethod
    def _summary(campaign: Campaign, count: Count) -> Mapping[str, Any]:
        plan = campaign.plan
        shares = {name: int(n) for name, n in zip(CAPABILITIES, count.capabilities, strict=True) if n}
        return {
            "id": campaign.identifier,
            "archetype": plan.archetype,
            "actor": plan.actor,
            "actor_class": plan.actor_class,
            "attributable": plan.attributable,
            "accounts": len(campaign.group),
            "accounts_active": len(count.active),
            "exchanges_total": count.exchanges,
            "exchanges_extraction": count.extraction,
            "first_seen": count.first,
            "last_seen": count.last,
            "capabilities": shares,
            "techniques": list(exercised(plan)),
        }


def _together(campaign: Campaign, planted: Planted, start: int) -> Mapping[str, Any]:
    """With whom it works as one, and from when to when; nothing for a campaign that stands alone."""
    wanted, borrowed = campaign.plan.together, campaign.group.borrowed
    if wanted is None or borrowed is None:
        return {}
    host = next(c for c in planted.campaigns if c.plan.archetype == wanted.archetype)
    first, last = (start + int(day * DAY) for day in (borrowed.first_day, borrowed.last_day))
    return {"together": {"with": host.identifier, "from": first, "to": last}}


def _parties(group: Group) -> list[str | None]:
    if int(np.bincount(group.party).max()) < 2:
        return [None] * len(group)
    return [f"{group.campaign or group.lookalike}-{party}" for party in group.party]


def _count(count: Count, mine: Rows, start: int) -> None:
    early, late = int(mine["ts"].min()) + start, int(mine["ts"].max()) + start
    count.exchanges += len(mine["ts"])
    count.first = early if count.first is None else min(count.first, early)
    count.last = late if count.last is None else max(count.last, late)
    count.active.update(np.unique(mine["account"][mine["home"]]).tolist())
    harvest = mine["extraction"].astype(bool)
    count.extraction += int(harvest.sum())
    count.capabilities += np.bincount(mine["capability"][harvest], minlength=len(CAPABILITIES))
