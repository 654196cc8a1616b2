"""Findings made by hand: small ones, a large one, a hostile one, none."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from stillwatch.model.finding import (
    Attribution,
    Campaign,
    CapabilityShare,
    Coordination,
    Distillation,
    Findings,
    Interval,
    Lookalike,
    Manifest,
    SkippedSignal,
    Verdict,
)
from stillwatch.model.tables import ACCOUNT_FINDING, ACTIVITY, BIRTH, EVIDENCE, EXCHANGE_FINDING, TIE

FIRST_DAY = dt.date(2026, 9, 1)
DAYS = 28
TRAITS = (
    ("pay", "shared_payment_instrument", "pfp_{}"),
    ("net", "shared_address_range", "203.0.113.{}"),
    ("client", "rare_client_tuple", "ja4 t13d1516h2_{}"),
    ("template", "shared_template", "Explain step by step why the answer {} is right"),
    ("tool", "shared_tool_schema", "tools: grade_{}, submit"),
    ("registration", "signup_burst", "sign-ups in the hour of 2026-08-2{}"),
)


def make_manifest(**changes: Any) -> Manifest:
    """A manifest of a simulated scan of 300,000 rows."""
    manifest = Manifest(
        version="0.1.0",
        contract_version="1",
        seed=7,
        false_alarm_budget=0.05,
        window_start="2026-09-01T00:00:12+00:00",
        window_end="2026-09-28T23:59:41+00:00",
        rows_read=300_010,
        rows_scanned=300_000,
        rows_rejected=10,
        unknown_columns={"exchanges.colour": 12},
        accounts=9_012,
        simulated=True,
        inputs={"exchanges.parquet": "9f" * 32, "accounts.parquet": "1c" * 32},
        signals_computed=(
            "shared_template",
            "shared_payment_instrument",
            "steady_cadence",
            "shared_address_range",
        ),
        signals_skipped=(
            SkippedSignal("reasoning_token_replay", "exchanges.reasoning_token is absent"),
            SkippedSignal("shared_device", "accounts.device_id has no value"),
        ),
        settings={"judge": {"false_alarm_budget": 0.05}, "engine": {"threads": 2}},
    )
    return replace(manifest, **changes)


def make_campaign(number: int, verdict: Verdict, accounts: int) -> Campaign:
    """A campaign with all of its fields filled."""
    exchanges = accounts * 126
    return Campaign(
        campaign_id=f"UDC-2026-{number:03d}",
        verdict=verdict,
        coordination=Coordination(0.998 - number / 1000, 0.0004, 41.2),
        distillation=Distillation(
            0.97 if verdict == "distillation" else 0.12, 6.1 if verdict == "distillation" else -1.4
        ),
        attribution=(Attribution("commercial lab", "L3a", 0.62, "low"),) if number == 1 else (),
        accounts=Interval(int(accounts * 0.92), accounts, int(accounts * 1.08)),
        exchanges=Interval(int(exchanges * 0.93), exchanges, int(exchanges * 1.05)),
        first_seen="2026-09-03T02:11:00+00:00",
        last_seen="2026-09-27T22:40:00+00:00",
        capabilities=(
            CapabilityShare("coding", 0.61, int(exchanges * 0.61)),
            CapabilityShare("reasoning", 0.24, int(exchanges * 0.24)),
            CapabilityShare("agentic", 0.11, int(exchanges * 0.11)),
            CapabilityShare("other", 0.04, int(exchanges * 0.04)),
        ),
        techniques=("SWT-R04", "SWT-H01", "SWT-A02", "AML.T0024.002", "AML.T0040"),
        models=("opus-5", "sonnet-5"),
        channels=("api", "bedrock"),
        lookalikes=(
            Lookalike(
                "benchmark or evaluation harness",
                consistent=False,
                reason="the prompts are not items of a public suite",
            ),
            Lookalike(
                "gray relay with ordinary customers",
                consistent=True,
                reason="some members also carry unrelated conversations",
            ),
            Lookalike(
                "enterprise batch", consistent=False, reason="no organisation is declared by any member"
            ),
        ),
        examples=(
            "Grade the two candidate answers to problem <NUMBER> on a scale of 1 to 10 and give the reasoning...",
            "Explain step by step why the answer <NUMBER> is right, inside <think> tags",
        ),
    )


def make_evidence(campaign_id: str) -> list[dict[str, Any]]:
    """Evidence for and against one campaign, and about two of its accounts."""
    rows = [
        (
            "pay",
            "shared_payment_instrument",
            campaign_id,
            31.0,
            0.0004,
            12.4,
            "31 accounts pay with 2 instruments.",
        ),
        (
            "template",
            "shared_template",
            campaign_id,
            0.81,
            0.001,
            15.9,
            "81 % of requests share 3 rare scaffolds.",
        ),
        (
            "client",
            "rare_client_tuple",
            campaign_id,
            0.97,
            0.02,
            6.3,
            "97 % of accounts run one rare client.",
        ),
        (
            "net",
            "shared_address_range",
            campaign_id,
            0.44,
            0.03,
            2.2,
            "44 % share 4 address ranges, 203.0.113.7 first.",
        ),
        ("time", "steady_cadence", campaign_id, 0.93, 0.12, 3.3, "The hours of the day are flat."),
        (
            "registration",
            "signup_burst",
            campaign_id,
            0.2,
            0.25,
            -0.8,
            "Sign-ups are spread like everybody's.",
        ),
        (
            "extraction",
            "slot_diversity",
            campaign_id,
            0.94,
            0.2,
            4.6,
            "Slots of the scaffolds hardly ever repeat.",
        ),
        (
            "extraction",
            "human_turns",
            campaign_id,
            0.1,
            0.05,
            -0.9,
            "One conversation in ten has several turns.",
        ),
        (
            "pay",
            "shared_payment_instrument",
            "acct_00001",
            1.0,
            0.0004,
            3.1,
            "It pays with an instrument of 17 others.",
        ),
    ]
    names = EVIDENCE.names[1:]
    return [{"campaign_id": campaign_id, **dict(zip(names, row, strict=True))} for row in rows]


def make_ties(campaign_id: str, accounts: list[str]) -> list[dict[str, Any]]:
    """Ties of accounts to shared traits, so that some groups of accounts hold the same traits."""
    rows = []
    for i, account_id in enumerate(accounts):
        for j, (family, signal, pattern) in enumerate(TRAITS):
            if (i * 7 + j * 3) % (j + 2) == 0:
                trait = pattern.format((i // 5) % (3 + j))
                bits = 12.0 - j + (i % 3) / 2
                rows.append((campaign_id, account_id, family, signal, trait, bits))
    return [dict(zip(TIE.names, row, strict=True)) for row in rows]


def make_days(campaign_id: str, accounts: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Volume by day and model with a pivot in the middle, and births in two bursts."""
    activity, births = [], []
    for day in range(2, DAYS - 1):
        date = FIRST_DAY + dt.timedelta(days=day)
        level = accounts * (4 + math.sin(day) + (2 if day > 14 else 0))
        share = 1.0 if day < 14 else 0.2
        counts = {"opus-5": int(level * share), "sonnet-5": int(level * (1 - share))}
        activity += [
            {"campaign_id": campaign_id, "day": date, "model": model, "exchanges": count}
            for model, count in counts.items()
            if count
        ]
        if day in {2, 3, 14, 15}:
            born = {
                "campaign_id": campaign_id,
                "day": date - dt.timedelta(days=9),
                "accounts": accounts // 4,
            }
            births.append(born)
    return activity, births


def make_findings(*campaigns: Campaign, **run: Any) -> Findings:
    """The whole result for the given campaigns."""
    evidence, ties, activity, births, accounts, exchanges = [], [], [], [], [], []
    for campaign in campaigns:
        name = campaign.campaign_id
        members = [f"acct_{name[-3:]}_{i:05d}" for i in range(campaign.accounts.best)]
        evidence += make_evidence(name)
        ties += make_ties(name, members)
        days, born = make_days(name, campaign.accounts.best)
        activity += days
        births += born
        verdict = {"distillation": "campaign", "relay": "relay"}.get(campaign.verdict, "clear")
        values = [(m, name, 0.9, 0.95, verdict) for m in members]
        accounts += [dict(zip(ACCOUNT_FINDING.names, v, strict=True)) for v in values]
        values = [(f"x_{m}", name, "coding", 0.93) for m in members]
        exchanges += [dict(zip(EXCHANGE_FINDING.names, v, strict=True)) for v in values]
    return Findings(
        run=make_manifest(**run),
        campaigns=campaigns,
        accounts=pa.Table.from_pylist(accounts, ACCOUNT_FINDING),
        exchanges=pa.Table.from_pylist(exchanges, EXCHANGE_FINDING),
        evidence=pa.Table.from_pylist(evidence, EVIDENCE),
        activity=pa.Table.from_pylist(activity, ACTIVITY),
        births=pa.Table.from_pylist(births, BIRTH),
        ties=pa.Table.from_pylist(ties, TIE),
    )


@pytest.fixture(name="make_findings")
def make_findings_fixture() -> Callable[..., Findings]:
    """Give tests the factory of findings."""
    return make_findings


@pytest.fixture(name="make_campaign")
def make_campaign_fixture() -> Callable[..., Campaign]:
    """Give tests the factory of campaigns."""
    return make_campaign


@pytest.fixture
def three() -> Findings:
    """One finding of every verdict."""
    return make_findings(
        make_campaign(1, "distillation", 120),
        make_campaign(2, "relay", 40),
        make_campaign(3, "coordinated", 12),
    )
