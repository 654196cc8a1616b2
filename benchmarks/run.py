"""All benchmarks, one after the other: `just bench`.

    just bench                        # all of them: about three hours
    just bench detection --jobs 2     # one of them, with its own options
    just bench page                   # only write the figures into the manual

The figures go to benchmarks/results/, with the machine they come from; the manual shows them from there.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = {
    "detection": "what is found in simulated worlds, what is missed, who is wrongly accused",
    "peers": "our scan beside other detectors, on the same simulated worlds",
    "false_alarms": "e-values, stability, and what is reported once coordination is shuffled away",
    "cost": "CPU seconds and memory of a scan, beside reading the same columns once",
    "scale": "the same scan at 1, 4 and 16 million exchanges, with and without a bound of memory",
    "incremental": "what a new day costs on a window of 28, with what earlier scans kept",
    "spark": "the same scan on DuckDB and on Spark in local mode",
    "ablation": "what each family of signals adds, and each signal with a say",
    "techniques": "which techniques of planted campaigns the signals show",
    "mixed_accounts": "campaigns in a small part of a reseller's traffic, and whether volumes are true",
    "attribution": "who is named, who must not be, and what a probability of an actor means",
    "ids": "whether campaigns keep their ids over ten scans with one casebook",
    "dispatch": "what a pool gains by rotating its exits and by dealing its work in turn",
    "assay": "how often tests of suspect models call innocent ones, and which dose they find",
    "small_gpt": "which dose assays find in small transformers",
    "formats": "what reading a log of another program costs, beside decoding the same bytes",
    "page": "the measured figures in the manual",
}


def main(arguments: list[str]) -> int:
    """Run the named benchmark with the remaining arguments, or all of them; the status of the first that fails."""
    if arguments and arguments[0] not in BENCHMARKS:
        print(__doc__)
        print("\n".join(f"{name:<14}{what}" for name, what in BENCHMARKS.items()))
        return 0 if arguments[0] in ("-h", "--help") else 2
    chosen = {arguments[0]: arguments[1:]} if arguments else {name: [] for name in BENCHMARKS}
    for name, options in chosen.items():
        status = subprocess.run([sys.executable, str(_script(name)), *options], check=False).returncode
        if status:
            return status
    return 0


def _script(name: str) -> Path:
    """A benchmark is one script, or a folder with a `run.py`."""
    return HERE / name / "run.py" if (HERE / name).is_dir() else HERE / f"{name}.py"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
