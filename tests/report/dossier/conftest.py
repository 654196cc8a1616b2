"""Findings folders and packs: of ordinary size, hostile, and of 20,000 accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.model.finding import Campaign, Findings
from stillwatch.model.pack import Pack, Record
from stillwatch.model.tables import ACCOUNT_FINDING, EVIDENCE, EXCHANGE_FINDING
from stillwatch.report.dossier.documents import documents
from stillwatch.report.dossier.from_log import Examples, Place
from stillwatch.report.dossier.packed import files_of
from stillwatch.report.dossier.taken import Findings as Folder
from stillwatch.report.files import write

MANY = 20_000
FAMILIES = (("pay", 6.0), ("net", 5.0), ("client", 8.0), ("template", 7.5), ("registration", 3.5))
CAPABILITIES = ("coding", "reasoning", "agentic", "other")

Take = Callable[..., Pack]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Write findings into a folder and take the pack of one of its campaigns."""

    def taken(
        findings: Findings, number: int = 0, *, record: Record | None = None, log: Path | None = None
    ) -> Pack:
        write(findings, tmp_path / "findings")
        folder = Folder(tmp_path / "findings")
        place = None if log is None else Place(log)
        return folder.take(folder.campaigns[number], record or Record(), place, Examples())

    return taken


@pytest.fixture
def tell() -> Callable[..., dict[str, bytes]]:
    """The documents of a pack by name."""
    return lambda pack, *kinds: documents(files_of(pack), frozenset(kinds or ("html", "md", "json")))


@pytest.fixture
def many(make_findings: Callable[..., Findings], make_campaign: Callable[..., Campaign]) -> Findings:
    """One campaign of 20,000 accounts and 2.5 million exchanges, of which 200,000 are listed one by one.

    No scan made it: each account has evidence of five families and ties to shared traits, as a scan writes them, and
    memberships are drawn from a fixed seed. What a dossier costs depends on how many there are, not on what they say.
    """
    campaign = make_campaign(1, "distillation", MANY)
    made = make_findings(campaign)
    ids = made.accounts["account_id"].to_pylist()
    draw = np.random.default_rng(20_000)
    membership = np.clip(draw.beta(9, 1, MANY), 0.05, 0.99)
    rows = [
        (
            campaign.campaign_id,
            family,
            f"{family}_shared",
            account,
            bits,
            0.01,
            bits * 0.30103,
            "The account fits.",
        )
        for account in ids
        for family, bits in FAMILIES
    ]
    evidence = pa.Table.from_arrays([pa.array(c) for c in zip(*rows, strict=True)], EVIDENCE.names)
    listed = [
        (f"x_{account}_{i}", campaign.campaign_id, CAPABILITIES[i % 4], round(0.5 + 0.05 * i, 2))
        for account in ids
        for i in range(10)
    ]
    exchanges = pa.Table.from_arrays([pa.array(c) for c in zip(*listed, strict=True)], EXCHANGE_FINDING.names)
    accounts = made.accounts.set_column(2, "membership", pa.array(membership)).cast(ACCOUNT_FINDING)
    return replace(
        made,
        accounts=accounts,
        evidence=pa.concat_tables([made.evidence, evidence.cast(EVIDENCE)]),
        exchanges=exchanges.cast(EXCHANGE_FINDING),
    )
