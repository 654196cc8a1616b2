"""One trial: a campaign is planted, the log with it is scanned, and what the scan says of it is noted."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.bench.design import Cell
from stillwatch.bench.likeness import Likeness
from stillwatch.bench.planting import Planted, plant
from stillwatch.model.finding import Campaign, Findings, Verdict
from stillwatch.scan import scan_input
from stillwatch.settings import Settings
from stillwatch.sources.layout import Input, open_input
from stillwatch.sources.rejected import Reject


@dataclass(frozen=True)
class Trial:
    """One planted campaign and what the scan made of it.

    `verdict` and `probability` (of a training set) are those of the finding of which the planted accounts are more
    than half; `is_found`: that verdict is distillation. `named`: planted accounts in any distillation campaign.
    `newly_named`: the log's own accounts in one, which the scan of the untouched log named in none;
    `no_longer_named`: how many it named there and the planting hid.
    """

    cell: Cell
    repeat: int
    seed: int
    planted_accounts: int
    planted_exchanges: int
    copied_exchanges: int
    is_found: bool
    verdict: Verdict | None
    probability: float | None
    named: int
    newly_named: tuple[str, ...]
    no_longer_named: int


@dataclass(frozen=True)
class Ground:
    """What all trials of a rehearsal share: the log, its likeness, the accounts named in it, and the settings."""

    log: Input
    like: Likeness
    named: frozenset[str]
    settings: Settings
    camouflage: float


def tried(ground: Ground, cell: Cell, *, repeat: int, seed: int, scratch: Path) -> Trial:
    """Plant, scan and compare; the planted copy lies below `scratch` while the scan runs, and is then removed."""
    with tempfile.TemporaryDirectory(prefix="planted-", dir=scratch) as name, Reject() as reject:
        folder = Path(name)
        planted = plant(ground.like, cell, folder, camouflage=ground.camouflage, seed=seed)
        findings = scan_input(ground.log.followed_by(open_input(folder)), reject, settings=ground.settings)
    return _compared(ground, cell, planted, findings, repeat=repeat, seed=seed)


def named_accounts(findings: Findings) -> frozenset[str]:
    """The accounts that a scan names as members of distillation campaigns."""
    table = findings.accounts
    return frozenset(table.filter(pc.equal(table["verdict"], "campaign"))["account_id"].to_pylist())


def _compared(
    ground: Ground, cell: Cell, planted: Planted, findings: Findings, *, repeat: int, seed: int
) -> Trial:
    best = _holding(planted, findings)
    named = named_accounts(findings)
    own = named - planted.account_ids
    return Trial(
        cell=cell,
        repeat=repeat,
        seed=seed,
        planted_accounts=len(planted.account_ids),
        planted_exchanges=planted.exchanges,
        copied_exchanges=planted.copied,
        is_found=best is not None and best.verdict == "distillation",
        verdict=best.verdict if best else None,
        probability=best.distillation.probability if best else None,
        named=len(named & planted.account_ids),
        newly_named=tuple(sorted(own - ground.named)),
        no_longer_named=len(ground.named - own),
    )


def _holding(planted: Planted, findings: Findings) -> Campaign | None:
    """The finding of which more than half of the accounts are planted; of several, distillation before others."""
    mine = _counts(findings.accounts, planted.account_ids)
    all_of_it = _counts(findings.accounts, None)
    fitting = [
        c for c in findings.campaigns if 2 * mine.get(c.campaign_id, 0) > all_of_it.get(c.campaign_id, 0)
    ]
    order = ("distillation", "relay", "coordinated")
    return min(
        fitting, key=lambda c: (order.index(c.verdict), -mine[c.campaign_id], c.campaign_id), default=None
    )


def _counts(accounts: pa.Table, only: frozenset[str] | None) -> Mapping[str, int]:
    """Accounts by finding, all or only some of them."""
    table = accounts.filter(pc.is_valid(accounts["campaign_id"]))
    if only is not None:
        table = table.filter(pc.is_in(table["account_id"], value_set=pa.array(sorted(only), pa.string())))
    return {one["values"]: one["counts"] for one in pc.value_counts(table["campaign_id"]).to_pylist()}
