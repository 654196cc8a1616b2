"""Where a large scan spends its CPU time, and what its memory holds at its peak: samples by py-spy, allocations by memray.

    pip install py-spy memray
    python benchmarks/profiles.py                       # 16 million exchanges: half an hour, 10 GB of disk, 12 GB of memory
    python benchmarks/profiles.py --exchanges 1000000

A sample belongs to the innermost function of stillwatch on its stack: what DuckDB, numba, numpy or Arrow do for it counts as its own. Only
threads that run are sampled. An allocation belongs to the function that asked for it, too; Arrow takes from the system's allocator here, so that memray
sees it, and what is mapped or was freed without being handed back to the system is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from asked import parser
from machine import machine
from processes import run, simulated

HERE = Path(__file__).parent
RESULT = HERE / "results" / "profiles.json"
EXCHANGES = 16_000_000
WARM_UP = 50_000
SAMPLES_A_SECOND = 50
DEEPEST = 60
SHOWN = 16
OURS = re.compile(r"(.+) \((?:.*/(?:src|site-packages)/)?stillwatch/(.+?)\.py(?::\d+)?\)")
OUTSIDE = "outside: starting, libraries' own threads"


def main() -> None:
    """Take both profiles of one world, write the result, print it."""
    options = parser(__doc__, seeds=(101,), exchanges=EXCHANGES, result=RESULT)
    options.add_argument("--world", default="mixed", help="simulated world to scan; default: mixed")
    options.add_argument("--threads", default="2", help="of the engine; default: 2")
    chosen: argparse.Namespace = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="stillwatch-profiles-") as scratch:
        place = Path(scratch)
        log = simulated(place / "log", world=chosen.world, seed=chosen.seeds[0], exchanges=chosen.exchanges)
        small = simulated(place / "small", world=chosen.world, seed=chosen.seeds[0], exchanges=WARM_UP)
        run(*_scan(chosen.threads, small, place / "out"))  # compiled loops are kept from here on
        spent = _spent(chosen.threads, log, place)
        held = _held(chosen.threads, log, place)
    document = {
        "what": "samples of the CPU of one scan, and what is allocated at its peak, by the innermost function of stillwatch",
        "world": chosen.world,
        "seed": chosen.seeds[0],
        "exchanges": chosen.exchanges,
        "threads": int(chosen.threads),
        "machine": machine(),
        "cpu": spent,
        "memory": held,
    }
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(json.dumps(document, indent=1))


def _scan(threads: str, log: Path, out: Path) -> tuple[str, ...]:
    return (sys.executable, str(HERE / "stages.py"), threads, str(log), str(out))


def _spent(threads: str, log: Path, place: Path) -> dict[str, Any]:
    """Shares of the samples of threads that run."""
    raw = place / "samples.txt"
    asked = ("-r", str(SAMPLES_A_SECOND), "-f", "raw", "-o", str(raw))
    run("py-spy", "record", *asked, "--", *_scan(threads, log, place / "out"))
    found: Counter[str] = Counter()
    for line in raw.read_text("utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        found[_innermost(reversed(stack.split(";")))] += int(count)
    return {"samples": found.total(), **_shares(found)}


def _held(threads: str, log: Path, place: Path) -> dict[str, Any]:
    """Shares of what is allocated when most is."""
    from memray import FileReader  # noqa: PLC0415  not among what the other benchmarks need

    raw = place / "allocations.bin"
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    asked = ("run", "--aggregate", "--quiet", "--force", "--output", str(raw))
    run(sys.executable, "-m", "memray", *asked, *_scan(threads, log, place / "out")[1:])
    found: Counter[str] = Counter()
    with FileReader(str(raw)) as reader:
        for record in reader.get_high_watermark_allocation_records(merge_threads=True):
            frames = record.stack_trace(DEEPEST)
            found[_innermost(f"{name} ({file}:{line})" for name, file, line in frames)] += record.size
    return {"peak_gib": round(found.total() / 2**30, 3), **_shares(found)}


def _innermost(frames: Iterable[str]) -> str:
    """The first frame that is ours, as `room/module function`."""
    for frame in frames:
        if told := OURS.fullmatch(frame):
            return f"{told[2]} {told[1].rpartition('.')[2]}"
    return OUTSIDE


def _shares(found: Counter[str]) -> dict[str, Mapping[str, float]]:
    """By room, and by function the most of them."""
    rooms: Counter[str] = Counter()
    for function, count in found.items():
        rooms[OUTSIDE if function == OUTSIDE else function.split(" ")[0].split("/")[0]] += count
    return {
        "rooms": {name: round(count / found.total(), 4) for name, count in rooms.most_common()},
        "functions": {name: round(count / found.total(), 4) for name, count in found.most_common(SHOWN)},
    }


if __name__ == "__main__":
    main()
