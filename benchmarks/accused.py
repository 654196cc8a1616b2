"""Innocents called distillation as a log grows: worlds without a campaign, of two sizes, and who is accused there.

    python benchmarks/accused.py                              # five worlds, four seeds, two sizes: half an hour
    python benchmarks/accused.py --worlds lookalikes --seeds 481 --sizes 300000

`lookalikes` holds more of the hardest look-alikes than any log should, and two others many of one kind. The seeds are used for nothing else: no rule was made on them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from asked import names, numbers
from gather import proportion
from machine import machine
from pieces import table

from stillwatch import scan
from stillwatch.model.finding import Findings
from stillwatch.simulate.worlds import build

RESULT = Path(__file__).parent / "results" / "accused.json"
WORLDS = ("clean", "relay-only", "coordinated-only", "evaluation-only", "lookalikes")
SEEDS = (481, 482, 483, 484)
SIZES = (300_000, 1_500_000)


def main() -> None:
    """Measure, write the result."""
    chosen = _arguments()
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="stillwatch-accused-") as scratch:
        for size in chosen.sizes:
            for world in chosen.worlds:
                for seed in chosen.seeds:
                    runs.append(scanned(world, seed, size, Path(scratch)))
                    chosen.result.write_text(json.dumps(document(runs), indent=1) + "\n", "utf-8")
                    print(f"{world}, {size:,} exchanges, seed {seed}: {runs[-1]['accused']}", flush=True)


def scanned(world: str, seed: int, exchanges: int, place: Path) -> dict[str, Any]:
    """One world, and whom a scan accuses in it."""
    folder = place / f"{world}-{seed}"
    build(world, seed=seed, exchanges=exchanges, out=folder)
    truth = pq.read_table(folder.with_name(f"{folder.name}.truth") / "accounts.parquet")
    kinds = truth.select(["account_id", "lookalike", "role"]).to_pylist()
    of = {one["account_id"]: one["lookalike"] or one["role"] for one in kinds}
    found = scan(folder)
    alarms = found.false_alarms
    for suffix in ("", ".truth", ".prior"):
        shutil.rmtree(folder.with_name(folder.name + suffix))
    return {
        "world": world,
        "seed": seed,
        "exchanges": exchanges,
        "accounts": len(of),
        "groups": alarms.tried if alarms else 0,
        "accused": list(accused(found, of)),
    }


def accused(found: Findings, of: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Each group that is called distillation: how sure, and accounts by class, the most frequent first."""
    for campaign in found.campaigns:
        if campaign.verdict == "distillation":
            mine = found.accounts.filter(pc.equal(found.accounts["campaign_id"], campaign.campaign_id))
            classes = Counter(of[account] for account in mine["account_id"].to_pylist())
            yield {
                "probability": round(campaign.distillation.probability, 4),
                "accounts": dict(classes.most_common()),
            }


def document(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The runs with what they come to, for each size and world."""
    cases = sorted(
        {(run["exchanges"], run["world"]) for run in runs}, key=lambda c: (c[0], WORLDS.index(c[1]))
    )
    return {
        "what": "stillwatch scans of simulated worlds without a campaign: who is called distillation",
        "machine": machine(),
        "cases": [_case([run for run in runs if (run["exchanges"], run["world"]) == case]) for case in cases],
        "runs": list(runs),
    }


def _case(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    accused = [one for run in runs for one in run["accused"]]
    return {
        "world": runs[0]["world"],
        "exchanges": runs[0]["exchanges"],
        "accounts": sum(run["accounts"] for run in runs),
        "groups": round(sum(run["groups"] for run in runs) / len(runs), 1),
        "scans_that_accuse": proportion(sum(bool(run["accused"]) for run in runs), len(runs)),
        "accounts_accused": sum(sum(one["accounts"].values()) for one in accused),
        "most_of": sorted({next(iter(one["accounts"])) for one in accused}),
    }


def told(result: Mapping[str, Any]) -> Iterator[str]:
    """The table of the page."""
    heads = (
        "world",
        "exchanges",
        "scans",
        "groups a scan that might be called",
        "scans that accuse",
        "accounts accused",
        "of",
    )
    rows = (
        (
            f"`{c['world']}`",
            f"{c['exchanges']:,}",
            str(c["scans_that_accuse"]["of"]),
            f"{c['groups']:,.0f}",
            str(c["scans_that_accuse"]["found"]),
            f"{c['accounts_accused']:,} of {c['accounts']:,}",
            ", ".join(f"`{kind}`" for kind in c["most_of"]) or "none",
        )
        for c in result["cases"]
    )
    yield from table(heads, rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=names, default=list(WORLDS), metavar="A,B")
    parser.add_argument("--seeds", type=numbers, default=list(SEEDS), metavar="N,N")
    parser.add_argument(
        "--sizes", type=numbers, default=list(SIZES), metavar="N,N", help="exchanges of each world"
    )
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
