"""One scan in a process of its own, with the CPU and wall seconds and the peak memory of each stage.

    python benchmarks/stages.py THREADS LOG OUT [KEEP]         prints them by stage as JSON

With KEEP the scan takes what earlier ones kept there. The scan tells when a stage begins; what was spent until then belongs to the stage before.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from decode import cpu_seconds

PEAK = "5"
"""Asks Linux to forget the peak of a process (proc(5), clear_refs)."""
BEFORE, IMPORTS = "reading exchanges", "starting and importing"


class Watch:
    """Adds up the CPU and wall seconds of the stages it is told of, and holds the peak memory of each."""

    def __init__(self) -> None:
        """Start with the first stage."""
        self.stage = BEFORE
        self.cpu: dict[str, float] = {IMPORTS: cpu_seconds()}
        self.wall: dict[str, float] = {}
        self.peak_gib: dict[str, float] = {IMPORTS: _peak_gib()}
        self.since = (cpu_seconds(), time.perf_counter())

    def __call__(self, stage: str, _done: int = 0, _total: int | None = None) -> None:
        """End the stage before and begin this one, if it is another."""
        if stage == self.stage:
            return
        now = (cpu_seconds(), time.perf_counter())
        self.cpu[self.stage] = self.cpu.get(self.stage, 0.0) + now[0] - self.since[0]
        self.wall[self.stage] = self.wall.get(self.stage, 0.0) + now[1] - self.since[1]
        self.peak_gib[self.stage] = max(self.peak_gib.get(self.stage, 0.0), _peak_gib())
        self.stage, self.since = stage, now


def main(threads: str, log: str, out: str, keep: str | None = None) -> None:
    """Scan and print the stages."""
    from stillwatch import scan  # noqa: PLC0415  what importing costs is measured too
    from stillwatch.settings import load  # noqa: PLC0415

    watch = Watch()
    settings = load(overrides={"engine.threads": threads})
    scan(Path(log), out=Path(out), keep=keep, settings=settings, progress=watch)
    watch("")
    print(json.dumps({name: _rounded(getattr(watch, name)) for name in ("cpu", "wall", "peak_gib")}))


def _peak_gib() -> float:
    """The peak of the memory of this process since this was asked last."""
    status = Path("/proc/self/status").read_text("utf-8")
    Path("/proc/self/clear_refs").write_text(PEAK, "ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 2**20


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {stage: round(spent, 3) for stage, spent in seconds.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
