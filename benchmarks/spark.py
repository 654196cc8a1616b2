"""A scan on Spark in one process of Java, beside the same scan on DuckDB, of the same log on the same machine.

    python benchmarks/spark.py                         # 4,000,000 exchanges; an hour, 16 GB of memory
    python benchmarks/spark.py --exchanges 100000 --memory 4GB

Each scan is a fresh process. CPU seconds are those of all its processes: this one takes in those that a scan leaves behind,
Java and its Python workers, and waits for them. Findings are compared as they lie in the two folders.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from machine import machine
from processes import simulated, stillwatch

HERE = Path(__file__).parent
RESULT = HERE / "results" / "spark.json"
TAKE_IN_ORPHANS = 36
"""`PR_SET_CHILD_SUBREAPER` of Linux's prctl."""


def main() -> None:
    """Make the world, scan it twice, write the result."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory(prefix="stillwatch-spark-") as scratch:
        log = simulated(
            Path(scratch) / "log", world=chosen.world, seed=chosen.seed, exchanges=chosen.exchanges
        )
        out = {name: Path(scratch) / name for name in ("duckdb", "spark")}
        document = {
            "what": "one scan on DuckDB and one on Spark in local mode, of the same simulated log",
            "command": f"python benchmarks/spark.py --exchanges {chosen.exchanges} --memory {chosen.memory}",
            "world": chosen.world,
            "seed": chosen.seed,
            "master": chosen.master,
            "machine": machine(),
            "load_before": round(os.getloadavg()[0], 1),
            "scans": {},
        }
        engines = {
            "duckdb": (),
            "spark": ("--engine", "spark", "--master", chosen.master, "--memory", chosen.memory),
        }
        for name, engine in engines.items():
            document["scans"][name] = _scanned(log, out[name], *engine)
            print(name, json.dumps(document["scans"][name]), flush=True)
        told = [json.loads((folder / "findings.json").read_text("ascii")) for folder in out.values()]
    document |= {
        "exchanges": told[0]["run"]["counts"]["scanned"],
        "accounts": told[0]["run"]["counts"]["accounts"],
        "equal_findings": told[0] == told[1],
    }
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(json.dumps(document["scans"]), document["equal_findings"])


def _scanned(log: Path, out: Path, *engine: str) -> dict[str, Any]:
    """Wall and CPU seconds of one scan, with all processes that it started."""
    ctypes.CDLL(None).prctl(TAKE_IN_ORPHANS, 1, 0, 0, 0)
    began, before = os.times().elapsed, _cpu()
    subprocess.run(stillwatch("scan", str(log), "--out", str(out), "--quiet", *engine), check=True)
    wall = os.times().elapsed - began
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    return {"wall": round(wall, 2), "cpu": round(_cpu() - before, 2)}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--world", default="mixed")
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--exchanges", type=int, default=4_000_000)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--memory", default="16GB")
    parser.add_argument("--result", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
