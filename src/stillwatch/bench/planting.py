"""One simulated campaign as a small log of its own, to be read after the operator's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.bench.design import Cell
from stillwatch.bench.disguise import account_rows, disguise, disguise_accounts
from stillwatch.bench.likeness import Likeness
from stillwatch.bench.scene import scene
from stillwatch.bench.stealth import planned
from stillwatch.model.tables import EXCHANGE
from stillwatch.simulate.arrays import hex_strings, mix, salt
from stillwatch.simulate.campaigns import Campaign
from stillwatch.simulate.scene import Scene
from stillwatch.simulate.single import accounts, draw, exchanges


@dataclass(frozen=True)
class Planted:
    """What was planted: the accounts that made an exchange, their exchanges, and how many of these are copies."""

    account_ids: frozenset[str]
    exchanges: int
    copied: int


def plant(log: Likeness, cell: Cell, folder: Path, *, camouflage: float, seed: int) -> Planted:
    """Draw a campaign of that kind and write its two tables into the folder, which is empty."""
    plan = planned(cell.archetype, cell.stealth, camouflage)
    stage = scene(log, seed, frozenset(name for name, _ in plan.channels))
    campaign = draw(stage, plan, accounts=cell.accounts, rate=cell.rate)
    hidden = hex_strings(mix(np.arange(cell.accounts), salt("account", seed))).to_pylist()
    ids = pa.array(log.new_account_ids(hidden), pa.string())
    _write_accounts(log, stage, campaign, ids, folder / "accounts.parquet")
    return _write_exchanges(log, stage, campaign, ids, folder / "exchanges.parquet")


def _write_accounts(log: Likeness, stage: Scene, campaign: Campaign, ids: pa.Array, path: Path) -> None:
    if log.account_columns:
        disguise_accounts(campaign.group, log, stage.rng("disguise", "accounts"))
        table = accounts(stage, campaign, ids, log.account_null_rates)
        pq.write_table(account_rows(table, log), path)


def _write_exchanges(log: Likeness, stage: Scene, campaign: Campaign, ids: pa.Array, path: Path) -> Planted:
    like = disguise(log, campaign.group, stage.rng("disguise"), is_human=campaign.plan.wording == "human")
    schema = pa.schema([field for field in EXCHANGE.arrow if field.name in log.columns])
    seen: set[str] = set()
    rows, copied = 0, 0
    with pq.ParquetWriter(path, schema) as writer:
        for number, drawn in enumerate(exchanges(stage, campaign, ids, log.null_rates)):
            made, is_copy = like.rows(drawn, stage.rng("copies", number))
            writer.write_table(made)
            seen.update(pc.unique(made["account_id"]).to_pylist())
            rows, copied = rows + made.num_rows, copied + is_copy
    return Planted(frozenset(seen), rows, copied)
