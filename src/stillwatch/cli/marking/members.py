"""Members of the campaigns in a findings folder, whose answers may be marked: of findings of distillation, and sure members only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow.compute as pc

from stillwatch.casebook.labels import SURE_MEMBER
from stillwatch.errors import UsageError
from stillwatch.report.files import read


def members(findings: Path) -> Mapping[str, frozenset[str]]:
    """The sure members of each campaign. A relay's accounts are its customers', and nobody's answers are marked for sharing one."""
    filed = read(findings)
    named = [c["campaign_id"] for c in filed.campaigns if c["verdict"] == "distillation"]
    sure = filed.accounts.filter(pc.greater_equal(filed.accounts["membership"], SURE_MEMBER))
    found: dict[str, set[str]] = {name: set() for name in named}
    for name, account in zip(sure["campaign_id"].to_pylist(), sure["account_id"].to_pylist(), strict=True):
        if name in found:
            found[name].add(account)
    return {name: frozenset(accounts) for name, accounts in found.items()}


def members_of(findings: Path, campaign_id: str) -> frozenset[str]:
    """Those of one campaign; one that is not there, or no finding of distillation, is refused."""
    found = members(findings)
    if not found.get(campaign_id):
        raise UsageError(
            f"{findings} holds no finding of distillation {campaign_id!r} with sure members. It holds {', '.join(found) or 'none'}."
        )
    return found[campaign_id]
