"""One world, all detectors: each reads the log for itself, says whom it suspects, and is scored against the truth."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from peers.interface import OURS, Log, Numbering, Numbers, Peer, Ranked
from peers.threshold import RATES, line
from scipy import stats

from stillwatch import scan
from stillwatch.scoring.accounts import score_accounts
from stillwatch.scoring.reported import Reported, read_reported
from stillwatch.scoring.truth import Truth, read_truth

BUDGET = "budget"
"""Our own operating point: the default false-alarm budget, not a share of accounts."""


@dataclass(frozen=True)
class Ready:
    """A peer with what it learned, and its line for each rate."""

    peer: Peer
    learned: Any
    lines: Mapping[float, float]
    cpu_seconds: float


def prepare(peer: Peer, past: Path, clean: Path) -> Ready:
    """Let a peer learn from one clean world, and set its lines on another."""
    spent = cpu_seconds()
    learned = peer.learn(Log.read(past, peer.columns))
    values = peer.rank(Log.read(clean, peer.columns), learned).value
    lines = {rate: line(values, rate) for rate in RATES}
    return Ready(peer, learned, lines, cpu_seconds() - spent)


def measure(world: Path, peers: list[Ready]) -> Iterator[dict[str, Any]]:
    """One row for each peer and rate, and one for our own scan."""
    truth = read_truth(world.with_name(f"{world.name}.truth"))
    for ready in peers:
        spent = cpu_seconds()
        log = Log.read(world, ready.peer.columns)
        ranked = ready.peer.rank(log, ready.learned)
        groups = {rate: ranked.groups(above) for rate, above in ready.lines.items()} if ranked.groups else {}
        spent = cpu_seconds() - spent
        order = log.number(pa.chunked_array([truth.account_id]))
        for rate, above in ready.lines.items():
            told = reported(ranked, above, groups.get(rate), order)
            yield _row(ready.peer.name, f"{rate:.0%}", truth, told, spent, is_grouped=bool(groups))
    yield _ours(world, truth)


def reported(ranked: Ranked, above: float, group: Numbering | None, order: Numbering) -> Reported:
    """A peer's answer in the form of a scan's, for the accounts in the order of the truth."""
    flagged = ranked.value[order] > above
    place = np.full(order.size, None, dtype=np.object_)
    if group is not None:
        place[flagged] = [str(number) for number in group[order][flagged]]
    return Reported(
        campaigns=(),
        verdict=np.where(flagged, "campaign", "clear").astype(np.object_),
        campaign=place,
        membership=flagged.astype(np.float64),
        risk=_ranks(ranked.value[order]),
        exchanges=None,
        messages=(),
    )


def _ranks(value: Numbers) -> Numbers:
    """The order of values as numbers from 0 to 1; equal values stay equal."""
    rank = stats.rankdata(value, method="dense").astype(np.float64) - 1
    return rank / max(rank.max(initial=0.0), 1.0)


def _ours(world: Path, truth: Truth) -> dict[str, Any]:
    out = world.with_name(f"{world.name}.findings")
    try:
        spent = cpu_seconds()
        scan(world, out=out)
        spent = cpu_seconds() - spent
        told = read_reported(out, truth.account_id)
        return _row(OURS, BUDGET, truth, told, spent, is_grouped=True)
    finally:
        shutil.rmtree(out, ignore_errors=True)


def _row(
    name: str, at: str, truth: Truth, told: Reported, spent: float, *, is_grouped: bool
) -> dict[str, Any]:
    scored = score_accounts(truth, told)
    bcubed = scored["bcubed"] if is_grouped else None
    figures = {
        **scored["account"],
        "average_precision": scored["average_precision"],
        "bcubed_f1": bcubed and bcubed["f1"],
    }
    return {
        "detector": name,
        "at": at,
        **{key: None if value is None else round(value, 4) for key, value in figures.items()},
        "accounts_flagged": scored["accounts_flagged"],
        "false_accounts": scored["false_accounts"],
        "recall_by_campaign": {key: round(value, 4) for key, value in scored["recall_by_campaign"].items()},
        "called": _called(truth, told),
        "cpu_seconds": round(spent, 2),
    }


def _called(truth: Truth, told: Reported) -> dict[str, dict[str, int]]:
    """For each class of innocents: accounts in the world, and how many were flagged."""
    kinds = truth.lookalike.astype(str)
    return {
        str(kind): {
            "of": int((kinds == kind).sum()),
            "found": int((told.is_campaign & (kinds == kind)).sum()),
        }
        for kind in np.unique(kinds)
        if kind != "campaign"
    }


def cpu_seconds() -> float:
    """CPU time of this process and its threads so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
