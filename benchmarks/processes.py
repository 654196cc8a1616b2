"""Processes that are measured, each from its start to its end, and the simulated log that they are given.

This imports nothing large: Linux hands a parent's peak memory on to its children.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

COLUMNS = """
import sys, json
from pathlib import Path
from stillwatch.fingerprint.door import READ
from stillwatch.sources.layout import open_input
log = open_input(Path(sys.argv[1]))
print(json.dumps({"read": sorted(log.columns), "needed": sorted(log.columns & set(READ)), "rows": log.rows}))
"""


class StoppedError(SystemExit):
    """The system stopped a process, as it does where memory is short."""


def run(*command: str) -> dict[str, Any]:
    """One process to its end: CPU and wall seconds, peak memory in GiB, and what it printed."""
    began = os.times().elapsed
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        ended = StoppedError if process.returncode == -signal.SIGKILL else SystemExit
        raise ended(f"{' '.join(command[:4])} ... ended with status {process.returncode}")
    return {
        "cpu": round(used.ru_utime + used.ru_stime, 3),
        "wall": round(os.times().elapsed - began, 3),
        "peak_gib": round(used.ru_maxrss / 2**20, 3),
        "output": output,
    }


def stillwatch(*arguments: str) -> tuple[str, ...]:
    """The command of a program call of stillwatch."""
    return (sys.executable, "-c", "from stillwatch.cli import main; main()", *arguments)


def simulated(log: Path, *, world: str, seed: int, exchanges: int) -> Path:
    """Make that log, with its truth beside it."""
    asked = ("--world", world, "--seed", str(seed), "--exchanges", str(exchanges), "--quiet")
    run(*stillwatch("simulate", str(log), *asked))
    return log


def columns_of(log: Path) -> dict[str, Any]:
    """Which columns a scan of the log reads, which it needs, and how many rows there are."""
    found: dict[str, Any] = json.loads(run(sys.executable, "-c", COLUMNS, str(log))["output"])
    return found
