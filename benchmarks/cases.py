"""The scans that detection is measured with: a world, a size, seeds, and what is taken out of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

TEXT = frozenset({"system_prompt", "prompt", "response"})
NETWORK = frozenset({"client_ip", "ja4", "header_profile"})


@dataclass(frozen=True)
class Case:
    """One permanent scenario: scan `world` without the columns and tables named; `exchanges` where its size is its point."""

    world: str
    columns: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    exchanges: int | None = None


CASES: Mapping[str, Case] = {
    "easy": Case("easy"),
    "easy without text": Case("easy", TEXT),
    "easy without network": Case("easy", NETWORK, frozenset({"networks"})),
    "clean": Case("clean"),
    "clean without text": Case("clean", TEXT),
    "clean without network": Case("clean", NETWORK, frozenset({"networks"})),
    "mixed": Case("mixed"),
    "no-content": Case("no-content"),
    "no-network": Case("no-network"),
    "hard": Case("hard"),
    "lowbase": Case("lowbase", exchanges=1_000_000),
}


def of_name(name: str) -> Case:
    """The case of that name, or the whole world of that name."""
    return CASES.get(name, Case(name))


def reduced(world: Path, case: Case, folder: Path) -> Path:
    """The world as the case wants it: itself, or a copy in `folder` without the columns and tables."""
    if not case.columns and not case.tables:
        return world
    folder.mkdir(parents=True)
    for file in sorted(world.iterdir()):
        if file.stem in case.tables:
            continue
        if file.stem == "exchanges":
            _copy_without(file, case.columns, folder / file.name)
        else:
            (folder / file.name).symlink_to(file.resolve())
    return folder


def _copy_without(file: Path, columns: frozenset[str], to: Path) -> None:
    with pq.ParquetFile(file) as log:
        kept = [name for name in log.schema_arrow.names if name not in columns]
        with pq.ParquetWriter(to, log.read_row_group(0, kept).schema, compression="zstd") as writer:
            for group in range(log.num_row_groups):
                writer.write_table(log.read_row_group(group, kept))
