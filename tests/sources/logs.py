"""Small logs for tests: rows as dicts, written as files, read back with what was rejected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.layout import Input, open_input
from stillwatch.sources.rejected import Reject


def exchange(number: int = 1, **changes):
    """A good row; a change to None leaves the key out."""
    row = {
        "exchange_id": f"x{number}",
        "ts": "2026-01-02T03:04:05.000006Z",
        "account_id": "a1",
        "model": "m",
        **changes,
    }
    return {name: value for name, value in row.items() if value is not None}


def jsonl(path: Path, *rows) -> Path:
    """Write rows as JSON lines; a row that is bytes is written as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in rows))
    return path


def parquet(path: Path, columns=None, **changes) -> Path:
    """Write three good rows as Parquet; `changes` replace columns, None leaves one out."""
    table = {
        "exchange_id": pa.array(["x1", "x2", "x3"]),
        "ts": pa.array([1, 2, 3], EXCHANGE["ts"].type),
        "account_id": pa.array(["a1", "a2", "a1"]),
        "model": pa.array(["m", "m", "m"]),
        **(columns or {}),
        **changes,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({name: column for name, column in table.items() if column is not None}), path)
    return path


@dataclass
class Outcome:
    """What reading gave."""

    rows: list[dict]
    rejected: list[dict]
    input: Input
    table: pa.Table

    @property
    def ids(self) -> list[str]:
        """Ids of the good rows in order."""
        return [row["exchange_id"] for row in self.rows]

    @property
    def reasons(self) -> dict[int, str]:
        """Reason of each rejected row by line."""
        return {row["line"]: row["reason"] for row in self.rejected}


def scan(path: Path, table: str = "exchanges", *, failing: bool = False, **others) -> Outcome:
    """Read one table of an input to its end, and check that the counts add up."""
    opened = open_input(path, **others)
    place = path.parent / "rejected.jsonl.out"
    with Reject(place) as reject:
        if table == "exchanges":
            batches = list(opened.exchanges(reject))
            got = pa.Table.from_batches(batches) if batches else pa.table({})
        else:
            got = getattr(opened, table)(reject)
    rejected = [json.loads(line) for line in place.read_text("utf-8").splitlines()]
    place.unlink()
    assert bool(opened.failures) == failing
    assert opened.rows_read[table] == got.num_rows + len(rejected) == got.num_rows + reject.count
    return Outcome(got.to_pylist(), rejected, opened, got)
