"""A simulated log with one of so many exchanges of each account, the first among them: the same accounts in a smaller log.

    python benchmarks/thin.py LOG OUT PART

Detection on such a log says little; what its accounts cost does.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def thinned(log: Path, out: Path, part: int) -> Path:
    """The folder `out` with the tables of `log`, and every `part`-th exchange of each account."""
    out.mkdir(parents=True)
    for file in log.iterdir():
        if file.stem != "exchanges":
            shutil.copy(file, out / file.name)
    seen: Counter[str] = Counter()
    with (
        pq.ParquetFile(log / "exchanges.parquet") as file,
        pq.ParquetWriter(out / "exchanges.parquet", file.schema_arrow, compression="zstd") as writer,
    ):
        for batch in file.iter_batches(1 << 16):
            accounts = batch["account_id"].cast(pa.string()).to_pylist()
            writer.write_batch(batch.filter(pa.array(_nth(accounts, seen, part))))
    return out


def _nth(accounts: list[str], seen: Counter[str], part: int) -> list[bool]:
    """Whether each is the first, or another `part`-th, of its account's."""
    chosen = []
    for account in accounts:
        chosen.append(seen[account] % part == 0)
        seen[account] += 1
    return chosen


if __name__ == "__main__":
    thinned(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
