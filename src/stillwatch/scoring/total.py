"""All measures of one scan against one labelled world."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillwatch.scoring.accounts import score_accounts
from stillwatch.scoring.campaigns import score_campaigns
from stillwatch.scoring.confidence import score_calibration
from stillwatch.scoring.exchanges import score_exchanges
from stillwatch.scoring.reliability import score_reliability
from stillwatch.scoring.reported import Reported, read_reported
from stillwatch.scoring.truth import Truth, read_truth

PLACES = 4


def score(truth: Path, findings: Path) -> Mapping[str, Any]:
    """Measure the findings in a folder against the truth of the world they were made from.

    `messages` names what was missing or broke the contract; such a part counts as nothing found.
    """
    actual = read_truth(truth)
    return measure(actual, read_reported(findings, actual.account_id))


def measure(truth: Truth, reported: Reported) -> Mapping[str, Any]:
    """Measure what has been read."""
    campaigns = score_campaigns(truth, reported)
    accounts = score_accounts(truth, reported)
    if "framed_actor_blamed" in campaigns:
        blamed = campaigns.pop("framed_actor_blamed")
        accounts["framing"] = {**(accounts["framing"] or {}), "framed_actor_blamed": blamed}
    result = {
        "scenario": truth.scenario,
        "seed": truth.seed,
        "accounts_in_world": int(truth.role.size),
        "exchanges_in_world": truth.exchange_count,
        **accounts,
        **campaigns,
        "exchange": score_exchanges(truth, reported),
        "calibration": score_calibration(truth, reported),
        "reliability": score_reliability(truth, reported),
        "messages": list(reported.messages),
    }
    return {name: _rounded(value) for name, value in result.items()}


def _rounded(value: Any) -> Any:
    """Round the numbers of a tree, so that it reads and compares well."""
    if isinstance(value, Mapping):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return round(value, PLACES) if math.isfinite(value) else None
    return value
