"""Which techniques of planted campaigns the signals show, on simulated worlds whose truth names them.

    python benchmarks/techniques.py                                # all worlds below: about ten minutes
    python benchmarks/techniques.py --worlds evasion --seeds 301
    python benchmarks/techniques.py --keep worlds                  # use the worlds that lie there

The accounts of each campaign are taken from the truth, so that this measures the signals alone and not the linking.
A signal shows a technique of a campaign if it stands out there: a signal of traits by the bits that name a technique
in a scan, a signal of clusters by a value above that of nine in ten groups of innocents (each class of look-alikes, in
runs of 200 accounts). Counted beside it: campaigns without the technique that show it too.
The default seeds are for reporting; choose words of probes on others.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from machine import machine

from stillwatch.engine.open import EngineSettings, open_engine
from stillwatch.fingerprint.assemble import Gather, Log
from stillwatch.fingerprint.door import keyed
from stillwatch.fingerprint.text import string_keys
from stillwatch.judge.groups import member_exchange
from stillwatch.link.principal import principals
from stillwatch.registry import discover
from stillwatch.signals._base import Signal, SignalSettings
from stillwatch.signals.measure import chosen, measure
from stillwatch.simulate.worlds import build
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject
from stillwatch.testing.measuring import PARAMETERS
from stillwatch.weigh.bits import WeighSettings, weigh
from stillwatch.weigh.holding import Holdings, holding

RESULT = Path(__file__).parent / "results" / "techniques.json"
WORLDS = ("mixed", "hard", "hot-spare", "elicitation", "harvest", "evasion", "access")
SEEDS = (401, 402)
EXCHANGES = 150_000
RUN = 200
"""Accounts of a group of innocents at most."""
ORDINARY, LEAST, LEAST_SUPPORT = 0.9, 0.02, 20
"""A value stands out above so many groups of innocents and this least value; fewer cases say nothing."""
NAMED_BITS = 2.0
"""As in `judge.campaign`: a trait of which members carry so many bits on average is one that the campaign shows."""

Shown = Mapping[str, bool]


def main() -> None:
    """Measure, write the result, print it."""
    chosen_now = _arguments()
    campaigns: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="stillwatch-techniques-") as scratch:
        place = chosen_now.keep or Path(scratch)
        for world in chosen_now.worlds:
            for seed in chosen_now.seeds:
                folder = place / f"{world}-{seed}-{chosen_now.exchanges}"
                if not folder.exists():
                    build(world, seed=seed, exchanges=chosen_now.exchanges, out=folder)
                campaigns += [{"world": world, "seed": seed, **row} for row in shown_in(folder)]
                print(f"{world}, seed {seed}: {sum(row['world'] == world for row in campaigns)} campaigns")
    document = {
        "what": "signals on the true accounts of simulated campaigns, beside groups of innocents",
        "exchanges": chosen_now.exchanges,
        "seeds": chosen_now.seeds,
        "machine": machine(),
        "techniques": counted(campaigns),
        "campaigns": campaigns,
    }
    chosen_now.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    for name, count in document["techniques"].items():
        print(
            f"{name}: shown in {count['shown']} of {count['campaigns']}, elsewhere {count['elsewhere']} of {count['others']}"
        )


def counted(campaigns: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """For each technique: campaigns that use it and show it, and campaigns that do not use it and seem to show it."""
    names = sorted({name for c in campaigns for name in (*c["uses"], *c["shows"])})
    return {
        name: {
            "campaigns": len(users := [c for c in campaigns if name in c["uses"]]),
            "shown": sum(name in c["shows"] for c in users),
            "others": len(others := [c for c in campaigns if name not in c["uses"]]),
            "elsewhere": sum(name in c["shows"] for c in others),
        }
        for name in names
    }


def shown_in(folder: Path) -> Iterator[dict[str, Any]]:
    """Each campaign of a world: the techniques that it uses, and those that the signals show."""
    truth = folder.with_name(f"{folder.name}.truth")
    planted = json.loads((truth / "campaigns.json").read_text("utf-8"))["campaigns"]
    if not all("techniques" in campaign for campaign in planted):
        raise SystemExit(f"{truth} names no techniques of its campaigns: it was made by an older simulator.")
    standing = _standing(folder, truth)
    signals = discover("signals", Signal)
    for campaign in planted:
        speaking = sorted(name for name, groups in standing.items() if groups.get(campaign["id"], False))
        shows = sorted({technique for name in speaking for technique in signals[name].techniques})
        yield {
            "campaign": campaign["archetype"],
            "uses": campaign["techniques"],
            "shows": shows,
            "signals": speaking,
        }


def _standing(folder: Path, truth: Path) -> Mapping[str, Shown]:
    """For each signal that can run: whether it stands out in each campaign."""
    with tempfile.TemporaryDirectory() as scratch, Reject(Path(scratch) / "rejected.jsonl") as reject:
        world = open_input(folder)
        accounts, models, gather = world.accounts(reject), world.models(reject), Gather()
        for batch in world.exchanges(reject):
            gather.add(batch, keyed(batch))
        running, _ = chosen(discover("signals", Signal), world.present, SignalSettings())
    log = gather.finish(accounts)
    groups = _groups(truth, log)
    released = {
        "model": string_keys(models["model"].combine_chunks()),
        "released": models["released_at"].cast(pa.int64()),
    }
    with open_engine(EngineSettings()) as engine:
        engine.read("exchange", log.exchange)
        engine.read("account", log.account)
        engine.read("model_release", pa.table(released))
        engine.read("member", (member := _member(groups)))
        engine.read("member_exchange", member_exchange(log.exchange, member, [s.query for s in running]))
        traits = {s.name: table for s, table in measure(engine, running, "trait")}
        clusters = {s.name: table for s, table in measure(engine, running, "cluster", **PARAMETERS)}
    return {
        **{s.name: _carried(s, traits[s.name], log, groups) for s in running if s.level == "trait"},
        **{name: _above(table, list(groups)) for name, table in clusters.items()},
    }


def _groups(truth: Path, log: Log) -> dict[str, list[int]]:
    """Positions of accounts by campaign, and of innocents by class in runs; innocents' names begin with a blank."""
    position = {account_id: at for at, account_id in enumerate(log.account_ids)}
    groups: dict[str, list[int]] = {}
    met: Counter[str] = Counter()
    for row in pq.read_table(truth / "accounts.parquet").sort_by("account_id").to_pylist():
        name = row["campaign"]
        if name is None:
            name = f" {row['lookalike']} {met[row['lookalike']] // RUN}"
            met[row["lookalike"]] += 1
        if row["account_id"] in position:
            groups.setdefault(name, []).append(position[row["account_id"]])
    return groups


def _member(groups: Mapping[str, Sequence[int]]) -> pa.Table:
    sizes = [len(accounts) for accounts in groups.values()]
    account = np.concatenate([np.array(accounts, np.int32) for accounts in groups.values()])
    return pa.table({"account": account, "cluster": np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)})


def _above(measured: pa.Table, names: Sequence[str]) -> Shown:
    """Whether each campaign's value is above what is ordinary among groups of innocents."""
    value = {names[r["cluster"]]: r["value"] for r in measured.to_pylist() if r["support"] >= LEAST_SUPPORT}
    innocent = [v for name, v in value.items() if name.startswith(" ")]
    bar = max(LEAST, float(np.quantile(innocent, ORDINARY))) if innocent else LEAST
    return {name: v > bar for name, v in value.items() if not name.startswith(" ")}


def _carried(signal: Signal, measured: pa.Table, log: Log, groups: Mapping[str, Sequence[int]]) -> Shown:
    """Whether each campaign's principals carry enough bits of that signal on average."""
    principal = principals(log.account)
    held = holding(measured, principal, signal=signal.name, family=signal.family)
    shown = {}
    for name, accounts in groups.items():
        if not name.startswith(" ") and len(held.keys):
            own = np.unique(principal[accounts])
            weighed = weigh(Holdings([held]), own, WeighSettings())
            shown[name] = float(weighed.total()[np.isin(weighed.rows, own)].mean()) >= NAMED_BITS
    return shown


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    split = {"type": lambda text: text.split(","), "metavar": "A,B"}
    parser.add_argument("--worlds", default=list(WORLDS), help=f"default: {', '.join(WORLDS)}", **split)
    parser.add_argument(
        "--seeds", type=lambda text: [int(n) for n in text.split(",")], default=list(SEEDS), metavar="N,N"
    )
    parser.add_argument(
        "--exchanges", type=int, default=EXCHANGES, help="size of each world; default: 150,000"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the worlds here, and use those already here"
    )
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
