"""A small result of a scan, made by hand."""

from __future__ import annotations

import pyarrow as pa

from stillwatch.model.finding import (
    Campaign,
    CapabilityShare,
    Coordination,
    Distillation,
    Findings,
    Interval,
    Manifest,
    SkippedSignal,
    Verdict,
)
from stillwatch.model.tables import ACCOUNT_FINDING, ACTIVITY, BIRTH, EVIDENCE, EXCHANGE_FINDING, TIE


def campaign(verdict: Verdict = "distillation", campaign_id: str = "UDC-2026-001") -> Campaign:
    return Campaign(
        campaign_id=campaign_id,
        verdict=verdict,
        coordination=Coordination(probability=0.998, q_value=0.0004, log10_bayes_factor=12.0),
        distillation=Distillation(probability=0.97, log10_bayes_factor=6.0),
        attribution=(),
        accounts=Interval(2, 2, 3),
        exchanges=Interval(40, 40, 40),
        first_seen="2026-01-01T00:00:00Z",
        last_seen="2026-01-02T00:00:00Z",
        capabilities=(CapabilityShare("coding", 0.6, 24), CapabilityShare("reasoning", 0.4, 16)),
        techniques=("SWT-H01",),
        models=("m-1",),
        channels=("api",),
    )


def findings(*campaigns: Campaign) -> Findings:
    evidence = [
        (
            "UDC-2026-001",
            "template",
            "shared_template",
            "UDC-2026-001",
            0.9,
            0.01,
            3.0,
            "they share a [red]text[/red]",
        ),
        (
            "UDC-2026-001",
            "net",
            "shared_address",
            "UDC-2026-001",
            0.1,
            0.2,
            -0.5,
            "they share no address\x1b[31m",
        ),
        ("UDC-2026-001", "pay", "card_batch", "acct-one", 1.0, 0.01, 2.0, "its card is of the batch"),
    ]
    accounts = [("acct-one", "UDC-2026-001", 0.97, 0.9, "campaign"), ("acct-two", None, 0.0, 0.1, "clear")]
    return Findings(
        run=Manifest(
            version="0.1.0",
            contract_version="1",
            seed=0,
            false_alarm_budget=0.05,
            window_start="2026-01-01T00:00:00Z",
            window_end="2026-01-02T00:00:00Z",
            rows_read=101,
            rows_scanned=100,
            rows_rejected=1,
            unknown_columns={"exchanges.mood\x1b[2J": 100},
            accounts=2,
            simulated=True,
            inputs={},
            signals_computed=("shared_template",),
            signals_skipped=(SkippedSignal("tls_client", "the log has no exchanges.ja4"),),
            settings={},
        ),
        campaigns=campaigns,
        accounts=rows(ACCOUNT_FINDING, accounts),
        exchanges=EXCHANGE_FINDING.empty_table(),
        evidence=rows(EVIDENCE, evidence),
        activity=ACTIVITY.empty_table(),
        births=BIRTH.empty_table(),
        ties=TIE.empty_table(),
    )


def rows(schema: pa.Schema, values: list[tuple[object, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in values], schema=schema)
