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
from stillwatch.simulate.campaigns import Campaign
from stillwatch.simulate.group import Group
from stillwatch.simulate.planting import Planted

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
    """Running counts of one campaign."""

    exchanges: int = 0
    extraction: int = 0
    first: int | None = None
    last: int | None = None
    active: set[int] = field(default_factory=set)
    capabilities: Any = field(default_factory=lambda: np.zeros(len(CAPABILITIES), dtype=np.int64))


class Truth:
    """Collects the truth while a world is written."""

    def __init__(self, folder: Path, groups: Sequence[Group], start: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.groups, self.start = folder, groups, start
        self._writer = pq.ParquetWriter(folder / "exchanges.parquet", EXCHANGE_TRUTH, compression="zstd")
        self.counts: dict[int, Count] = {i: Count() for i, g in enumerate(groups) if g.campaign}
        self.exchanges = 0

    def add(self, ids: pa.Array, rows: Rows) -> None:
        """Note the rows of one day."""
        self.exchanges += len(ids)
        roles = pa.array([g.role for g in self.groups]).take(pa.array(rows["group"]))
        campaigns = pa.array([g.campaign for g in self.groups], pa.string()).take(pa.array(rows["group"]))
        capabilities = pa.array(CAPABILITIES).take(pa.array(rows["capability"]))
        table = pa.table(
            [ids, roles, pa.array(rows["extraction"]), capabilities, campaigns], schema=EXCHANGE_TRUTH
        )
        self._writer.write_table(table)
        for number, count in self.counts.items():
            mine = rows["group"] == number
            if mine.any():
                _count(
                    count,
                    {n: rows[n][mine] for n in ("ts", "account", "extraction", "capability")},
                    self.start,
                )

    def close(self, *, scenario: str, seed: int, ids: pa.Array, planted: Planted) -> None:
        """Write the account truth and the summary of the campaigns."""
        self._writer.close()
        pq.write_table(
            self._accounts(ids, planted.campaigns), self.folder / "accounts.parquet", compression="zstd"
        )
        summary: dict[str, Any] = {
            "scenario": scenario,
            "seed": seed,
            "exchanges": self.exchanges,
            "accounts": len(ids),
            "campaigns": [self._summary(c) for c in planted.campaigns],
        }
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

    def _summary(self, campaign: Campaign) -> Mapping[str, Any]:
        number = next(i for i, g in enumerate(self.groups) if g is campaign.group)
        count, plan = self.counts[number], campaign.plan
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
        }


def _parties(group: Group) -> list[str | None]:
    if int(np.bincount(group.party).max()) < 2:
        return [None] * len(group)
    return [f"{group.campaign or group.lookalike}-{party}" for party in group.party]


def _count(count: Count, mine: Rows, start: int) -> None:
    early, late = int(mine["ts"].min()) + start, int(mine["ts"].max()) + start
    count.exchanges += len(mine["ts"])
    count.first = early if count.first is None else min(count.first, early)
    count.last = late if count.last is None else max(count.last, late)
    count.active.update(np.unique(mine["account"]).tolist())
    harvest = mine["extraction"].astype(bool)
    count.extraction += int(harvest.sum())
    count.capabilities += np.bincount(mine["capability"][harvest], minlength=len(CAPABILITIES))
