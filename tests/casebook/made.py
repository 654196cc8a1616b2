"""Findings made by hand for a casebook: groups of accounts, with marks and verdicts as a test wants them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from stillwatch.model.finding import (
    Attribution,
    Campaign,
    Coordination,
    Distillation,
    Findings,
    Interval,
    Manifest,
    Verdict,
)
from stillwatch.model.tables import ACCOUNT_FINDING, ACTIVITY, BIRTH, EVIDENCE, EXCHANGE_FINDING, TIE

LINKS = ("template", "client", "net")


@dataclass(frozen=True)
class Group:
    """One group of a scan: who is in it, what marks it, and how it was judged."""

    members: Collection[str]
    marks: Sequence[tuple[str, str]] = ()
    verdict: Verdict = "distillation"
    log10: float = 6.0
    exchanges: int = 1000
    links: Sequence[str] = LINKS
    attribution: tuple[Attribution, ...] = ()


def accounts(prefix: str, start: int, end: int) -> list[str]:
    return [f"{prefix}-{at:04d}" for at in range(start, end)]


def findings(*groups: Group, end: str = "2026-03-29T23:00:00Z", others: Collection[str] = ()) -> Findings:
    """The findings of a scan that called the groups UDC-2026-001 and so on, in their order."""
    named = {f"UDC-2026-{at:03d}": group for at, group in enumerate(groups, 1)}
    rows = [
        (account, name, 0.9, 0.9, {"distillation": "campaign"}.get(group.verdict, "clear"))
        for name, group in named.items()
        for account in group.members
    ]
    rows += [(account, None, 0.0, 0.0, "clear") for account in others]
    evidence = [
        (name, family, "some_signal", name, 0.9, 0.01, 3.0, "It is so.")
        for name, group in named.items()
        for family in group.links
    ]
    ties = [
        (name, next(iter(group.members)), family, "some_signal", trait, 8.0)
        for name, group in named.items()
        for family, trait in group.marks
    ]
    return Findings(
        run=_manifest(end),
        campaigns=tuple(_campaign(name, group, end) for name, group in named.items()),
        accounts=_table(rows, ACCOUNT_FINDING),
        exchanges=_table([(f"x-{a}", n, "coding", 0.9) for a, n, *_ in rows if n], EXCHANGE_FINDING),
        evidence=_table(evidence, EVIDENCE),
        activity=ACTIVITY.empty_table(),
        births=BIRTH.empty_table(),
        ties=_table(ties, TIE),
    )


def members(found: Findings) -> Mapping[str, set[str]]:
    """Accounts by campaign, as the table of accounts says."""
    told: dict[str, set[str]] = {}
    for row in found.accounts.to_pylist():
        if row["campaign_id"]:
            told.setdefault(row["campaign_id"], set()).add(row["account_id"])
    return told


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def _campaign(name: str, group: Group, end: str) -> Campaign:
    size = len(group.members)
    return Campaign(
        campaign_id=name,
        verdict=group.verdict,
        coordination=Coordination(0.99, 1e-9, 9.0),
        distillation=Distillation(0.97, group.log10),
        attribution=group.attribution,
        accounts=Interval(size, size, size),
        exchanges=Interval(group.exchanges, group.exchanges, group.exchanges),
        first_seen="2026-03-01T00:00:00Z",
        last_seen=end,
        capabilities=(),
        techniques=(),
        models=("m",),
        channels=("api",),
    )


def _manifest(end: str) -> Manifest:
    return Manifest(
        version="0.1.0",
        contract_version="1",
        seed=0,
        false_alarm_budget=0.05,
        window_start="2026-03-01T00:00:00Z",
        window_end=end,
        rows_read=10,
        rows_scanned=10,
        rows_rejected=0,
        unknown_columns={},
        accounts=5,
        simulated=True,
        inputs={},
        signals_computed=(),
        signals_skipped=(),
        settings={},
    )
