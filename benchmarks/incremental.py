"""What a new day costs on a window of 28: scans that take what earlier ones kept, beside one that reads everything.

    python benchmarks/incremental.py                                    # half an hour, 10 GB of disk
    python benchmarks/incremental.py --exchanges 100000 --inputs parquet --runs 1

A simulated world is cut into one file a day. Yesterday's scan had 27 of them; today's has one more. Each scan is one process.
The same log is measured in several forms, since what is saved is what reading costs. All scans of a form must write the
same bytes, or there is no result.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from asked import names
from machine import machine
from processes import run, simulated, stillwatch

HERE = Path(__file__).parent
RESULT = HERE / "results" / "incremental.json"
DAYS = 28
MOST_SHARE = 0.1
SETTLED = 61
"""Seconds after which digests of files are noted: all but the new day have lain there for longer in practice."""
FORMS = ("parquet", "long texts", "jsonl", "litellm")
CUT = """
import shutil, sys
from pathlib import Path
import pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq
log, to, days, form = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
from stillwatch.sources.files import sources
source = sources()["parquet" if form == "long texts" else form]
plain = source.carries is None
inside = to / "exchanges" if plain else to / "calls"
inside.mkdir(parents=True)
for file in log.iterdir():
    if file.stem != "exchanges":
        shutil.copy(file, (to if plain else to.with_name(to.name + ".tables")) / file.name)
table = pq.read_table(log / "exchanges.parquet")
day = table["ts"].cast(pa.date32()).cast(pa.int32())
first = pc.min(day).as_py()
for number in range(days):
    last = number == days - 1
    part = table.filter((pc.greater_equal if last else pc.equal)(day, first + number))
    suffix = source.suffixes[0] if source.suffixes else ".jsonl"
    source.write(part.combine_chunks().to_batches(max_chunksize=65536), inside / f"day-{number + 1:02}{suffix}")
"""


def main() -> None:
    """Measure each form, write what is measured so far, print it."""
    chosen = _arguments()
    forms: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="stillwatch-incremental-") as scratch:
        log = simulated(
            Path(scratch) / "log", world=chosen.world, seed=chosen.seed, exchanges=chosen.exchanges
        )
        for form in chosen.inputs:
            forms[form] = _measured(log, form, Path(scratch) / form.replace(" ", "-"), chosen)
            document = _document(forms, chosen)
            chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    for goal in document["goals"]:
        print(f"{'met' if goal['met'] else 'NOT MET':<9}{goal['goal']} ({goal['value']})")


def _document(forms: Mapping[str, Mapping[str, Any]], chosen: argparse.Namespace) -> dict[str, Any]:
    asked = f"a new day on {DAYS} costs at most {MOST_SHARE:g} of the CPU of a scan that reads all of them"
    return {
        "what": "scans of a simulated world in one file a day: all of it read, and with what earlier scans kept",
        "world": chosen.world,
        "seed": chosen.seed,
        "days": DAYS,
        "threads": chosen.threads,
        "runs": chosen.runs,
        "machine": machine(),
        "forms": forms,
        "goals": [
            *(
                {"goal": f"{asked} (`{form}`)", "value": found["share"], "met": found["share"] <= MOST_SHARE}
                for form, found in forms.items()
            ),
            {"goal": "scans of a form that write other bytes than the full one", "value": 0, "met": True},
        ],
    }


def _measured(log: Path, form: str, place: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """One form of the log: CPU seconds of each kind of scan, the stages of two, and what is kept."""
    place.mkdir()
    days, tables = _cut(log, form, place)
    time.sleep(SETTLED)
    new = max(path for path in days.rglob("*") if path.stem.startswith("day-"))
    keep, out = place / "keep", place / "findings"
    command = (
        "scan",
        str(days),
        "--out",
        str(out),
        "--quiet",
        "--set",
        f"engine.threads={chosen.threads}",
        *tables,
    )
    spent: dict[str, list[float]] = {"full": [], "first": [], "new day": [], "nothing new": []}
    written: set[bytes] = set()

    def scanned(kind: str | None, *more: str) -> None:
        found = run(*stillwatch(*command, *more))
        if kind is not None:
            spent[kind].append(found["cpu"])
            written.add(_bytes(out))

    keeping = ("--keep", str(keep))
    for _ in range(chosen.runs):
        scanned("full")
        shutil.rmtree(keep, ignore_errors=True)
        _without(new, place, lambda: scanned(None, *keeping))
        scanned("new day", *keeping)
        scanned("nothing new", *keeping)
        shutil.rmtree(keep)
        scanned("first", *keeping)
    if len(written) != 1:
        raise SystemExit(f"Scans of the form {form!r} wrote {len(written)} different results.")
    stages = {
        kind: _stages(days, place, chosen, *more)
        for kind, more in {"full": (), "nothing new": (str(keep),)}.items()
    }
    held = [path.stat().st_size for path in keep.rglob("*") if path.is_file()]
    cpu = {kind: round(statistics.median(seconds), 2) for kind, seconds in spent.items()}
    found = {
        "exchanges": json.loads((out / "findings.json").read_text("ascii"))["run"]["counts"]["scanned"],
        "log_mib": round(sum(path.stat().st_size for path in days.rglob("*") if path.is_file()) / 2**20),
        "kept_mib": round(sum(held) / 2**20),
        "cpu": cpu,
        "share": round(cpu["new day"] / cpu["full"], 3),
        "stages": stages,
    }
    print(
        json.dumps({"form": form, **{name: value for name, value in found.items() if name != "stages"}}),
        flush=True,
    )
    shutil.rmtree(place)
    return found


def _cut(log: Path, form: str, place: Path) -> tuple[Path, tuple[str, ...]]:
    """The log in one file a day, and the options that name its other tables where they do not lie beside it."""
    source, days, beside = log, place / "days", place / "days.tables"
    beside.mkdir()
    if form == "long texts":
        source = place / "longer"
        run(sys.executable, str(HERE / "lengthen.py"), str(log), str(source))
    run(
        sys.executable,
        "-c",
        CUT,
        str(source),
        str(days),
        str(DAYS),
        "parquet" if form == "long texts" else form,
    )
    tables = (f"--{path.stem}={path}" for path in sorted(beside.glob("*.parquet")))
    return days, tuple(tables)


def _without(file: Path, place: Path, done: Callable[[], None]) -> None:
    """Do that while the file is not there."""
    aside = place / file.name
    file.rename(aside)
    done()
    aside.rename(file)


def _bytes(out: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(out.iterdir()))


def _stages(days: Path, place: Path, chosen: argparse.Namespace, *keep: str) -> Mapping[str, float]:
    found = run(
        sys.executable, str(HERE / "stages.py"), str(chosen.threads), str(days), str(place / "staged"), *keep
    )
    return json.loads(found["output"])["cpu"]  # type: ignore[no-any-return]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--world", default="mixed", help="simulated world to scan; default: mixed")
    parser.add_argument("--seed", type=int, default=101, help="its seed; default: 101")
    parser.add_argument("--exchanges", type=int, default=1_000_000, help="its size; default: 1,000,000")
    parser.add_argument(
        "--inputs", type=names, default=list(FORMS), metavar="FORM,FORM", help=f"default: {','.join(FORMS)}"
    )
    parser.add_argument("--threads", type=int, default=2, help="of the engine; default: 2")
    parser.add_argument("--runs", type=int, default=3, help="of each kind of scan; default: 3")
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
