"""The same log written otherwise: in another order, in several files, in other formats, with less in it."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SMALL_TABLES = ("accounts", "networks", "models")


def copied(log: Path, to: Path, exchanges: Callable[[pa.Table], pa.Table] = lambda table: table) -> Path:
    """The log with other exchanges."""
    beside(log, to)
    pq.write_table(exchanges(pq.read_table(log / "exchanges.parquet")), to / "exchanges.parquet")
    return to


def beside(log: Path, to: Path) -> None:
    """All of the log but its exchanges."""
    to.mkdir(parents=True)
    for file in log.iterdir():
        if not file.name.startswith("exchanges"):
            shutil.copy(file, to)


def with_programme(log: Path, to: Path, members: Collection[str], programme: str) -> Path:
    """The log in which those accounts hold that agreement and no other."""
    copied(log, to)
    table = pq.read_table(log / "accounts.parquet")
    rows = [
        row | {"programmes": [programme]} if row["account_id"] in members else row
        for row in table.to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), to / "accounts.parquet")
    return to


def shuffled(log: Path, to: Path) -> Path:
    """All tables in another order, the exchanges in many small row groups."""
    to.mkdir(parents=True)
    rng = np.random.default_rng(5)
    for file in log.glob("*.parquet"):
        table = pq.read_table(file)
        pq.write_table(table.take(rng.permutation(table.num_rows)), to / file.name, row_group_size=4_000)
    shutil.copy(log / "SIMULATED", to)
    return to


def in_parts(log: Path, to: Path) -> Path:
    """The exchanges in five files of unlike size, the last rows first."""
    beside(log, to)
    (to / "exchanges").mkdir()
    table = pq.read_table(log / "exchanges.parquet")
    ends = [0, 10, table.num_rows // 7, table.num_rows // 2, table.num_rows - 1, table.num_rows]
    for number, (start, end) in enumerate(pairwise(ends)):
        pq.write_table(table.slice(start, end - start), to / "exchanges" / f"part-{9 - number}.parquet")
    return to


def as_json_lines(log: Path, to: Path) -> Path:
    """The exchanges as compressed JSON lines, the small tables as plain ones; null is a missing key."""
    to.mkdir(parents=True)
    for name in ("exchanges", *SMALL_TABLES):
        open_text = gzip.open if name == "exchanges" else open
        suffix = ".jsonl.gz" if name == "exchanges" else ".jsonl"
        with open_text(to / f"{name}{suffix}", "wt", encoding="utf-8") as file:
            for row in _rows(log / f"{name}.parquet"):
                file.write(json.dumps({key: value for key, value in row.items() if value is not None}) + "\n")
    shutil.copy(log / "SIMULATED", to)
    return to


def as_csv(log: Path, to: Path) -> Path:
    """All tables as CSV; null is an empty cell, lists are JSON."""
    to.mkdir(parents=True)
    for name in ("exchanges", *SMALL_TABLES):
        with (to / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = _rows(log / f"{name}.parquet")
            table = csv.writer(file)
            for number, row in enumerate(rows):
                if number == 0:
                    table.writerow(row)
                table.writerow([_cell(value) for value in row.values()])
    shutil.copy(log / "SIMULATED", to)
    return to


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for row in pq.read_table(file).to_pylist():
        yield {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()
        }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | bool):
        return json.dumps(value)
    return repr(value) if isinstance(value, float) else str(value)
