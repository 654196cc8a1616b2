"""Whether campaigns keep their ids over ten scans of one simulated log with one casebook.

    python benchmarks/ids.py                                  # about a quarter of an hour
    python benchmarks/ids.py --worlds mixed --seeds 511

Two ways of looking again: a log that grows (its first 10, 12, ... 28 days) and a window that slides (ten days of 28). A finding is a
true campaign's if most of its accounts are. Told apart: an id that changes from one scan to the next though it is the same campaign,
a campaign under two ids in one scan (a split), and an id that two campaigns had.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from machine import machine

from stillwatch.model.finding import Findings
from stillwatch.scan import scan
from stillwatch.simulate.worlds import build

RESULT = Path(__file__).parent / "results" / "ids.json"
WORLDS = ("mixed", "hot-spare")
SEEDS = (511, 512)
EXCHANGES = 100_000
SCANS, STEP_DAYS, WINDOW_DAYS = 10, 2, 10
DAY = 86_400_000_000
WAYS = ("growing", "sliding")


def main() -> None:
    """Measure, write the result, print it."""
    chosen = _arguments()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="stillwatch-ids-") as scratch:
        for name in chosen.worlds:
            for seed in chosen.seeds:
                world = Path(scratch) / f"{name}-{seed}"
                build(name, seed=seed, exchanges=chosen.exchanges, out=world)
                for way in WAYS:
                    rows.append({"world": name, "seed": seed, "way": way, **followed(world, way)})
                    print(json.dumps(rows[-1]), flush=True)
    document = {
        "what": "ids of simulated campaigns over ten scans with one casebook",
        "exchanges": chosen.exchanges,
        "scans": SCANS,
        "seeds": chosen.seeds,
        "machine": machine(),
        "ways": {way: _summed([r for r in rows if r["way"] == way]) for way in WAYS},
        "runs": rows,
    }
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(json.dumps(document["ways"], indent=1))


def followed(world: Path, way: str) -> dict[str, Any]:
    """Ten scans of one world: who had which id when."""
    truth = pq.read_table(
        world.with_name(f"{world.name}.truth") / "accounts.parquet", columns=["account_id", "campaign"]
    )
    campaign_of = dict(zip(*(column.to_pylist() for column in truth.columns), strict=True))
    seen: list[Mapping[str, list[str]]] = []
    notes = 0
    with tempfile.TemporaryDirectory() as scratch:
        book = Path(scratch) / "book.db"
        for part in _parts(world, way, Path(scratch)):
            found = scan(part, casebook=book)
            seen.append(_ids(found, campaign_of))
            notes += sum("has merged into" in n or "has split from" in n for n in found.run.notes)
    return {**_told(seen), "merges_and_splits_told": notes}


def _parts(world: Path, way: str, scratch: Path) -> Iterator[Path]:
    exchanges = pa.concat_tables([pq.read_table(file) for file in sorted(world.glob("exchanges*"))])
    first = pc.min(exchanges["ts"]).cast(pa.int64()).as_py()
    for at in range(SCANS):
        end = WINDOW_DAYS + at * STEP_DAYS
        start = 0 if way == "growing" else end - WINDOW_DAYS
        when = exchanges["ts"].cast(pa.int64())
        inside = pc.and_(pc.greater_equal(when, first + start * DAY), pc.less(when, first + end * DAY))
        part = scratch / f"{way}-{at}"
        shutil.copytree(world, part, ignore=shutil.ignore_patterns("exchanges*"))
        pq.write_table(exchanges.filter(inside), part / "exchanges.parquet")
        yield part
        shutil.rmtree(part)


def _ids(found: Findings, campaign_of: Mapping[str, str | None]) -> Mapping[str, list[str]]:
    """Ids in this scan of each true campaign."""
    members: dict[str, Counter[str | None]] = defaultdict(Counter)
    for row in found.accounts.filter(pc.is_valid(found.accounts["campaign_id"])).to_pylist():
        members[row["campaign_id"]][campaign_of[row["account_id"]]] += 1
    told: dict[str, list[str]] = defaultdict(list)
    for name, counts in members.items():
        true, count = counts.most_common(1)[0]
        if true is not None and 2 * count > counts.total():
            told[true].append(name)
    return told


def _told(seen: Sequence[Mapping[str, list[str]]]) -> dict[str, int]:
    """Steps from a scan to the next in which a campaign is seen in both, and what became of its ids."""
    steps = changed = twice = 0
    owners: dict[str, set[str]] = defaultdict(set)
    last: dict[str, set[str]] = {}
    for scan_ids in seen:
        for campaign, names in scan_ids.items():
            twice += len(names) > 1
            for name in names:
                owners[name].add(campaign)
            if campaign in last:
                steps += 1
                changed += not last[campaign] & set(names)
            last[campaign] = set(names)
    return {
        "campaigns": len(last),
        "seen_again": steps,
        "changed_id": changed,
        "under_two_ids": twice,
        "ids_of_two_campaigns": sum(len(of) > 1 for of in owners.values()),
    }


def _summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counted = (
        "campaigns",
        "seen_again",
        "changed_id",
        "under_two_ids",
        "ids_of_two_campaigns",
        "merges_and_splits_told",
    )
    return {name: sum(row[name] for row in rows) for name in counted}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    split = {"type": lambda text: text.split(","), "metavar": "A,B"}
    parser.add_argument("--worlds", default=list(WORLDS), help=f"default: {', '.join(WORLDS)}", **split)
    parser.add_argument(
        "--seeds", type=lambda text: [int(n) for n in text.split(",")], default=list(SEEDS), metavar="N,N"
    )
    parser.add_argument("--exchanges", type=int, default=EXCHANGES, help="size of each world")
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
