"""How a scan grows: the same world at 1, 4 and 16 million exchanges, with and without a bound of memory, and a larger one.

    python benchmarks/scale.py                                # an hour, 30 GB of disk
    python benchmarks/scale.py --sizes 100000,400000 --long 400000 --memory 1GB --beyond 500000

Each scan is one process; so is the yardstick D, in which DuckDB reads and decodes the same columns once. One run of each:
what matters is how they grow. With a bound the columns of the log are mapped from files, whose pages the system can take
back at any time, and count in `peak_gib` while it does not; `anonymous_gib` is what it cannot take back. The largest logs are scanned once more,
with nothing said, by a process that the system holds to 6 GB with its files and all (`held.py`).

Simulated texts are far shorter than real ones, so that the yardstick reads little. Of the sizes in `--long` the same log is measured again with prompts
as long as those on which the goal was set (14.35 GB in sixteen million, a median of 631 bytes; `lengthen.py`). In these worlds accounts grow with exchanges; what the same accounts take with a
quarter of their exchanges is measured on the largest log. `--beyond` is the size of a last world, with a million accounts.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from held import held
from machine import machine
from processes import StoppedError, columns_of, run, simulated, stillwatch

HERE = Path(__file__).parent
RESULT = HERE / "results" / "scale.json"
SIZES = (1_000_000, 4_000_000, 16_000_000)
MOST_BYTES = 6_000_000_000
MOST_RATIO, MOST_GIB, MOST_EXPONENT, MOST_WALL = 6.0, MOST_BYTES / 2**30, 1.05, 240.0
GOAL, THIN = "prompts_as_long_as_where_the_goal_was_set", "a_quarter_of_the_exchanges"
LENGTHS = ("--prompts", "550", "4200")
"""What `lengthen.py` is told: prompts of this world that are longer than a draw stay, so that draws of 550 give a median near 631."""
BEYOND, BEYOND_EXCHANGES = "million", 30_000_000
PART = 4
"""One of so many exchanges is left where the same accounts have fewer."""
LOOKED = 0.05
"""Seconds between two looks at the memory of a scan."""


def main() -> None:
    """Measure each size, write the result, print it."""
    chosen = _arguments()
    sizes = [_sized(exchanges, chosen) for exchanges in chosen.sizes]
    beyond = _beyond(chosen) if chosen.beyond else None
    first, last = sizes[0], sizes[-1]
    grown = {name: _exponent(first, last, name) for name in ("cpu", "wall", "anonymous_gib")}
    document = {
        "what": "one scan of a simulated world at each size, and DuckDB decoding the columns it reads",
        "world": chosen.world,
        "seed": chosen.seed,
        "threads": chosen.threads,
        "memory": chosen.memory,
        "machine": machine(),
        "sizes": sizes,
        "beyond": beyond,
        "growth_exponents": grown,
        "goals": [*_goals(first, last, grown), *_goals_beyond(beyond)],
    }
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    for goal in document["goals"]:
        print(f"{'met' if goal['met'] else 'NOT MET':<9}{goal['goal']} ({goal['value']})")


def _sized(exchanges: int, chosen: argparse.Namespace) -> dict[str, Any]:
    """The world at one size: the yardstick, a scan without and one with a bound, and how right it was."""
    with _place(chosen) as place:
        log, out, threads = (
            _world(place, chosen.world, exchanges, chosen),
            place / "findings",
            str(chosen.threads),
        )
        found = {
            **_against_yardstick(log, out, threads),
            "bounded": _scanned(log, out, threads, chosen.memory),
        }
        if exchanges in chosen.long:
            found[GOAL] = _against_yardstick(_longer(log), out, threads)
        if exchanges == chosen.sizes[-1]:
            fewer = _made(
                log.with_name(f"{log.name}-fewer"), lambda to: _run_on(log, "thin.py", to, str(PART))
            )
            found[THIN] = _scanned(fewer, out, threads, None)
            found["held"] = _held(log, out, threads)
    print(json.dumps({name: value for name, value in found.items() if name != "stages"}), flush=True)
    return found


def _beyond(chosen: argparse.Namespace) -> dict[str, Any]:
    """A world of a million accounts: what a scan takes, with and without a bound, and how right it is."""
    with _place(chosen) as place:
        log, out, threads = (
            _world(place, BEYOND, chosen.beyond, chosen),
            place / "findings",
            str(chosen.threads),
        )
        found = _against_yardstick(log, out, threads)
        accounts = json.loads((out / "findings.json").read_text("ascii"))["run"]["counts"]["accounts"]
        found |= {
            "bounded": _scanned(log, out, threads, chosen.memory),
            "held": _held(log, out, threads),
            "world": BEYOND,
            "accounts": accounts,
        }
    print(json.dumps(found), flush=True)
    return found


@contextmanager
def _place(chosen: argparse.Namespace) -> Iterator[Path]:
    """Where worlds lie: those in `--worlds` stay for another run."""
    if chosen.worlds:
        chosen.worlds.mkdir(parents=True, exist_ok=True)
        yield chosen.worlds
    else:
        with tempfile.TemporaryDirectory(prefix="stillwatch-scale-") as scratch:
            yield Path(scratch)


def _world(place: Path, world: str, exchanges: int, chosen: argparse.Namespace) -> Path:
    """That world, made if it is not there."""
    log = place / f"{world}-{exchanges}-{chosen.seed}"
    return _made(log, lambda to: simulated(to, world=world, seed=chosen.seed, exchanges=exchanges))


def _longer(log: Path) -> Path:
    """The log with longer prompts, made if it is not there, and its truth beside it."""

    def made(to: Path) -> None:
        _run_on(log, "lengthen.py", to, *LENGTHS)
        shutil.copytree(log.with_name(f"{log.name}.truth"), to.with_name(f"{to.name}.truth"))

    return _made(log.with_name(f"{log.name}-{GOAL}"), made)


def _run_on(log: Path, script: str, to: Path, *given: str) -> None:
    run(sys.executable, str(HERE / script), str(log), str(to), *given)


def _made(log: Path, make: Callable[[Path], object]) -> Path:
    """The log, made if it is not there: under another name, so that what was interrupted is not taken for a whole one."""
    if log.exists():
        return log
    half = log.with_name(f"half-{log.name}")
    for left in (half, *half.parent.glob(f"{half.name}.*"), *log.parent.glob(f"{log.name}.*")):
        shutil.rmtree(left, ignore_errors=True)
    make(half)
    for beside in half.parent.glob(f"{half.name}.*"):
        beside.rename(log.with_name(beside.name.removeprefix("half-")))
    return half.rename(log)


def _against_yardstick(log: Path, out: Path, threads: str) -> dict[str, Any]:
    """What a scan takes, what DuckDB takes to decode the columns that it reads, and how right the scan is."""
    columns, file = columns_of(log), log / "exchanges.parquet"
    decode = (sys.executable, str(HERE / "decode.py"), threads, str(file), ",".join(columns["read"]))
    yardstick = min((json.loads(run(*decode)["output"]) for _ in range(2)), key=lambda took: took["cpu"])
    free = _watched(sys.executable, str(HERE / "stages.py"), threads, str(log), str(out))
    stages = json.loads(free.pop("output"))
    free["peak_gib"] = max(stages["peak_gib"].values())
    truth = str(log.with_name(f"{log.name}.truth"))
    right = json.loads(run(*stillwatch("score", truth, str(out), "--json"))["output"])
    return {
        "exchanges": columns["rows"],
        "file_mib": round(file.stat().st_size / 2**20),
        "prompt_gb": round(int(yardstick["prompt_bytes"]) / 1e9, 2),
        "decode_cpu_seconds": round(yardstick["cpu"], 3),
        "free": free,
        "stages": stages,
        "ratio": round(free["cpu"] / yardstick["cpu"], 2),
        "account": {name: right["account"][name] for name in ("precision", "recall")},
        "relay": {name: right["relay"][name] for name in ("precision", "recall")},
        "coordinated_accounts": _coordinated(out),
        "campaigns_found": right["campaigns_found"],
    }


def _coordinated(out: Path) -> int:
    """How many accounts are told as a coordinated group."""
    campaigns = json.loads((out / "findings.json").read_text("ascii"))["campaigns"]
    return sum(one["accounts"]["best"] for one in campaigns if one["verdict"] == "coordinated")


def _held(log: Path, out: Path, threads: str) -> dict[str, Any] | None:
    """A scan that is held to what a goal allows, and whether the system let it come to its end. None where none can be held."""
    with held(MOST_BYTES, [*log.iterdir()]) as first:
        if first is None:
            return None
        try:
            return {"completed": True, **_scanned(log, out, threads, None, *first)}
        except StoppedError:
            return {"completed": False}


def _scanned(log: Path, out: Path, threads: str, memory: str | None, *before: str) -> dict[str, Any]:
    """One scan as it is typed, and what it took."""
    bound = () if memory is None else ("--memory", memory)
    threads_of = ("--set", f"engine.threads={threads}")
    command = stillwatch("scan", str(log), "--out", str(out), "--quiet", *threads_of, *bound)
    found = _watched(*before, *command)
    del found["output"]
    return found


def _watched(*command: str) -> dict[str, Any]:
    """One process: CPU and wall seconds, peak memory, the peak of what the system cannot take back, and what it printed."""
    peak = [0]
    stopped = threading.Event()

    def look() -> None:
        while not stopped.wait(LOOKED):
            peak[0] = max(peak[0], *map(_anonymous, _children()), 0)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        found = run(*command)
    finally:
        stopped.set()
        watching.join()
    return {**found, "anonymous_gib": round(peak[0] / 2**20, 3)}


def _children() -> list[int]:
    held = Path("/proc/self/task").glob("*/children")
    return [int(one) for path in held for one in path.read_text("utf-8").split()]


def _anonymous(process: int) -> int:
    """KiB of a process that lie in no file."""
    try:
        status = Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon")), 0)


def _exponent(first: Mapping[str, Any], last: Mapping[str, Any], name: str) -> float | None:
    """The power of the number of exchanges with which a figure of the unbounded scan grows."""
    rows = last["exchanges"] / first["exchanges"]
    return (
        None if rows <= 1 else round(math.log(last["free"][name] / first["free"][name]) / math.log(rows), 3)
    )


def _goals(
    first: Mapping[str, Any], last: Mapping[str, Any], grown: Mapping[str, float | None]
) -> list[dict[str, Any]]:
    free, cpu = last["free"], grown["cpu"]
    thin = math.log(free["peak_gib"] / last[THIN]["peak_gib"]) / math.log(PART)
    longer = [last[GOAL]["ratio"]] if GOAL in last else []
    goals = [
        (f"scan CPU at most {MOST_RATIO:g} times D", last["ratio"], last["ratio"] <= MOST_RATIO),
        *(
            (
                f"scan CPU at most {MOST_RATIO:g} times D, prompts as long as where it was set",
                ratio,
                ratio <= MOST_RATIO,
            )
            for ratio in longer
        ),
        (f"peak memory under 6 GB ({MOST_GIB:.2f} GiB)", free["peak_gib"], free["peak_gib"] < MOST_GIB),
        *_goals_held(last, f"{last['exchanges']:,} exchanges"),
        (f"wall time under {MOST_WALL:g} s", free["wall"], free["wall"] < MOST_WALL),
        (
            f"CPU grows no faster than exchanges to the {MOST_EXPONENT:g}",
            cpu,
            cpu is None or cpu <= MOST_EXPONENT,
        ),
        ("of the same accounts, memory grows slower than exchanges", round(thin, 3), thin < 1),
        *(
            (
                f"{name} no worse than of the smallest log",
                last["account"][name],
                last["account"][name] >= first["account"][name],
            )
            for name in ("precision", "recall")
        ),
    ]
    return [{"goal": goal, "value": value, "met": met} for goal, value, met in goals]


def _goals_beyond(beyond: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if beyond is None:
        return []
    log = f"{beyond['accounts']:,} accounts, {beyond['exchanges']:,} exchanges"
    goal = f"{log}: memory under 6 GB ({MOST_GIB:.2f} GiB)"
    peak, least = beyond["free"]["peak_gib"], beyond["bounded"]["anonymous_gib"]
    goals = (
        (goal, peak, peak < MOST_GIB),
        (f"{goal}, with a bound, in no file", least, least < MOST_GIB),
        *_goals_held(beyond, log),
    )
    return [{"goal": goal, "value": value, "met": met} for goal, value, met in goals]


def _goals_held(found: Mapping[str, Any], log: str) -> Iterator[tuple[str, float | None, bool]]:
    """Whether a scan ends where the system holds it to 6 GB, and in how many seconds."""
    if found.get("held"):
        completed = found["held"]["completed"]
        yield (
            f"{log}: completes where the system holds it to 6 GB, files and all; wall seconds",
            found["held"]["wall"] if completed else None,
            completed,
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--world", default="headline", help="simulated world to scan; default: headline")
    parser.add_argument("--seed", type=int, default=101, help="its seed; default: 101")
    parser.add_argument("--sizes", type=_numbers, default=SIZES, help="exchanges, smallest first")
    parser.add_argument(
        "--long", type=_numbers, default=SIZES[-1:], help="of these sizes, texts of real length, too"
    )
    parser.add_argument(
        "--beyond",
        type=int,
        default=BEYOND_EXCHANGES,
        help="exchanges of a last world, of a million accounts; 0: none",
    )
    parser.add_argument(
        "--worlds",
        type=Path,
        metavar="FOLDER",
        help="where worlds lie, made by this version, for another run",
    )
    parser.add_argument("--memory", default="3GB", help="the bound of the bounded scan; default: 3GB")
    parser.add_argument("--threads", type=int, default=2, help="of the engine and the yardstick; default: 2")
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


def _numbers(given: str) -> Sequence[int]:
    return tuple(map(int, given.split(",")))


if __name__ == "__main__":
    main()
