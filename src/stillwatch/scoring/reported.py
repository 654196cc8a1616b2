"""What a scan reported, read back from its folder with the eye of somebody who trusts nothing.

A missing file or column is no reason to stop: it counts as nothing found, and is named in the messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from stillwatch.errors import InputError
from stillwatch.model.tables import ACCOUNT_FINDING, ACCOUNT_VERDICTS, EVIDENCE, EXCHANGE_FINDING
from stillwatch.scoring.campaign_file import ReportedCampaign, read_campaigns
from stillwatch.scoring.rates import Flags, Numbers
from stillwatch.scoring.result_tables import number_column, read_table, rows_of, text_column
from stillwatch.scoring.truth import Texts

OTHER_FILES = ("report.html", "rejected.jsonl")


@dataclass(frozen=True)
class Reported:
    """What a scan reported: one array item per account of the truth, in the order of the truth."""

    campaigns: tuple[ReportedCampaign, ...]
    verdict: Texts
    campaign: Texts
    membership: Numbers
    risk: Numbers
    exchanges: pa.Table | None
    messages: tuple[str, ...]

    @property
    def is_campaign(self) -> Flags:
        """Accounts called members of a distillation campaign."""
        return np.asarray(self.verdict == "campaign", dtype=np.bool_)

    @property
    def has_campaign(self) -> Flags:
        """Accounts that belong to a finding, of whatever verdict."""
        return np.array([item is not None for item in self.campaign], dtype=np.bool_)

    @property
    def distillation(self) -> tuple[ReportedCampaign, ...]:
        """The findings called distillation."""
        return tuple(item for item in self.campaigns if item.verdict == "distillation")


def read_reported(folder: Path, account_id: pa.Array) -> Reported:
    """Read a scan's folder for the accounts of a labelled world."""
    if not folder.is_dir():
        message = (
            f"cannot score {folder}: there is no such folder. "
            "Name the folder that `stillwatch scan --out` wrote."
        )
        raise InputError(message)
    messages: list[str] = []
    campaigns = read_campaigns(folder / "findings.json", messages)
    accounts = read_table(folder / "accounts.parquet", ACCOUNT_FINDING, messages)
    read_table(folder / "evidence.parquet", EVIDENCE, messages)
    messages.extend(f"{name}: missing" for name in OTHER_FILES if not (folder / name).exists())
    rows = rows_of(accounts, account_id, messages)
    return Reported(
        campaigns=campaigns,
        verdict=_verdicts(text_column(accounts, "verdict", rows), rows >= 0, messages),
        campaign=text_column(accounts, "campaign_id", rows),
        membership=_probabilities(number_column(accounts, "membership", rows), "membership", messages),
        risk=_probabilities(number_column(accounts, "risk", rows), "risk", messages),
        exchanges=read_table(folder / "exchanges.parquet", EXCHANGE_FINDING, messages),
        messages=tuple(messages),
    )


def _verdicts(verdict: Texts, listed: Flags, messages: list[str]) -> Texts:
    """Return the verdicts, with `clear` for what is no verdict of the contract."""
    known = np.isin(verdict.astype(str), ACCOUNT_VERDICTS)
    outside = int((listed & ~known).sum())
    if outside:
        messages.append(f"accounts.parquet: {outside} verdicts outside the contract, read as clear")
    return np.where(known, verdict, "clear")


def _probabilities(value: Numbers, name: str, messages: list[str]) -> Numbers:
    if ((value < 0) | (value > 1)).any():
        messages.append(f"accounts.parquet: {name} outside 0..1, cut to that range")
    return value.clip(0, 1)
