"""Who is named and who must not be, on simulated worlds with profiles that match, mislead, are out of date or missing.

    python benchmarks/attribution.py                              # all worlds below: about half an hour
    python benchmarks/attribution.py --worlds framing --seeds 501
    python benchmarks/attribution.py --keep worlds                # use the worlds that lie there

Every world is scanned once; its campaigns are then attributed under each variant of the profiles. A unit is one campaign
that the scan found (most of its accounts are of one true campaign, or of the framers) under one variant:

- told: the profiles that the simulator writes: right ones for campaigns that may be named, decoys for all others
- missing: without the actor's own profile
- expired: every statement ended before the log
- poor: every statement from a source that is not usually reliable, and doubtful
- planted: the actor's profile is missing, and another actor's says all of it that can be copied: stack, texts, names,
  tasks and releases
- rival: the same, and the actor's own profile is there too

*Can be named* is what the truth says may be, under variant told, if the scan calls it distillation. Nobody reviews a simulated campaign, so two reviewers agree
to whatever has passed all other gates: what is counted is the gates, not the reviewers.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from machine import machine

from stillwatch.attribute.attribute import attribute, attributions, reviewed
from stillwatch.attribute.marks import Marks
from stillwatch.attribute.scanned import Attributor, suspect
from stillwatch.attribute.suspect import Suspect
from stillwatch.attribute.traffic import Traffic
from stillwatch.bench.power import wilson
from stillwatch.model.actor import Actor
from stillwatch.model.attributed import Attributed, Review
from stillwatch.scan import scan_input
from stillwatch.settings import Settings
from stillwatch.simulate.worlds import build
from stillwatch.sources.actors.profiles import read_actors
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

RESULT = Path(__file__).parent / "results" / "attribution.json"
WORLDS = ("easy", "mixed", "hard", "framing", "shared-relay", "access", "evasion")
SEEDS = (501, 502, 503)
EXCHANGES = 150_000
COPIED = ("client_stack", "template_sketch", "product_name", "capability_interest", "release")
VARIANTS = ("told", "missing", "expired", "poor", "planted", "rival")
BINS = (0.0, 0.05, 0.2, 0.45, 0.55, 0.8, 1.0)
"""Bands of ICD 203; the last two are one, since nothing above 0.95 is stated."""
GOALS = (("named rightly where it can be", 0.9), ("not named where it cannot be", 0.95))


@dataclass(eq=False)
class Kept(Attributor):
    """The attribution of a scan, that keeps what it was given."""

    given: tuple[Any, ...] = ()

    def of(self, *args: Any, **named: Any) -> Any:
        """Attribute, and keep."""
        self.given = (*args, named["day"])
        return super().of(*args, **named)


@dataclass(frozen=True, eq=False)
class World:
    """A scanned world: suspects, of each the true campaign or the framers, and what is known of actors."""

    name: str
    seed: int
    suspects: Sequence[Suspect]
    truth: Sequence[Mapping[str, Any] | None]
    framed: str | None
    marks: Marks
    actors: tuple[Actor, ...]
    day: str


@dataclass
class Tally:
    """Counts over all units."""

    counts: Counter[str] = field(default_factory=Counter)
    stated: list[tuple[float, bool]] = field(default_factory=list)


def main() -> None:
    """Measure, write the result, print it."""
    chosen = _arguments()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="stillwatch-attribution-") as scratch:
        place = chosen.keep or Path(scratch)
        for name in chosen.worlds:
            for seed in chosen.seeds:
                folder = place / f"{name}-{seed}-{chosen.exchanges}"
                if not folder.exists():
                    build(name, seed=seed, exchanges=chosen.exchanges, out=folder)
                rows += list(units(scanned(name, seed, folder)))
                print(f"{name}, seed {seed}: {len(rows)} units so far", flush=True)
    document = {
        "what": "attribution of simulated campaigns that a scan found, under six variants of what is known of actors",
        "exchanges": chosen.exchanges,
        "seeds": chosen.seeds,
        "worlds": chosen.worlds,
        "machine": machine(),
        **summed(rows),
        "units": rows,
    }
    chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(json.dumps({k: v for k, v in document.items() if k not in ("units", "machine")}, indent=1))


def scanned(name: str, seed: int, folder: Path) -> World:
    """Scan a world, and say of each finding which campaign it is."""
    actors = read_actors(folder.with_name(f"{folder.name}.prior") / "actors.json").actors
    who = Kept(actors)
    with tempfile.TemporaryDirectory() as scratch, Reject(Path(scratch) / "rejected.jsonl") as reject:
        scan_input(open_input(folder), reject, settings=Settings(), who=who)
    told, case, accounts, agreed, day = who.given
    truth = folder.with_name(f"{folder.name}.truth")
    summary = json.loads((truth / "campaigns.json").read_text("utf-8"))
    roles = {r["account_id"]: r for r in pq.read_table(truth / "accounts.parquet").to_pylist()}
    suspects = [suspect(t, case, agreed) for t in told]
    return World(
        name=name,
        seed=seed,
        suspects=suspects,
        truth=[_true_campaign(s, case.log.account_ids, roles, summary) for s in suspects],
        framed=summary.get("framing", {}).get("framed"),
        marks=Marks(Traffic(case.log, accounts, who.networks, who.mentions)),
        actors=actors,
        day=day,
    )


def _true_campaign(
    suspected: Suspect, account_ids: Sequence[str], roles: Mapping[str, Any], summary: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """The campaign that most of the accounts are of, the framers as one of their own; None for anybody else."""
    mine = [roles[account_ids[at]] for at in suspected.accounts.tolist()]
    names = Counter("framing" if r["role"] == "framing" else r["campaign"] for r in mine)
    name, count = names.most_common(1)[0]
    if name is None or 2 * count <= len(mine):
        return None
    if name == "framing":
        return {"id": "framing", "actor": None, "attributable": "none", "archetype": "framing"}
    return next(c for c in summary["campaigns"] if c["id"] == name)


def units(world: World) -> Iterator[dict[str, Any]]:
    """One row for each campaign of the world under each variant."""
    for at, truth in enumerate(world.truth):
        if truth is None:
            continue
        for variant in VARIANTS:
            actors = varied(variant, world, truth)
            if actors is None:
                continue
            told = attribute(world.suspects, world.marks, actors, world.day)[at]
            unit = _unit(world, truth, variant, told, _planted_on(world, truth))
            is_found = world.suspects[at].campaign.verdict == "distillation"
            yield {**unit, "may_be_named": unit["may_be_named"] and is_found}


def varied(variant: str, world: World, truth: Mapping[str, Any]) -> tuple[Actor, ...] | None:
    """The profiles of a variant; None where it makes no difference to this campaign."""
    if variant == "told":
        return world.actors
    if truth["attributable"] != "L3b":
        return None
    if variant == "expired":
        return tuple(_each(a, expires="2020-01-01") for a in world.actors)
    if variant == "poor":
        return tuple(_each(a, code="D4") for a in world.actors)
    others = tuple(a for a in world.actors if a.name != truth["actor"])
    if variant == "missing":
        return others
    own = next(a for a in world.actors if a.name == truth["actor"])
    copied = tuple(s for s in own.statements if s.kind in COPIED)
    victim = _planted_on(world, truth)
    planted = tuple(
        replace(a, statements=(*a.statements, *copied)) if a.name == victim else a for a in others
    )
    return planted if variant == "planted" else (own, *planted)


def _each(actor: Actor, **changes: str) -> Actor:
    return replace(actor, statements=tuple(replace(s, **changes) for s in actor.statements))


def _planted_on(world: World, truth: Mapping[str, Any]) -> str:
    """Another laboratory, the same each time."""
    return next(
        a.name for a in world.actors if a.actor_class == "commercial lab" and a.name != truth["actor"]
    )


def _unit(
    world: World, truth: Mapping[str, Any], variant: str, told: Attributed, victim: str
) -> dict[str, Any]:
    best = told.candidates[0]
    reviews = [Review(told.campaign_id, best.actor, reviewer, agrees=True) for reviewer in ("one", "two")]
    alone, signed = attributions(told), attributions(reviewed(told, reviews))
    return {
        "world": world.name,
        "seed": world.seed,
        "campaign": truth["archetype"],
        "variant": variant,
        "actor": truth["actor"],
        "may_be_named": truth["attributable"] == "L3b" and variant == "told",
        "blamed_if_named": world.framed
        if truth["id"] == "framing"
        else victim
        if variant == "planted"
        else None,
        "level": told.level,
        "best": best.actor,
        "probability": best.probability,
        "lead": next((a.actor for a in alone if a.level == "L2"), None),
        "named_unsigned": next((a.actor for a in alone if a.level == "L3b"), None),
        "named": next((a.actor for a in signed if a.level == "L3b"), None),
        "class": next((a.actor for a in signed if a.level == "L3a"), None),
        "gates_missed": [f"{g.level}: {g.asks}" for g in told.gates[:-1] if not g.is_met],
    }


def summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Accuracy, abstention, framing, gates and calibration."""
    can = [r for r in rows if r["may_be_named"]]
    cannot = [r for r in rows if not r["may_be_named"]]
    rights = sum(r["named"] == r["actor"] for r in can)
    silent = sum(r["named"] is None for r in cannot)
    framed = [r for r in rows if r["blamed_if_named"]]
    return {
        "can_be_named": {
            "units": len(can),
            "right": rights,
            "wrong": sum(r["named"] not in (None, r["actor"]) for r in can),
            "top_1": sum(r["best"] == r["actor"] for r in can),
            "lead_right": sum(r["lead"] == r["actor"] for r in can),
        },
        "cannot_be_named": {"units": len(cannot), "silent": silent},
        "by_variant": {v: _of_variant([r for r in rows if r["variant"] == v]) for v in VARIANTS},
        "framed": {
            "units": len(framed),
            "blamed": sum(r["blamed_if_named"] in (r["named"], r["lead"]) for r in framed),
            "at_L3": sum(r["level"].startswith("L3") for r in framed),
        },
        "named_without_reviewers": sum(r["named_unsigned"] is not None for r in rows),
        "goals": [_goal(GOALS[0], rights, len(can)), _goal(GOALS[1], silent, len(cannot))],
        "calibration": list(_calibration(rows)),
    }


def _goal(goal: tuple[str, float], found: int, units: int) -> dict[str, Any] | None:
    """A share of the units beside its goal, with the 95 % score interval; nothing where there are no units."""
    if not units:
        return None
    (name, least), share, (low, high) = goal, found / units, wilson(found, units)
    return {
        "goal": f"{name} at least {least}",
        "value": share,
        "found": found,
        "units": units,
        "low": round(low, 4),
        "high": round(high, 4),
        "met": share >= least,
    }


def _of_variant(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {
        "units": len(rows),
        "named_right": sum(r["named"] is not None and r["named"] == r["actor"] for r in rows),
        "named_wrong": sum(r["named"] not in (None, r["actor"]) for r in rows),
        "lead_right": sum(r["lead"] is not None and r["lead"] == r["actor"] for r in rows),
        "lead_wrong": sum(r["lead"] not in (None, r["actor"]) for r in rows),
    }


def _calibration(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of the best candidates that were stated this likely: how many are right."""
    stated = np.array([r["probability"] for r in rows])
    right = np.array([r["best"] == r["actor"] for r in rows])
    for low, high in pairwise(BINS):
        here = (stated >= low) & (stated < high)
        if here.any():
            yield {
                "from": low,
                "to": high,
                "units": int(here.sum()),
                "stated": round(float(stated[here].mean()), 4),
                "right": round(float(right[here].mean()), 4),
            }


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
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the worlds here, and use those here")
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
