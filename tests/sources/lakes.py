"""Tables of Delta and Iceberg as their own packages write them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake
from pyiceberg.catalog.memory import InMemoryCatalog


def delta(folder: Path, states: list[pa.Table]) -> Path:
    """A table whose first state is overwritten by the second, to which the others are appended."""
    for at, rows in enumerate(states):
        write_deltalake(folder, rows, mode="overwrite" if at == 1 else "append")
    return folder


def iceberg(folder: Path, states: list[pa.Table]) -> Path:
    table = catalogue(folder.parent).create_table(
        "log.exchanges", schema=states[0].schema, location=f"file://{folder}"
    )
    for at, rows in enumerate(states):
        (table.overwrite if at == 1 else table.append)(rows)
    return folder


def catalogue(folder: Path) -> InMemoryCatalog:
    made = InMemoryCatalog("lake", warehouse=f"file://{folder}")
    made.create_namespace("log")
    return made
