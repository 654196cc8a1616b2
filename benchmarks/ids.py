"""Whether campaigns keep their ids over ten scans of one simulated log with one casebook.

    python benchmarks/ids.py                                  # about a quarter of an hour
    python benchmarks/ids.py --runs mixed/sliding --seeds 511

Three ways of looking again: a log that grows (its first 10, 12, ... 28 days), a window that slides (ten days of 28), and ten weekly
scans of the last three weeks. In the world of twelve weeks one campaign grows, one replaces its accounts, two become one, and one
becomes two. A finding is a true campaign's if most of its accounts are; a campaign has the id of the finding that holds most of its
accounts. Told apart: an id that changes from one scan to the next and no merge or split is told, a campaign under two ids in one
scan, an id that two campaigns had that never work together, and the merges and splits that are true.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
RUNS = ("mixed/growing", "mixed/sliding", "hot-spare/growing", "hot-spare/sliding", "twelve-weeks/weekly")
SEEDS = (511, 512)
MORE_SEEDS = (513, 514, 515)
"""Of the weekly scans, in which there is one merge and one split a run."""
SCANS = 10
DAY = 86_400_000_000
WRONG, OTHERS = "not true", "of no campaign"
TOLD = re.compile(r"(\S+) has (merged into|split from) ([^\s:]+)")
COUNTED = (
    "campaigns",
    "seen_again",
    "changed_id",
    "under_two_ids",
    "ids_of_two_campaigns",
    "merges_and_splits",
    "told_rightly",
    "told_wrongly",
)


@dataclass(frozen=True)
class Way:
    """How the log is looked at: days in the first scan, days from scan to scan, and whether the first days stay."""

    days: int
    step: int
    is_growing: bool
    exchanges: int


WAYS = {
    "growing": Way(10, 2, is_growing=True, exchanges=100_000),
    "sliding": Way(10, 2, is_growing=False, exchanges=100_000),
    "weekly": Way(21, 7, is_growing=False, exchanges=300_000),
}


@dataclass(frozen=True)
class Pair:
    """A campaign that works with another's means for a part of the time: from its first day on, or from some day on."""

    host: str
    is_merge: bool


@dataclass(frozen=True, eq=False)
class Seen:
    """One scan: the ids under which each true campaign stands, and the merges and splits that it told."""

    ids: Mapping[str, set[str]]
    told: Sequence[tuple[str, str, str]]


def main() -> None:
    """Measure, write the result, print it."""
    chosen = _arguments()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="stillwatch-ids-") as scratch:
        for name, way in (run.split("/") for run in chosen.runs):
            seeds = [*chosen.seeds, *(MORE_SEEDS if way == "weekly" and chosen.seeds == list(SEEDS) else ())]
            for seed in seeds:
                world = Path(scratch) / f"{name}-{seed}"
                if not world.exists():
                    build(name, seed=seed, exchanges=WAYS[way].exchanges, out=world)
                rows.append({"world": name, "seed": seed, "way": way, **followed(world, WAYS[way])})
                print(json.dumps(rows[-1]), flush=True)
    ways = [way for way in WAYS if any(r["way"] == way for r in rows)]
    document = {
        "what": "ids of simulated campaigns over ten scans with one casebook",
        "scans": SCANS,
        "machine": machine(),
        "ways": {way: _summed([r for r in rows if r["way"] == way]) for way in ways},
        "runs": rows,
    }
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(json.dumps(document["ways"], indent=1))


def followed(world: Path, way: Way) -> dict[str, Any]:
    """Ten scans of one world: who had which id when, and what was told of merges and splits."""
    truth = world.with_name(f"{world.name}.truth")
    table = pq.read_table(truth / "accounts.parquet", columns=["account_id", "campaign"])
    campaign_of = dict(zip(*(column.to_pylist() for column in table.columns), strict=True))
    campaigns = json.loads((truth / "campaigns.json").read_text("utf-8"))["campaigns"]
    begins = min(c["first_seen"] for c in campaigns)
    pairs = {
        c["id"]: Pair(c["together"]["with"], is_merge=c["together"]["from"] > begins + DAY)
        for c in campaigns
        if "together" in c
    }
    with tempfile.TemporaryDirectory() as scratch:
        book = Path(scratch) / "book.db"
        seen = [
            _seen(scan(part, casebook=book), campaign_of, pairs) for part in parts(world, way, Path(scratch))
        ]
    return _counted(seen, pairs)


def parts(world: Path, way: Way, scratch: Path) -> Iterator[Path]:
    """The log as it is at each scan: its exchanges, and accounts as they are known by then."""
    exchanges = pa.concat_tables([pq.read_table(file) for file in sorted(world.glob("exchanges*"))])
    accounts = pq.read_table(world / "accounts.parquet")
    when = exchanges["ts"].cast(pa.int64())
    first = pc.min(when).as_py() // DAY * DAY
    for at in range(SCANS):
        end = first + (way.days + at * way.step) * DAY
        start = first if way.is_growing else end - way.days * DAY
        part = scratch / f"part-{at}"
        shutil.copytree(world, part, ignore=shutil.ignore_patterns("exchanges*", "accounts*"))
        inside = pc.and_(pc.greater_equal(when, start), pc.less(when, end))
        pq.write_table(exchanges.filter(inside), part / "exchanges.parquet")
        pq.write_table(_known(accounts, end), part / "accounts.parquet")
        yield part
        shutil.rmtree(part)


def _known(accounts: pa.Table, end: int) -> pa.Table:
    """Accounts that were signed up by then, without bans to come."""
    here = accounts.filter(pc.fill_null(pc.less(accounts["created_at"].cast(pa.int64()), end), True))  # noqa: FBT003
    is_later = pc.fill_null(pc.greater_equal(here["banned_at"].cast(pa.int64()), end), False)  # noqa: FBT003
    for name, value in (("banned_at", None), ("status", "active")):
        field = here.schema.field(name)
        changed = pc.if_else(is_later, pa.scalar(value, field.type), here[name])
        here = here.set_column(here.schema.get_field_index(name), field, changed)
    return here


def _seen(found: Findings, campaign_of: Mapping[str, str | None], pairs: Mapping[str, Pair]) -> Seen:
    """A campaign stands in a finding if most of its accounts are its own, those of a campaign that it works with aside."""
    findings: dict[str, Counter[str | None]] = defaultdict(Counter)
    for row in found.accounts.filter(pc.is_valid(found.accounts["campaign_id"])).to_pylist():
        findings[row["campaign_id"]][campaign_of[row["account_id"]]] += 1
    ids: dict[str, set[str]] = defaultdict(set)
    for name, counts in findings.items():
        for campaign in counts:
            beside = sum(
                counts[c] for c in counts if c != campaign and _party(c, pairs) == _party(campaign, pairs)
            )
            if campaign is not None and 2 * counts[campaign] > counts.total() - beside:
                ids[campaign].add(name)
    return Seen(ids, [m.groups() for note in found.run.notes if (m := TOLD.match(note))])


def _party(campaign: str | None, pairs: Mapping[str, Pair]) -> str | None:
    """The campaign, or the one that it works with at some time."""
    return pairs[campaign].host if campaign in pairs else campaign


def _counted(seen: Sequence[Seen], pairs: Mapping[str, Pair]) -> dict[str, Any]:
    """Steps from a scan to the next in which a campaign is seen in both, and what became of its ids."""
    counts = dict.fromkeys(COUNTED, 0)
    parties: dict[str, set[str | None]] = defaultdict(set)
    last: dict[str, set[str]] = {}
    happened: list[dict[str, Any]] = []
    for number, one in enumerate(seen, 1):
        explained = {(told[2], told[0]) for told in one.told} | {(told[0], told[2]) for told in one.told}
        happened += [
            {"scan": number, "told": " ".join(told), "true": _true(told, one, last, pairs)}
            for told in one.told
        ]
        for campaign, names in one.ids.items():
            counts["under_two_ids"] += len(names) > 1
            for name in names:
                parties[name].add(_party(campaign, pairs))
            if campaign in last:
                counts["seen_again"] += 1
                is_told = any((old, new) in explained for old in last[campaign] for new in names)
                counts["changed_id"] += not (last[campaign] & names or is_told)
        last |= one.ids
    counts["campaigns"] = len(last)
    counts["ids_of_two_campaigns"] = sum(len(of) > 1 for of in parties.values())
    counts["merges_and_splits"] = len(pairs)
    counts["told_rightly"] = len({e["true"] for e in happened if e["true"] in pairs})
    counts["told_wrongly"] = sum(e["true"] == WRONG for e in happened)
    return {**counts, "told": happened}


def _true(
    told: tuple[str, str, str], one: Seen, last: Mapping[str, set[str]], pairs: Mapping[str, Pair]
) -> str:
    """The campaign that really did what is told; WRONG if one did not, OTHERS if it is of no campaign at all."""
    name, verb, other = told
    is_merge = verb == "merged into"
    ended = {campaign for campaign, names in (last if is_merge else one.ids).items() if name in names}
    beside = {campaign for campaign, names in (one.ids if is_merge else last).items() if other in names}
    for campaign, pair in pairs.items():
        both = {campaign, pair.host}
        if pair.is_merge == is_merge and ended and ended <= both and beside & both:
            return campaign
    return WRONG if ended or beside else OTHERS


def _summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {
        "runs": len(rows),
        "exchanges": WAYS[rows[0]["way"]].exchanges,
        **{name: sum(row[name] for row in rows) for name in COUNTED},
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    split = {"type": lambda text: text.split(","), "metavar": "A,B"}
    parser.add_argument("--runs", default=list(RUNS), help=f"default: {', '.join(RUNS)}", **split)
    parser.add_argument(
        "--seeds", type=lambda text: [int(n) for n in text.split(",")], default=list(SEEDS), metavar="N,N"
    )
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
