"""The yardstick, run in a process of its own: DuckDB reads and decodes columns of a Parquet file once.

    python benchmarks/decode.py THREADS FILE COLUMN,COLUMN     prints CPU and wall seconds of the query

Text columns are summed by length, which touches every value after decoding; all others are hashed.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import duckdb


def main(threads: str, file: str, columns: str) -> None:
    """Run the query and print what it took."""
    connection = duckdb.connect(config={"threads": int(threads)})
    source = "'" + file.replace("'", "''") + "'"
    kinds = {
        row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT {columns} FROM {source}").fetchall()
    }
    terms = [
        f"sum(strlen({name}))" if kind == "VARCHAR" else f"bit_xor(hash({name}))"
        for name, kind in kinds.items()
    ]
    began, spent = time.perf_counter(), cpu_seconds()
    connection.execute(f"SELECT count(*), {', '.join(terms)} FROM {source}").fetchall()
    print(json.dumps({"cpu": cpu_seconds() - spent, "wall": time.perf_counter() - began}))


def cpu_seconds() -> float:
    """CPU seconds of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
