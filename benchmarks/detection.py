"""Detection on simulated worlds: what is found, what is missed, who is wrongly accused.

    python benchmarks/detection.py                        # everything: about forty minutes
    python benchmarks/detection.py --cases easy,mixed --seeds 201
    python benchmarks/detection.py --jobs 2 --keep worlds # make each world once, keep it for the next run

The default seeds are for reporting. To choose a threshold or a weight use other seeds, or the figures mean nothing.
Results are written after every world, so that an interrupted run leaves what it measured.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from asked import names, numbers, parser
from cases import CASES
from gather import figures, goals
from machine import machine
from measure import measure

RESULT = Path(__file__).parent / "results" / "detection.json"
SEEDS = tuple(range(101, 106))
CLEAN_SEEDS = tuple(range(101, 201))
REDUCED_CLEAN = 20
"""So many clean worlds are scanned without some columns as well."""
EXCHANGES = 300_000

Job = tuple[str, tuple[str, ...], int]


def main() -> None:
    """Measure, write the result, print it."""
    chosen = _arguments()
    runs: list[Mapping[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="stillwatch-detection-") as scratch:
        place = Path(scratch)
        if chosen.keep:
            place = chosen.keep
            place.mkdir(parents=True, exist_ok=True)
            (place / "KEEP").touch()
        jobs = _jobs(chosen)
        for done, measured in enumerate(_measured(jobs, chosen, place), 1):
            runs += measured
            document = _document(runs, chosen, is_complete=done == len(jobs))
            chosen.result.parent.mkdir(parents=True, exist_ok=True)
            chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
            print(
                f"{done} of {len(jobs)} worlds: {', '.join(str(run['case']) for run in measured)}, seed {measured[0]['seed']}"
            )
    _show(document)


def _jobs(chosen: argparse.Namespace) -> list[Job]:
    """One job for each world and seed, with the cases that use it."""
    jobs: dict[tuple[str, int], tuple[str, ...]] = {}
    for name in chosen.cases:
        for seed in _seeds(name, chosen):
            of_world = (CASES[name].world, seed)
            jobs[of_world] = (*jobs.get(of_world, ()), name)
    return [(world, names, seed) for (world, seed), names in jobs.items()]


def _seeds(name: str, chosen: argparse.Namespace) -> list[int]:
    case = CASES[name]
    if case.world != "clean":
        return list(chosen.seeds)
    return list(chosen.clean_seeds[:REDUCED_CLEAN] if case.columns else chosen.clean_seeds)


def _size(names: tuple[str, ...], chosen: argparse.Namespace) -> int:
    return CASES[names[0]].exchanges or int(chosen.exchanges)


def _measured(
    jobs: Sequence[Job], chosen: argparse.Namespace, place: Path
) -> Iterator[list[Mapping[str, Any]]]:
    if chosen.jobs == 1:
        for world, names, seed in jobs:
            yield measure(world, names, seed=seed, exchanges=_size(names, chosen), place=place)
        return
    with ProcessPoolExecutor(chosen.jobs, mp_context=get_context("spawn")) as pool:
        waiting: list[Future[list[Mapping[str, Any]]]] = [
            pool.submit(measure, world, names, seed=seed, exchanges=_size(names, chosen), place=place)
            for world, names, seed in jobs
        ]
        for future in as_completed(waiting):
            yield future.result()


def _document(
    runs: Sequence[Mapping[str, Any]], chosen: argparse.Namespace, *, is_complete: bool
) -> dict[str, Any]:
    ordered = sorted(runs, key=lambda run: (chosen.cases.index(run["case"]), run["seed"]))
    cases = {
        name: figures(mine)
        for name in chosen.cases
        if (mine := [run for run in ordered if run["case"] == name])
    }
    return {
        "what": "stillwatch scans of simulated worlds, scored against their truth",
        "is_complete": is_complete,
        "exchanges": chosen.exchanges,
        "jobs": chosen.jobs,
        "machine": machine(),
        "goals": goals(cases),
        "cases": cases,
        "runs": ordered,
    }


def _show(document: Mapping[str, Any]) -> None:
    heads = (
        "precision",
        "recall",
        "f1",
        "bcubed_f1",
        "campaigns_found",
        "relay_called_campaign",
        "authorised_called_campaign",
    )
    print(
        f"\n{'case':<24}{'scans':>6}"
        + "".join(f"{head.split('_called')[0]:>16}" for head in heads)
        + f"{'false campaigns':>16}"
    )
    for name, case in document["cases"].items():
        row = "".join(
            f"{'-' if case['mean'][h] is None else format(case['mean'][h], '.4f'):>16}" for h in heads
        )
        print(f"{name:<24}{case['scans']:>6}{row}{case['false_campaigns']:>16}")
    for name, case in document["cases"].items():
        called = {kind: rate for kind, rate in case["lookalikes_called_campaign"].items() if rate["found"]}
        for kind, rate in called.items():
            print(f"{name}: {rate['found']} of {rate['of']} {kind} accounts called campaign")
    for goal in document["goals"]:
        verdict = {True: "met", False: "NOT MET", None: "not measured"}[goal["met"]]
        print(f"{verdict:<13}{goal['case']}: {goal['goal']} ({goal['value']})")


def _arguments() -> argparse.Namespace:
    options = parser(__doc__, seeds=SEEDS, exchanges=EXCHANGES, result=RESULT)
    options.add_argument(
        "--cases", type=_cases, default=list(CASES), metavar="A,B", help=f"of: {', '.join(CASES)}"
    )
    options.add_argument(
        "--clean-seeds", type=numbers, default=list(CLEAN_SEEDS), metavar="N,N", help="default: 101 to 200"
    )
    options.add_argument("--jobs", type=int, default=1, help="worlds measured at a time; default: 1")
    options.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the worlds here, and use those already here"
    )
    return options.parse_args()


def _cases(text: str) -> list[str]:
    asked = names(text)
    unknown = [name for name in asked if name not in CASES]
    if unknown:
        raise argparse.ArgumentTypeError(f"no case {unknown[0]!r}; there are {', '.join(CASES)}")
    return asked


if __name__ == "__main__":
    main()
