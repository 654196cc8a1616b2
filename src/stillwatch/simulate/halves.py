"""One simulated log as two providers would see it who serve a half of its accounts each."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def half(world: Path, out: Path, *, which: int) -> None:
    """Every second account of a world, with its exchanges, beginning with the account at `which` (0 or 1)."""
    accounts = pq.read_table(world / "accounts.parquet")
    mine = pa.array(sorted(accounts["account_id"].to_pylist())[which::2])
    out.mkdir()
    for name in ("accounts", "exchanges"):
        table = pq.read_table(world / f"{name}.parquet")
        pq.write_table(table.filter(pc.is_in(table["account_id"], mine)), out / f"{name}.parquet")
    for name in ("models.parquet", "networks.parquet", "SIMULATED"):
        if (world / name).exists():
            (out / name).write_bytes((world / name).read_bytes())
