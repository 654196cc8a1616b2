"""Read a simulated world with its truth, as far as capabilities go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

READ = ["exchange_id", "ts", "account_id", "model", "prompt", "tools", "images", "turns", "response_format"]


def joined(world: Path) -> pa.Table:
    """Requests beside their true capability, extraction and campaign, in the order of the truth."""
    held = pq.read_schema(world / "exchanges.parquet").names
    asked = pq.read_table(world / "exchanges.parquet", columns=[name for name in READ if name in held])
    truth = pq.read_table(world.with_name(world.name + ".truth") / "exchanges.parquet")
    at = {identifier: row for row, identifier in enumerate(asked["exchange_id"].to_pylist())}
    rows = pa.array([at.get(identifier) for identifier in truth["exchange_id"].to_pylist()])
    asked = asked.take(rows)
    for name in ("capability", "extraction", "campaign"):
        asked = asked.append_column(name, truth[name])
    return asked.filter(asked["exchange_id"].is_valid())


def exchanges(world: Path) -> Iterator[dict[str, Any]]:
    """One dict per request: prompt, capability, extraction and the properties of an example."""
    for row in joined(world).to_pylist():
        yield {
            "prompt": row["prompt"],
            "capability": row["capability"],
            "extraction": bool(row["extraction"]),
            "tools": len(row["tools"] or ()),
            "images": row["images"] or 0,
            "turns": row["turns"] or 0,
            "json": (row.get("response_format") or "").startswith("json"),
        }
