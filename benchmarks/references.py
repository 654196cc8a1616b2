"""Makes the table of innocent clusters that a scan compares its groups with: `stillwatch/judge/data/references.json`.

    python benchmarks/references.py                          # six worlds, thirteen seeds, three cases: half an hour
    python benchmarks/references.py --worlds clean --seeds 2001 --table here.json

Worlds without a campaign are made, scanned as they are, without text and without network, and every cluster that could
have been reported is kept with its size and its bits for a training set. Half of the worlds hold more of the hardest
look-alikes than any log should, which makes the references harder to beat, and what is stated more careful. Laboratories
with an agreement are innocent too but do build training sets; no world is made of them alone.
The seeds are used for nothing else. Make the table anew when weights or links change; a test says when it is stale.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from asked import names, numbers
from cases import NETWORK, TEXT, Case, reduced

from stillwatch import scan
from stillwatch.judge import references
from stillwatch.simulate.worlds import build

TABLE = Path(references.__file__).parent / "data" / "references.json"
WORLDS = ("clean", "off-platform", "relay-only", "coordinated-only", "evaluation-only", "lookalikes")
SEEDS = tuple(range(2001, 2014))
EXCHANGES = 300_000
COLUMNS = ("world", "parties", "reads_prompts", "reads_addresses", "bits")

Row = Mapping[str, Any]


def main() -> None:
    """Make the table, world by world."""
    chosen = _arguments()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="stillwatch-references-") as scratch:
        for seed in chosen.seeds:
            for world in chosen.worlds:
                rows += clusters(world, seed, chosen.exchanges, Path(scratch))
            done = [s for s in chosen.seeds if s <= seed]
            chosen.table.parent.mkdir(parents=True, exist_ok=True)
            chosen.table.write_text(_text(rows, chosen.worlds, done, chosen.exchanges), "ascii")
            print(f"seed {seed}: {len(rows):,} clusters so far", flush=True)


def clusters(world: str, seed: int, exchanges: int, place: Path) -> Iterator[Row]:
    """The clusters of one world that could have been reported, in each case."""
    folder = place / f"{world}-{seed}"
    build(world, seed=seed, exchanges=exchanges, out=folder)
    for case in (Case(world), Case(world, TEXT), Case(world, NETWORK, frozenset({"networks"}))):
        found = scan(reduced(folder, case, place / "reduced"))
        if found.false_alarms is not None:
            for tested in found.false_alarms.groups:
                if tested.could_be_campaign:
                    yield {"world": world, **{name: getattr(tested, name) for name in COLUMNS[1:]}}
        shutil.rmtree(place / "reduced", ignore_errors=True)
    for suffix in ("", ".truth", ".prior"):
        shutil.rmtree(folder.with_name(folder.name + suffix))


def _text(rows: Sequence[Row], worlds: Sequence[str], seeds: Sequence[int], exchanges: int) -> str:
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in COLUMNS))
    columns = {name: [row[name] for row in ordered] for name in COLUMNS}
    columns["bits"] = [round(bits, 4) for bits in columns["bits"]]
    head = {
        "what": "Clusters of simulated worlds without a campaign that could have been reported; made by benchmarks/references.py",
        "worlds": worlds,
        "seeds": seeds,
        "exchanges": exchanges,
        "weights": references.made_with(),
    }
    return json.dumps({**head, "clusters": columns}, separators=(",", ":")).replace('],"', '],\n"') + "\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=names, default=list(WORLDS), metavar="A,B")
    parser.add_argument("--seeds", type=numbers, default=list(SEEDS), metavar="N,N")
    parser.add_argument("--exchanges", type=int, default=EXCHANGES, help="of each world; default: 300,000")
    parser.add_argument("--table", type=Path, default=TABLE, metavar="FILE", help="where the table goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
