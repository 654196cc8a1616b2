"""What a scan costs, beside what DuckDB needs to read and decode the same columns once, in the same run.

    python benchmarks/cost.py                         # 1,000,000 exchanges, three runs of each
    python benchmarks/cost.py --exchanges 100000 --runs 1
    python benchmarks/cost.py --log DIR               # a log that is already there

CPU seconds are the figure that compares: wall time moves with whatever else the machine does. Every measurement is
a fresh process; the kinds take turns, so that a busy minute falls on all of them. A first turn of each is not counted:
it compiles the kernels and fills the file cache. D is the CPU of the decoding query alone; what the same process needs
to start is told beside it. The scan is charged with everything, its start included.

Answers in simulated logs are far shorter than their own token counts say, so that there is little to decode. The same is
measured again with texts of the length that the counts say (`lengthen.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from machine import machine
from processes import columns_of, run, simulated, stillwatch

HERE = Path(__file__).parent
RESULT = HERE / "results" / "cost.json"
MOST_RATIO = 12.0
MOST_GIB = 3.0


def main() -> None:
    """Make the world, measure, write the result, print it."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory(prefix="stillwatch-cost-") as scratch:
        log = chosen.log or simulated(
            Path(scratch) / "log", world=chosen.world, seed=chosen.seed, exchanges=chosen.exchanges
        )
        document = _measured(log, Path(scratch), chosen)
        if not chosen.log:
            longer = Path(scratch) / "longer"
            run(sys.executable, str(HERE / "lengthen.py"), str(log), str(longer))
            document["texts_as_long_as_their_tokens"] = _measured(longer, Path(scratch), chosen)
    chosen.result.parent.mkdir(parents=True, exist_ok=True)
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    _show(document)


def _measured(log: Path, scratch: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    columns = columns_of(log)
    file = str(log / "exchanges.parquet")
    threads = str(chosen.threads)
    out = str(scratch / "findings")
    decode = (sys.executable, str(HERE / "decode.py"), threads, file)
    kinds = {
        "decode_read": (*decode, ",".join(columns["read"])),
        "decode_needed": (*decode, ",".join(columns["needed"])),
        "scan": stillwatch("scan", str(log), "--out", out, "--quiet", "--set", f"engine.threads={threads}"),
    }
    load_before = os.getloadavg()[0]
    turns = [{kind: run(*command) for kind, command in kinds.items()} for _ in range(chosen.runs + 1)]
    counted = turns[1:]
    stages = json.loads(run(sys.executable, str(HERE / "stages.py"), threads, str(log), out)["output"])
    return {
        "what": "one scan of a simulated world, and DuckDB decoding the columns it reads, taking turns",
        "world": None if chosen.log else chosen.world,
        "exchanges": columns["rows"],
        "file_mib": round(Path(file).stat().st_size / 2**20, 1),
        "threads": chosen.threads,
        "runs": chosen.runs,
        "machine": machine(),
        "load_average": {"before": round(load_before, 2), "after": round(os.getloadavg()[0], 2)},
        "columns_read": columns["read"],
        "columns_needed": columns["needed"],
        **_figures(counted),
        "first_scan_cpu_seconds": turns[0]["scan"]["cpu"],
        "stages": stages,
    }


def _figures(turns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    scan = [turn["scan"] for turn in turns]
    decode = {
        kind: [json.loads(turn[kind]["output"])["cpu"] for turn in turns]
        for kind in ("decode_read", "decode_needed")
    }
    ratio = _spread([s["cpu"] / d for s, d in zip(scan, decode["decode_read"], strict=True)])
    strict = _spread([s["cpu"] / d for s, d in zip(scan, decode["decode_needed"], strict=True)])
    peak = max(s["peak_gib"] for s in scan)
    return {
        "decode_cpu_seconds": _spread(decode["decode_read"]),
        "decode_process_cpu_seconds": _spread([turn["decode_read"]["cpu"] for turn in turns]),
        "decode_needed_cpu_seconds": _spread(decode["decode_needed"]),
        "scan_cpu_seconds": _spread([s["cpu"] for s in scan]),
        "scan_wall_seconds": _spread([s["wall"] for s in scan]),
        "scan_peak_gib": _spread([s["peak_gib"] for s in scan]),
        "ratio": ratio,
        "ratio_to_needed_columns": strict,
        "goals": [
            {
                "goal": f"scan CPU at most {MOST_RATIO:g} times D",
                "value": ratio["median"],
                "met": ratio["median"] <= MOST_RATIO,
            },
            {"goal": f"peak memory under {MOST_GIB:g} GiB", "value": peak, "met": peak < MOST_GIB},
        ],
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {name: round(f(values), 3) for name, f in (("min", min), ("median", median), ("max", max))}


def _show(document: Mapping[str, Any]) -> None:
    for name in (
        "decode_cpu_seconds",
        "decode_needed_cpu_seconds",
        "scan_cpu_seconds",
        "scan_wall_seconds",
        "scan_peak_gib",
        "ratio",
        "ratio_to_needed_columns",
    ):
        spread = document[name]
        print(
            f"{name.replace('_', ' '):<28}{spread['median']:>9.2f}   ({spread['min']:.2f} to {spread['max']:.2f})"
        )
    for stage, seconds in document["stages"]["cpu"].items():
        print(f"  {stage:<26}{seconds:>9.2f} CPU s")
    for goal in document["goals"]:
        print(f"{'met' if goal['met'] else 'NOT MET':<9}{goal['goal']} ({goal['value']})")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--world", default="mixed", help="simulated world to scan; default: mixed")
    parser.add_argument("--seed", type=int, default=101, help="its seed; default: 101")
    parser.add_argument("--exchanges", type=int, default=1_000_000, help="its size; default: 1,000,000")
    parser.add_argument(
        "--log", type=Path, metavar="DIR", help="scan this folder instead; needs exchanges.parquet"
    )
    parser.add_argument(
        "--threads", type=int, default=2, help="of the engine and of the yardstick; default: 2"
    )
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each kind; default: 3")
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
