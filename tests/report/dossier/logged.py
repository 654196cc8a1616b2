"""A log of four members' exchanges and one of a stranger."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL

NOON = dt.datetime(2026, 9, 5, 12, tzinfo=dt.UTC)
MEMBERS = [f"acct_001_{i:05d}" for i in range(4)]
PROMPTS = ("Mail jo@corp.example at once", "Solve task 12345", "Grade the answer", None)


def small_log(folder: Path) -> Path:
    """Write it, with accounts and a release."""
    folder.mkdir()
    mine = [
        {"exchange_id": f"x_{a}", "account_id": a, "ts": NOON, "model": "opus-5", "prompt": prompt}
        for a, prompt in zip(MEMBERS, PROMPTS, strict=True)
    ]
    other = {"exchange_id": "y", "account_id": "stranger", "ts": NOON, "model": "opus-5", "prompt": "a@b.cc"}
    accounts = [
        {"account_id": MEMBERS[0], "programmes": ["research"]},
        {"account_id": MEMBERS[1], "org_domain": "corp.example", "banned_at": NOON},
        {"account_id": MEMBERS[2], "banned_at": NOON},
        {"account_id": "stranger", "banned_at": NOON},
    ]
    pq.write_table(_table([*mine, other], EXCHANGE.arrow), folder / "exchanges.parquet")
    pq.write_table(_table(accounts, ACCOUNT.arrow), folder / "accounts.parquet")
    pq.write_table(_table([{"model": "opus-5", "released_at": NOON}], MODEL.arrow), folder / "models.parquet")
    return folder


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)
