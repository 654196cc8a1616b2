"""A simulated log with one of so many exchanges of each account: the same accounts in a smaller log.

    python benchmarks/thin.py LOG OUT PART

Detection on such a log says little; what its accounts cost does.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def thinned(log: Path, out: Path, part: int) -> Path:
    """The folder `out` with the tables of `log`, and every `part`-th of its exchanges."""
    out.mkdir(parents=True)
    for file in log.iterdir():
        if file.stem != "exchanges":
            shutil.copy(file, out / file.name)
    with (
        pq.ParquetFile(log / "exchanges.parquet") as file,
        pq.ParquetWriter(out / "exchanges.parquet", file.schema_arrow, compression="zstd") as writer,
    ):
        for batch in file.iter_batches(1 << 16):
            writer.write_batch(batch.take(pa.array(np.arange(0, batch.num_rows, part))))
    return out


if __name__ == "__main__":
    thinned(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
