"""Two providers that see two parts of the same campaigns: what each finds alone, with the other's sightings, and with a set intersection.

    python benchmarks/two_providers.py                                   # all worlds below: about ten minutes
    python benchmarks/two_providers.py --worlds small --seeds 801

A simulated world is cut in two: every second account is one provider's, with its exchanges. Both scan with a casebook and the key
of their circle, and then, as commands would:

- alone: what each calls distillation by itself
- sightings: each shares its findings and leads at tier 1 (`share --as stix`), reads the other's (`share read --casebook`), scans again
- both: and each offers the cards of the accounts in its findings and leads, the other answers from those of its own (`psi --values`), and
  the scan that follows knows which cards both have

A unit is one true campaign at one provider, if at least ten of its accounts are there. It is found if a distillation finding, most of
whose accounts are of that campaign, holds three in ten of its accounts there. Every other distillation finding is a false alarm. *Below the line on
both sides* are campaigns of which neither provider found its part alone. The worlds without a campaign show what innocents pay.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from asked import names, parser
from click.testing import CliRunner
from gather import proportion
from machine import machine

from stillwatch.cli.main import stillwatch
from stillwatch.simulate.halves import half
from stillwatch.simulate.worlds import build

RESULT = Path(__file__).parent / "results" / "two_providers.json"
WORLDS = ("mixed", "small", "clean", "lookalikes", "coordinated-only")
SEEDS = tuple(range(801, 806))
EXCHANGES = 60_000
PROVIDERS = ("alpha", "beta")
WAYS = ("alone", "sightings", "both")
FEWEST, LEAST_HELD, MOSTLY = 10, 0.3, 0.5
LEAST_VALUES = 16

Row = Mapping[str, Any]


def main() -> None:
    """Measure, write the result, print it."""
    options = parser(__doc__, seeds=SEEDS, exchanges=EXCHANGES, result=RESULT)
    options.add_argument("--worlds", type=names, default=list(WORLDS), metavar="A,B")
    chosen: argparse.Namespace = options.parse_args()
    runs: list[Row] = []
    for world in chosen.worlds:
        for seed in chosen.seeds:
            runs.append(measured(world, seed, chosen.exchanges))
            print(json.dumps(runs[-1]), flush=True)
    document = {
        "what": "campaigns of simulated worlds that two providers see a half each of",
        "command": "python benchmarks/two_providers.py",
        "exchanges": chosen.exchanges,
        "seeds": chosen.seeds,
        "machine": machine(),
        "worlds": {w: figures([r for r in runs if r["world"] == w]) for w in chosen.worlds},
        "all": figures(runs),
        "goals": goals(runs),
        "runs": runs,
    }
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    for goal in document["goals"]:
        print(f"{'met' if goal['met'] else 'NOT MET':<9}{goal['goal']} ({goal['value']})")


def measured(world: str, seed: int, exchanges: int) -> Row:
    """One world cut in two, scanned alone and with what the other told."""
    with tempfile.TemporaryDirectory(prefix="stillwatch-two-") as scratch:
        folder = Path(scratch)
        build(world, seed=seed, exchanges=exchanges, out=folder / "world")
        truth = dict(_pairs(folder / "world.truth" / "accounts.parquet", "account_id", "campaign"))
        found = {}
        prepare(folder)
        for way in WAYS:
            if way == "sightings":
                tell_each_other(folder)
            if way == "both":
                compare_cards(folder)
            for name in PROVIDERS:
                words = (
                    "--casebook",
                    str(folder / f"{name}.db"),
                    "--circle-key-file",
                    str(folder / "circle.key"),
                )
                run("scan", str(folder / name), "--out", str(folder / f"{name}-findings"), *words, "--quiet")
            found[way] = {name: units(folder, name, truth) for name in PROVIDERS}
    return {"world": world, "seed": seed, **{way: summed(found[way]) for way in WAYS}, **pairs(found)}


def prepare(folder: Path) -> None:
    """Two logs, a key of each house and one of the circle."""
    (folder / "circle.key").write_text("the key of a circle of two")
    for which, name in enumerate(PROVIDERS):
        half(folder / "world", folder / name, which=which)
        (folder / f"{name}.key").write_text(f"the key of the house of {name}")


def tell_each_other(folder: Path) -> None:
    """Each shares what it found and its leads, and keeps what the other told."""
    for name in PROVIDERS:
        told = [i for c in campaigns(folder, name) for i in ("--finding", c["campaign_id"])]
        if told:
            words = ("--as", "stix", "--tier", "1", "--out", str(folder / f"{name}.json"), "--producer", name)
            run("share", str(folder / f"{name}-findings"), *words, *told, *keys(folder, name), "--quiet")
    for name, other in zip(PROVIDERS, reversed(PROVIDERS), strict=True):
        if (folder / f"{other}.json").exists():
            words = ("--casebook", str(folder / f"{name}.db"), "--producer", name, "--quiet")
            run("share", "read", f"{other}={folder / f'{other}.json'}", *words, *keys(folder, name))


def compare_cards(folder: Path) -> None:
    """Each learns which cards of the accounts in its findings and leads are in the other's; the size comes first."""
    for name in PROVIDERS:
        held = cards(folder, name)
        (folder / f"{name}.cards").write_text("\n".join(held))
    for name, other in zip(PROVIDERS, reversed(PROVIDERS), strict=True):
        if min(len((folder / f"{n}.cards").read_text().split()) for n in PROVIDERS) < LEAST_VALUES:
            continue
        for extra in ((), ("--values",)):
            at = {n: str(folder / f"{name}-{n}{len(extra)}") for n in ("offer", "answer", "both")}
            at["state"] = str(folder / f"{name}-state")
            mine = ("--audit", str(folder / f"{name}.jsonl"), "--quiet", "--peer", other)
            theirs = ("--audit", str(folder / f"{other}.jsonl"), "--quiet", "--peer", name)
            offer = (str(folder / f"{name}.cards"), "--kind", "payment", "--state", at["state"])
            run("psi", "offer", *offer, "--out", at["offer"], *extra, *mine)
            run(
                "psi",
                "answer",
                at["offer"],
                str(folder / f"{other}.cards"),
                "--out",
                at["answer"],
                *extra,
                *theirs,
            )
            last = ("--out", at["both"], "--casebook", str(folder / f"{name}.db")) if extra else ()
            run("psi", "reveal", at["state"], at["answer"], *last, *mine)


def cards(folder: Path, name: str) -> list[str]:
    """Payment instruments of all accounts in findings and leads."""
    inside = pq.read_table(folder / f"{name}-findings" / "accounts.parquet")
    inside = inside.filter(pc.is_valid(inside["campaign_id"]))
    accounts = pq.read_table(folder / name / "accounts.parquet")
    mine = accounts.filter(pc.is_in(accounts["account_id"], inside["account_id"].combine_chunks()))
    return sorted({card for card in mine["payment_fingerprint"].to_pylist() if card})


def units(folder: Path, name: str, truth: Mapping[str, str | None]) -> dict[str, Any]:
    """The campaigns of which enough accounts are here, whether each is found, and false alarms."""
    here = Counter(
        truth[a] for (a,) in _pairs(folder / name / "accounts.parquet", "account_id") if truth.get(a)
    )
    members: dict[str, Counter[str | None]] = {}
    called = {c["campaign_id"] for c in campaigns(folder, name) if c["verdict"] == "distillation"}
    for account, campaign in _pairs(
        folder / f"{name}-findings" / "accounts.parquet", "account_id", "campaign_id"
    ):
        if campaign in called:
            members.setdefault(campaign, Counter())[truth.get(account)] += 1
    found, false = set(), 0
    for held in members.values():
        mine, count = held.most_common(1)[0]
        is_right = mine is not None and count >= MOSTLY * held.total()
        false += not is_right
        if is_right and count >= LEAST_HELD * here[mine]:
            found.add(mine)
    wanted = {c for c, count in here.items() if count >= FEWEST}
    caught = sum(n for held in members.values() for c, n in held.items() if c)
    innocent = sum(held[None] for held in members.values())
    return {
        "wanted": wanted, "found": found & wanted, "false": false, "accounts": here.total(),
        "accounts_found": caught, "innocent_called": innocent,
    }  # fmt: skip


def summed(found: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Both providers' numbers."""
    both = list(found.values())
    counts = {name: sum(len(f[name]) for f in both) for name in ("wanted", "found")}
    return counts | {
        n: sum(f[n] for f in both) for n in ("false", "accounts", "accounts_found", "innocent_called")
    }


def pairs(found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, int]:
    """Campaigns that stand below the line on both sides, and how many of them both, or one, find with the other's help."""
    alpha, beta = (found["alone"][name] for name in PROVIDERS)
    below = (alpha["wanted"] & beta["wanted"]) - alpha["found"] - beta["found"]
    after = [found["both"][name]["found"] for name in PROVIDERS]
    return {
        "below_on_both": len(below),
        "then_found_by_both": len(below & after[0] & after[1]),
        "then_found_by_one": len(below & (after[0] ^ after[1])),
        "lost": sum(len(found["alone"][n]["found"] - found["both"][n]["found"]) for n in PROVIDERS),
    }


def figures(runs: Sequence[Row]) -> dict[str, Any]:
    """The figures of some worlds over their seeds; rates with their counts and bounds."""
    told: dict[str, Any] = {
        way: {
            "campaigns_found": proportion(
                sum(r[way]["found"] for r in runs), sum(r[way]["wanted"] for r in runs)
            ),
            "accounts_found": proportion(
                sum(r[way]["accounts_found"] for r in runs), sum(r[way]["accounts"] for r in runs)
            ),
            "false_alarms": sum(r[way]["false"] for r in runs),
            "innocent_accounts_called": sum(r[way]["innocent_called"] for r in runs),
        }
        for way in WAYS
    }
    for name in ("below_on_both", "then_found_by_both", "then_found_by_one", "lost"):
        told[name] = sum(r[name] for r in runs)
    return told | {"scans": 2 * len(runs)}


def goals(runs: Sequence[Row]) -> list[dict[str, Any]]:
    """What it must show."""
    told = figures(runs)
    gain = sum(r["both"]["found"] - r["alone"]["found"] for r in runs)
    false = sum(r["both"]["false"] - r["alone"]["false"] for r in runs)
    rows = (
        ("campaigns at a provider that are found with the other's help and not alone, more than", gain, 0, gain > 0),
        ("campaigns below the line on both sides that both find then, more than", told["then_found_by_both"], 0, told["then_found_by_both"] > 0),
        ("false alarms more than alone, at most", false, 0, false <= 0),
        ("campaigns found alone and lost with the other's help, at most", told["lost"], 0, told["lost"] == 0),
    )  # fmt: skip
    return [{"goal": f"{text} {bound}", "value": value, "met": met} for text, value, bound, met in rows]


def campaigns(folder: Path, name: str) -> list[dict[str, Any]]:
    """What the last scan of a provider tells."""
    told: list[dict[str, Any]] = json.loads((folder / f"{name}-findings" / "findings.json").read_text())[
        "campaigns"
    ]
    return told


def keys(folder: Path, name: str) -> tuple[str, ...]:
    """The keys of a provider, as options."""
    return ("--key-file", str(folder / f"{name}.key"), "--circle-key-file", str(folder / "circle.key"))


def run(*words: str) -> None:
    """A command, as it would be typed."""
    done = CliRunner().invoke(stillwatch, list(words))
    assert done.exit_code == 0, done.output


def _pairs(path: Path, *columns: str) -> Iterator[tuple[Any, ...]]:
    table = pq.read_table(path, columns=list(columns))
    return zip(*(table[c].to_pylist() for c in columns), strict=True)


if __name__ == "__main__":
    main()
