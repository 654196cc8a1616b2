"""One scan in a process of its own, with the CPU seconds of each stage.

    python benchmarks/stages.py THREADS LOG OUT [KEEP]         prints seconds by stage as JSON

With KEEP the scan takes what earlier ones kept there. The scan tells when a stage begins; what was spent until then belongs to the stage before.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from decode import cpu_seconds

BEFORE, IMPORTS = "reading exchanges", "starting and importing"


class Watch:
    """Adds up the CPU and wall seconds of the stages it is told of."""

    def __init__(self) -> None:
        """Start with the first stage."""
        self.stage = BEFORE
        self.cpu: dict[str, float] = {IMPORTS: cpu_seconds()}
        self.wall: dict[str, float] = {}
        self.since = (cpu_seconds(), time.perf_counter())

    def __call__(self, stage: str, _done: int = 0, _total: int | None = None) -> None:
        """End the stage before and begin this one, if it is another."""
        if stage == self.stage:
            return
        now = (cpu_seconds(), time.perf_counter())
        self.cpu[self.stage] = self.cpu.get(self.stage, 0.0) + now[0] - self.since[0]
        self.wall[self.stage] = self.wall.get(self.stage, 0.0) + now[1] - self.since[1]
        self.stage, self.since = stage, now


def main(threads: str, log: str, out: str, keep: str | None = None) -> None:
    """Scan and print the stages."""
    from stillwatch import scan  # noqa: PLC0415  what importing costs is measured too
    from stillwatch.settings import load  # noqa: PLC0415

    watch = Watch()
    settings = load(overrides={"engine.threads": threads})
    scan(Path(log), out=Path(out), keep=keep, settings=settings, progress=watch)
    watch("")
    print(json.dumps({"cpu": _rounded(watch.cpu), "wall": _rounded(watch.wall)}))


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {stage: round(spent, 2) for stage, spent in seconds.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
