"""Proposals for enforcement systems: one row an account and action as CSV, and all with their price as JSON."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from stillwatch.model.pack import Pack
from stillwatch.model.response import Options
from stillwatch.report.dossier.collateral import CLASSES, Sorted
from stillwatch.report.dossier.responses import Chosen
from stillwatch.report.result import stable_json

FORMAT = "stillwatch-proposals/1"
STATUS = "proposed: a person decides"
COLUMNS = (
    "campaign_id",
    "verdict",
    "account_id",
    "action",
    "status",
    "membership",
    "class",
    "owner",
    "expires",
    "reversibility",
    "simulated",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets; a quotation mark before it makes it text. JSON holds ids as they are."""

CLASS_NAME = {code: name for code, name, _ in CLASSES}


def proposals_csv(pack: Pack, members: Sorted, chosen: Sequence[Chosen]) -> str:
    """One row for each account and action that is proposed."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in _rows(pack, members, chosen):
        writer.writerow([_cell(value) for value in row])
    return written.getvalue()


def proposals_json(pack: Pack, told: Options, members: Sorted, chosen: Sequence[Chosen]) -> str:
    """All proposals, those advised against too, with whom they would touch."""
    return stable_json(
        {
            "format": FORMAT,
            "status": STATUS,
            "campaign_id": pack.campaign.campaign_id,
            "verdict": pack.campaign.verdict,
            "simulated": bool(pack.run.get("simulated")),
            "proposals": [
                {"proposal": c.proposal, "accounts": _accounts(members, c) if c.proposal.is_proposed else []}
                for c in chosen
            ],
            "displacement_check": told.displacement,
            "collateral": told.classes,
        }
    )


def _rows(pack: Pack, members: Sorted, chosen: Sequence[Chosen]) -> Iterator[tuple[Any, ...]]:
    simulated = "yes" if pack.run.get("simulated") else "no"
    for c in chosen:
        if c.proposal.is_proposed:
            for account in _accounts(members, c):
                yield (
                    pack.campaign.campaign_id,
                    pack.campaign.verdict,
                    account["account_id"],
                    c.proposal.action,
                    STATUS,
                    f"{account['membership']:.4f}",
                    account["class"],
                    c.proposal.owner,
                    c.proposal.expires,
                    re.split("[:,;]", c.proposal.reversibility)[0],
                    simulated,
                )


def _accounts(members: Sorted, chosen: Chosen) -> list[dict[str, Any]]:
    columns = zip(
        members.account_ids, members.membership.tolist(), members.code.tolist(), chosen.mask, strict=True
    )
    return [
        {"account_id": name, "membership": round(membership, 6), "class": CLASS_NAME[code]}
        for name, membership, code, is_touched in columns
        if is_touched
    ]


def _cell(value: Any) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
