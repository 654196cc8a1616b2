"""Control of false alarms: e-values and stability on simulated worlds, and what is reported when coordination is shuffled away.

    python benchmarks/false_alarms.py                                   # everything: about ten minutes
    python benchmarks/false_alarms.py --worlds mixed --seeds 3001 --draws 1

Worlds are scanned as they are, and again after shuffling, each with seeds of its own. Three ways to shuffle:

- accounts: the requests of all accounts are dealt out anew, so that each account gets those of strangers;
- days: the same within each day, so that each account keeps its days and its load;
- contents: what is asked is dealt out anew, and accounts, programs and addresses stay together.

Cards and sign-ups stay as they are. After the first two nothing is left to find, and whatever is called distillation is
false. After the third, parties are left that ask what everybody asks: what is reported then rests on how they ask alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from asked import names, numbers
from gather import proportion
from machine import machine

from stillwatch import scan
from stillwatch.model.finding import Findings
from stillwatch.simulate.worlds import build

RESULT = Path(__file__).parent / "results" / "false_alarms.json"
WORLDS = ("clean", "mixed", "hard")
SEEDS = tuple(range(3001, 3005))
EXCHANGES = 300_000
DRAWS = 2
DAY = 86_400_000_000
ASKED = (
    "system_prompt",
    "prompt",
    "response",
    "turns",
    "tools",
    "images",
    "input_tokens",
    "output_tokens",
    "model",
)
ASKED_TOO = (
    "cached_input_tokens",
    "reasoning_tokens",
    "reasoning_token",
    "session_id",
    "stop_reason",
    "status",
)
WAYS = ("accounts", "days", "contents")
P_VALUES = (0.05, 0.01)


def main() -> None:
    """Measure, write the result, print it."""
    chosen = _arguments()
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="stillwatch-false-alarms-") as scratch:
        for world in chosen.worlds:
            for seed in chosen.seeds:
                runs += measured(world, seed, chosen, Path(scratch))
                chosen.result.write_text(json.dumps(document(runs, chosen), indent=1) + "\n", "utf-8")
                print(f"{world}, seed {seed}: {len(runs)} scans", flush=True)


def measured(world: str, seed: int, chosen: argparse.Namespace, place: Path) -> Iterator[dict[str, Any]]:
    """The scans of one world: as it is, then shuffled in each way."""
    folder, other = place / f"{world}-{seed}", place / "shuffled"
    build(world, seed=seed, exchanges=chosen.exchanges, out=folder)
    truth = pq.read_table(folder.with_name(f"{folder.name}.truth") / "accounts.parquet")
    yield {"world": world, "seed": seed, "way": "none", **told(scan(folder), truth)}
    for way in WAYS:
        for draw in range(chosen.draws):
            shuffle(folder, other, way, np.random.default_rng([seed, WAYS.index(way), draw]))
            yield {"world": world, "seed": seed, "way": way, "draw": draw, **told(scan(other), truth)}
            shutil.rmtree(other)
    for suffix in ("", ".truth", ".prior"):
        shutil.rmtree(folder.with_name(folder.name + suffix))


def shuffle(world: Path, to: Path, way: str, chance: np.random.Generator) -> None:
    """A copy of the world with its exchanges shuffled in one way; all other tables are linked."""
    to.mkdir()
    for file in world.iterdir():
        if file.name != "exchanges.parquet":
            (to / file.name).symlink_to(file.resolve())
    log = pq.read_table(world / "exchanges.parquet")
    order = chance.permutation(log.num_rows)
    if way == "days":
        day = log["ts"].cast(pa.int64()).to_numpy() // DAY
        place = np.argsort(day, kind="stable")
        order[place] = place[np.lexsort((chance.random(len(place)), day[place]))]
    names = ("account_id", "api_key_id") if way != "contents" else (*ASKED, *ASKED_TOO)
    for name in (n for n in names if n in log.column_names):
        at = log.column_names.index(name)
        log = log.set_column(at, log.schema.field(at), log[name].take(pa.array(order)))
    pq.write_table(log, to / "exchanges.parquet")


def told(findings: Findings, truth: pa.Table) -> dict[str, Any]:
    """What a scan reported, and how it tested what it could have reported."""
    alarms = findings.false_alarms
    assert alarms is not None
    real = set(truth.filter(pc.equal(truth["role"], "campaign"))["account_id"].to_pylist())
    members = {c.campaign_id: _members(findings, c.campaign_id) for c in findings.campaigns}
    verdicts = [c.verdict for c in findings.campaigns]
    return {
        **{verdict: verdicts.count(verdict) for verdict in ("distillation", "relay", "coordinated")},
        "tried": alarms.tried,
        "tested": [
            {
                "verdict": next(
                    (c.verdict for c in findings.campaigns if c.campaign_id == t.campaign_id), None
                ),
                "is_real": 2 * len(members.get(t.campaign_id or "", set()) & real)
                > len(members.get(t.campaign_id or "", ())),
                "parties": t.parties,
                "bits": round(t.bits, 3),
                "references": t.references,
                "p_value": None if t.p_value is None else round(t.p_value, 6),
                "e_value": None if t.e_value is None else round(t.e_value, 4),
                "is_confirmed": t.is_confirmed,
                "together": t.stability and t.stability.together,
                "least_together": t.stability and t.stability.least_together,
                "most_strangers": t.stability and t.stability.most_strangers,
            }
            for t in alarms.groups
            if t.campaign_id or t.could_be_campaign
        ],
    }


def _members(findings: Findings, campaign_id: str) -> set[str]:
    mine = findings.accounts.filter(pc.equal(findings.accounts["campaign_id"], campaign_id))
    return set(mine["account_id"].to_pylist())


def document(runs: Sequence[Mapping[str, Any]], chosen: argparse.Namespace) -> dict[str, Any]:
    """The runs with what they come to."""
    return {
        "what": "stillwatch scans of simulated worlds, as they are and with coordination shuffled away",
        "exchanges": chosen.exchanges,
        "seeds": chosen.seeds,
        "machine": machine(),
        "innocent": innocent([run for run in runs if run["way"] == "none" and run["world"] == "clean"]),
        "reported": reported([run for run in runs if run["way"] == "none"]),
        "shuffled": {way: shuffled([run for run in runs if run["way"] == way]) for way in WAYS},
        "runs": runs,
    }


def innocent(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How innocent groups of worlds without a campaign are tested: on average 1 is the most that an e-value may be."""
    tested = [t for run in runs for t in run["tested"] if t["p_value"] is not None]
    return {
        "scans": len(runs),
        "groups": len(tested),
        "mean_e_value": round(float(np.mean([t["e_value"] for t in tested])), 4) if tested else None,
        "p_at_most": {
            str(p): proportion(sum(t["p_value"] <= p for t in tested), len(tested)) for p in P_VALUES
        },
        "confirmed": proportion(sum(t["is_confirmed"] for t in tested), len(tested)),
        "scans_with_any_confirmed": proportion(
            sum(any(t["is_confirmed"] for t in run["tested"]) for run in runs), len(runs)
        ),
    }


def reported(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How what is reported is tested, by verdict."""
    kinds: dict[str, Any] = {}
    for verdict in ("distillation", "relay", "coordinated"):
        mine = [t for run in runs for t in run["tested"] if t["verdict"] == verdict]
        firm = [t for t in mine if t["together"] is not None]
        kinds[verdict] = {
            "groups": len(mine),
            "false": proportion(sum(not t["is_real"] for t in mine), len(mine))
            if verdict == "distillation"
            else None,
            "confirmed": proportion(sum(t["is_confirmed"] for t in mine), len(mine)),
            "confirmed_and_false": sum(t["is_confirmed"] and not t["is_real"] for t in mine),
            "too_small_to_repeat": len(mine) - len(firm),
            **{
                name: _mean([t[name] for t in firm])
                for name in ("together", "least_together", "most_strangers")
            },
        }
    return kinds


def shuffled(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is reported where nothing is left to find."""
    return {
        "scans": len(runs),
        "tried": sum(run["tried"] for run in runs),
        **{v: sum(run[v] for run in runs) for v in ("relay", "coordinated")},
        "scans_with_distillation": proportion(sum(run["distillation"] > 0 for run in runs), len(runs)),
        "confirmed": sum(t["is_confirmed"] for run in runs for t in run["tested"]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=names, default=list(WORLDS), metavar="A,B")
    parser.add_argument("--seeds", type=numbers, default=list(SEEDS), metavar="N,N")
    parser.add_argument("--exchanges", type=int, default=EXCHANGES, help="of each world; default: 300,000")
    parser.add_argument("--draws", type=int, default=DRAWS, help="times each world is shuffled; default: 2")
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
