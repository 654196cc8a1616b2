"""One measured scan: make the world, scan it, score it, count who was called what."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from cases import Case, of_name, reduced

from stillwatch import scan
from stillwatch.scoring import score
from stillwatch.settings import load
from stillwatch.simulate.worlds import build

KEPT = (
    "account",
    "accounts_in_world",
    "exchanges_in_world",
    "accounts_flagged",
    "false_accounts",
    "average_precision",
    "bcubed",
    "pairwise",
    "campaigns_found",
    "campaigns_reported",
    "false_campaigns",
    "recall_by_campaign",
    "relay",
    "relay_called_campaign",
    "authorised",
    "framing",
    "exchange",
    "volume",
    "capability_tv",
    "calibration",
    "reliability",
    "messages",
)


def measure(
    world: str,
    names: tuple[str, ...],
    *,
    seed: int,
    exchanges: int,
    place: Path,
    left_out: tuple[tuple[str, ...], ...] = ((),),
) -> list[Mapping[str, Any]]:
    """Make one world in `place` and measure each of the named cases on it; the world stays if it was there before.

    `left_out` are sets of signals, each of which is left out of one more scan of every case.
    """
    folder = place / f"{world}-{seed}-{exchanges}"
    was_there = folder.exists()
    if not was_there:
        build(world, seed=seed, exchanges=exchanges, out=folder)
    try:
        return [_one(folder, name, of_name(name), seed, without) for name in names for without in left_out]
    finally:
        if not was_there and not (place / "KEEP").exists():
            for suffix in ("", ".truth", ".prior"):
                shutil.rmtree(folder.with_name(folder.name + suffix))


def _one(world: Path, name: str, case: Case, seed: int, without: tuple[str, ...]) -> Mapping[str, Any]:
    scratch = world.with_name(f"{world.name}.{name.replace(' ', '-')}")
    truth, out = world.with_name(f"{world.name}.truth"), scratch.with_name(f"{scratch.name}.findings")
    try:
        log = reduced(world, case, scratch)
        began, spent = time.perf_counter(), _cpu_seconds()
        findings = scan(log, out=out, settings=load(overrides={"signals.without": ",".join(without)}))
        cost = {"wall_seconds": time.perf_counter() - began, "cpu_seconds": _cpu_seconds() - spent}
        measured = score(truth, out)
        return {
            "case": name,
            "seed": seed,
            **{key: round(value, 1) for key, value in cost.items()},
            "signals_skipped": sorted(s.signal for s in findings.run.signals_skipped),
            **{key: measured[key] for key in KEPT if key in measured},
            "called_campaign": _called_campaign(truth, out),
        }
    finally:
        for folder in (scratch, out):
            shutil.rmtree(folder, ignore_errors=True)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _called_campaign(truth: Path, out: Path) -> dict[str, dict[str, int]]:
    """For each class of innocents: accounts in the world, and how many were called campaign."""
    actual = pq.read_table(truth / "accounts.parquet", columns=["account_id", "lookalike"])
    told = pq.read_table(out / "accounts.parquet", columns=["account_id", "verdict"])
    both = actual.join(told, "account_id", join_type="left outer")
    counts: dict[str, dict[str, int]] = {}
    grouped = both.group_by(["lookalike", "verdict"]).aggregate([([], "count_all")])
    for row in grouped.to_pylist():
        of = counts.setdefault(row["lookalike"], {"accounts": 0, "called": 0})
        of["accounts"] += row["count_all"]
        of["called"] += row["count_all"] if row["verdict"] == "campaign" else 0
    return {name: counts[name] for name in sorted(counts) if name != "campaign"}
