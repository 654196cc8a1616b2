"""The yardstick, run in a process of its own: DuckDB reads and decodes columns of a Parquet file once.

    python benchmarks/decode.py THREADS FILE COLUMN,COLUMN     prints CPU and wall seconds of the query, and bytes of prompts

The prompt is summed by length and every other column is hashed, so that each value is looked at after decoding.
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
    terms = [
        f"sum(strlen({name}))" if name == "prompt" else f"bit_xor(hash({name}))"
        for name in columns.split(",")
    ]
    began, spent = time.perf_counter(), cpu_seconds()
    ((_, *looked),) = connection.execute(f"SELECT count(*), {', '.join(terms)} FROM {source}").fetchall()
    took = {"cpu": cpu_seconds() - spent, "wall": time.perf_counter() - began}
    print(
        json.dumps({**took, "prompt_bytes": dict(zip(columns.split(","), looked, strict=True)).get("prompt")})
    )


def cpu_seconds() -> float:
    """CPU seconds of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
