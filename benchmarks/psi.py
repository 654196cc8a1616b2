"""What a private set intersection costs by size: `python benchmarks/psi.py`, into `results/psi.json`.

Each side runs in a process of its own, as the command would, so that its CPU and memory are its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import machine

RESULT = Path(__file__).parent / "results" / "psi.json"
SIZES = ((1_000, 10_000), (5_000, 100_000), (25_000, 1_000_000))
RUN = """
import resource, sys
from stillwatch.cli.main import main
if __name__ == "__main__":
    try:
        main(["psi", *sys.argv[1:]])
    except SystemExit as end:
        assert not end.code, end.code
    own, parts = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum(u.ru_utime + u.ru_stime for u in (own, parts))
    print("COST", cpu, own.ru_maxrss, parts.ru_maxrss, file=sys.stderr)
"""


def measure(offered: int, held: int) -> dict[str, Any]:
    """One exchange of sizes; half of what is offered is held."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "run.py").write_text(RUN)
        (folder / "offered.txt").write_text("\n".join(f"acct_{n:09d}" for n in range(offered)))
        start = offered // 2
        (folder / "held.txt").write_text("\n".join(f"acct_{n:09d}" for n in range(start, start + held)))
        rest = ("--peer", "other", "--audit", "audit.jsonl")
        words = {
            "offer": ("offered.txt", "--kind", "account", "--state", "state", "--out", "offer", *rest),
            "answer": ("offer", "held.txt", "--out", "answer", *rest),
            "reveal": ("state", "answer", *rest),
        }
        steps = {word: _step(folder, word, told) for word, told in words.items()}
        record = [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]
        assert record[-1]["size"] == offered - start, record[-1]
        return {
            "offered": offered,
            "held": held,
            "common": record[-1]["size"],
            "offer_bytes": (folder / "offer").stat().st_size,
            "answer_bytes": (folder / "answer").stat().st_size,
            "steps": steps,
        }


def _step(folder: Path, word: str, told: tuple[str, ...]) -> dict[str, float]:
    started = time.monotonic()
    command = [sys.executable, "run.py", word, *told]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    wall = time.monotonic() - started
    cpu, own, part = done.stderr.rpartition("COST ")[2].split()
    return {
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(float(cpu), 1),
        "own_mib": round(int(own) / 1024),
        "largest_part_mib": round(int(part) / 1024),
    }


if __name__ == "__main__":
    found = {
        "command": "python benchmarks/psi.py",
        "machine": machine(),
        "exchanges": [measure(*sizes) for sizes in SIZES],
    }
    RESULT.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    print(json.dumps(found, indent=2))
