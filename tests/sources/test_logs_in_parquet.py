"""Logs of other programs in Parquet are known by their rows, not taken for the contract's own tables."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOG = Path(__file__).parent / "logs_of" / "databricks.gateway.jsonl"


def test_a_table_of_another_program_is_recognised_and_read_as_its_json_lines_are(tmp_path):
    rows = [json.loads(line) for line in LOG.read_text().splitlines()]
    names = sorted({name for row in rows for name in row})
    columns = {name: [row.get(name) for row in rows] for name in names}
    texts = {
        name: [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
        for name, values in columns.items()
    }
    pq.write_table(pa.table(texts), tmp_path / "payload.parquet")
    assert [r["exchange_id"] for r in read(tmp_path / "payload.parquet")] == [
        r["exchange_id"] for r in read(LOG)
    ]


def read(path: Path) -> list[dict]:
    return [row for batch in open_input(path).exchanges(Reject()) for row in batch.to_pylist()]
