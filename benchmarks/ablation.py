"""What each family of signals adds: scans that leave one family out, or one signal, beside the whole scan.

    python benchmarks/ablation.py                         # families and the signals that decide: about half an hour
    python benchmarks/ablation.py --cases hard --seeds 601
    python benchmarks/ablation.py --only pay,release_pivot

A family holds the signals that link accounts and those that are measured of clusters. The signals that only tell of a
finding, without a say in it, are no part of this. A figure is the mean over seeds; what is left out adds as much as is
lost without it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from typing import Any

from asked import names, numbers
from cases import of_name
from machine import machine
from measure import measure

from stillwatch.judge.purpose import DECIDING
from stillwatch.registry import discover
from stillwatch.signals._base import Signal

RESULT = Path(__file__).parent / "results" / "ablation.json"
SEEDS = (501, 502)
EXCHANGES = 300_000
WORLDS = ("easy", "mixed", "hard", "no-content", "no-network", "lookalikes")
NOTHING = "nothing"
LOST = 0.005
"""Less than this of recall, precision or campaigns is no difference."""

FIGURES = {
    "recall": "account.recall",
    "precision": "account.precision",
    "found": "campaigns_found",
    "bcubed": "bcubed.f1",
    "false_campaigns": "false_campaigns",
}
BETTER_SMALL = frozenset({"false_campaigns"})
"""Figures that grow where something goes wrong."""

Sets = Mapping[str, tuple[str, ...]]
Means = Mapping[str, Mapping[str, float]]
"""Figures of each case."""


def main() -> None:
    """Measure, write the result, print it."""
    chosen = _arguments()
    sets = {
        NOTHING: (),
        **{name: s for name, s in left_out().items() if name in chosen.only or not chosen.only},
    }
    runs: list[Mapping[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="stillwatch-ablation-") as scratch,
        ProcessPoolExecutor(chosen.jobs, mp_context=get_context("spawn")) as pool,
    ):
        waiting = [
            pool.submit(
                measure,
                of_name(case).world,
                (case,),
                seed=seed,
                exchanges=chosen.exchanges,
                place=Path(scratch),
                left_out=tuple(sets.values()),
            )
            for case in chosen.cases
            for seed in chosen.seeds
        ]
        for done, future in enumerate(as_completed(waiting), 1):
            measured = future.result()
            runs += [{"without": name, **run} for name, run in zip(sets, measured, strict=True)]
            print(f"{done} of {len(waiting)}: {measured[0]['case']}, seed {measured[0]['seed']}", flush=True)
    means = {name: _means([run for run in runs if run["without"] == name], chosen.cases) for name in sets}
    document = {
        "what": "stillwatch scans of simulated worlds that leave one family or one signal out",
        "exchanges": chosen.exchanges,
        "seeds": chosen.seeds,
        "machine": machine(),
        "left_out": {name: list(signals) for name, signals in sets.items()},
        "whole": means.pop(NOTHING),
    }
    document["lost"] = {name: lost(document["whole"], without) for name, without in means.items()}
    document["adds_nothing"] = adds_nothing(document["lost"])
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(json.dumps({"lost": document["lost"], "adds nothing": document["adds_nothing"]}, indent=1))


def left_out() -> Sets:
    """The signals of each family that link or decide, and each of these signals that is not alone in its family."""
    having_a_say = {
        name: s for name, s in discover("signals", Signal).items() if s.level == "trait" or name in DECIDING
    }
    families: dict[str, tuple[str, ...]] = {}
    for name, signal in having_a_say.items():
        families[signal.family] = (*families.get(signal.family, ()), name)
    single = {
        name: (name,)
        for signals in families.values()
        if len(signals) > 1
        for name in signals
        if name not in families
    }
    return {**families, **single}


def lost(whole: Means, without: Means) -> Means:
    """What a scan of each case lost of each figure; above 0 is worse without."""
    return {
        case: {name: _worse(name, value, without[case].get(name, 0.0)) for name, value in figures.items()}
        for case, figures in whole.items()
    }


def _worse(name: str, whole: float, without: float) -> float:
    return round(without - whole if name in BETTER_SMALL else whole - without, 4)


def _means(runs: Sequence[Mapping[str, Any]], cases: Sequence[str]) -> Means:
    """The mean of each figure that every scan of a case has: a world without campaigns has no recall."""
    means: dict[str, dict[str, float]] = {}
    for case in cases:
        mine = [run for run in runs if run["case"] == case]
        values = {name: [_figure(run, name) for run in mine] for name in FIGURES}
        means[case] = {
            name: round(fmean(known), 4)
            for name, found in values.items()
            if len(known := [value for value in found if value is not None]) == len(mine)
        }
    return means


def _figure(run: Mapping[str, Any], name: str) -> float | None:
    value: Any = run
    for part in FIGURES[name].split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return None if value is None else float(value)


def adds_nothing(measured: Mapping[str, Means]) -> list[str]:
    """What may be left out without a loss of any figure in any case."""
    return [
        name
        for name, cases in measured.items()
        if all(value < LOST for figures in cases.values() for value in figures.values())
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--cases",
        type=names,
        default=list(WORLDS),
        metavar="A,B",
        help="cases of the detection benchmark, or worlds",
    )
    parser.add_argument("--seeds", type=numbers, default=list(SEEDS), metavar="N,N", help="default: 501, 502")
    parser.add_argument(
        "--only", type=names, default=[], metavar="A,B", help="families and signals to leave out"
    )
    parser.add_argument(
        "--exchanges", type=int, default=EXCHANGES, help="size of each world; default: 300,000"
    )
    parser.add_argument("--jobs", type=int, default=1, help="worlds measured at a time; default: 1")
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
