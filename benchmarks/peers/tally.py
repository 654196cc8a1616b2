"""Rows of single worlds to figures: means over seeds, rates over classes, and the lines on which a peer beats us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from peers.interface import OURS

Row = Mapping[str, Any]

MEASURES = ("precision", "recall", "f1", "average_precision", "bcubed_f1")
HEAVY = (
    "backend",
    "batch_etl",
    "bpo",
    "ci_agents",
    "drift_monitor",
    "enterprise",
    "eval_lab",
    "synthetic_data",
)
"""Customers with one workload and much of it: what a detector of odd traffic is most likely to accuse."""


def figures(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """By detector and operating point: the figures of each world, and who was wrongly flagged."""
    found: dict[str, dict[str, Any]] = {}
    for name, at in dict.fromkeys((row["detector"], row["at"]) for row in rows):
        mine = [row for row in rows if (row["detector"], row["at"]) == (name, at)]
        clean = [row for row in mine if row["world"] == "clean"]
        found.setdefault(name, {})[at] = {
            "worlds": {
                world: _means([row for row in mine if row["world"] == world])
                for world in dict.fromkeys(row["world"] for row in mine)
            },
            "clean_by_lookalike": _pooled(clean),
            "clean_false": _rate(clean),
            "heavy": _rate(mine, HEAVY),
            "individuals": _rate(mine, ("individual", "nat_user", "shared_card", "vpn_user")),
            "cpu_seconds": round(fmean(row["cpu_seconds"] for row in mine), 2),
        }
    return found


def brief(row: Row) -> dict[str, Any]:
    """A row as it is kept: of the classes of innocents only those of which some were flagged."""
    flagged = {kind: count["found"] for kind, count in row["called"].items() if count["found"]}
    return {**row, "called": flagged}


def _means(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        **{measure: _mean([row[measure] for row in rows]) for measure in MEASURES},
        "false_accounts": sum(row["false_accounts"] for row in rows),
        "recall_by_campaign": _by_campaign(rows),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 4) if known else None


def _by_campaign(rows: Sequence[Row]) -> dict[str, float | None]:
    names = sorted({name for row in rows for name in row["recall_by_campaign"]})
    return {name: _mean([row["recall_by_campaign"].get(name) for row in rows]) for name in names}


def _pooled(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    kinds = sorted({kind for row in rows for kind in row["called"]})
    return {kind: {part: _sum(rows, (kind,), part) for part in ("of", "found")} for kind in kinds}


def _rate(rows: Sequence[Row], kinds: Sequence[str] | None = None) -> dict[str, Any]:
    """A share with its counts; 3/n bounds it with 95 % confidence where none was found (Hanley, 1983)."""
    chosen = kinds or sorted({kind for row in rows for kind in row["called"]})
    found, of = (_sum(rows, chosen, part) for part in ("found", "of"))
    return {
        "found": found,
        "of": of,
        "rate": round(found / of, 6) if of else None,
        "at_most": round(3 / of, 6) if of and not found else None,
    }


def _sum(rows: Sequence[Row], kinds: Sequence[str], part: str) -> int:
    return sum(row["called"].get(kind, {}).get(part, 0) for row in rows for kind in kinds)


def lines(detectors: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every line of the comparison: what we reach, and the best peer at the best of its operating points."""
    [ours] = detectors[OURS].values()
    peers = [(name, at, f) for name, mine in detectors.items() if name != OURS for at, f in mine.items()]
    for world, own in ours["worlds"].items():
        for measure in MEASURES:
            if own[measure] is not None:
                theirs = [(f["worlds"][world][measure], name, at) for name, at, f in peers]
                yield _line(f"{world}: {measure}", own[measure], theirs, more_is_better=True)
    for measure, of in (
        ("clean_false", "rate"),
        ("heavy", "rate"),
        ("individuals", "rate"),
        ("cpu_seconds", None),
    ):
        theirs = [(f[measure][of] if of else f[measure], name, at) for name, at, f in peers]
        own = ours[measure][of] if of else ours[measure]
        if own is not None:
            yield _line(measure, own, theirs, more_is_better=False)


def _line(
    what: str, own: float, theirs: Sequence[tuple[float | None, str, str]], *, more_is_better: bool
) -> dict[str, Any]:
    sign = 1 if more_is_better else -1
    value, name, at = max(
        ((value, name, at) for value, name, at in theirs if value is not None),
        key=lambda each: sign * each[0],
    )
    return {
        "line": what,
        "ours": own,
        "best": value,
        "peer": name,
        "at": at,
        "peer_wins": sign * (value - own) > 0,
    }
