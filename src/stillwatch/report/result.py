"""The machine-readable result, `findings.json`: stable keys, sensibly rounded numbers, no clock."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import PurePath
from typing import Any

from stillwatch.model.finding import Campaign, Explained, Findings, Manifest, Trait
from stillwatch.report.told import all_told

SIGNIFICANT_DIGITS = 9


def findings_json(findings: Findings) -> str:
    """The whole result as JSON text."""
    document = {
        **({"attributed": findings.attributed} if findings.attributed else {}),
        "campaigns": [_campaign(campaign) for campaign in findings.campaigns],
        **({"cleared": findings.cleared} if findings.cleared else {}),
        **({"corroborated": findings.corroborated} if findings.corroborated else {}),
        "explained": [_explained(group) for group in findings.explained],
        **({"false_alarms": findings.false_alarms} if findings.false_alarms else {}),
        "run": run_fields(findings.run),
        "told": all_told(findings),
        "traits": [_trait(c.campaign_id, t) for c in findings.campaigns for t in c.traits],
    }
    return stable_json(document)


def stable_json(document: Any) -> str:
    """A document as JSON text: sorted keys, ASCII only, one newline at the end.

    ASCII only, because names in a log may hold control characters that a terminal would obey.
    """
    return json.dumps(_plain(document), sort_keys=True, indent=2, allow_nan=False) + "\n"


def run_fields(run: Manifest) -> dict[str, Any]:
    """What a run was, in the contract's fields."""
    return {
        "version": run.version,
        "contract_version": run.contract_version,
        "seed": run.seed,
        "false_alarm_budget": run.false_alarm_budget,
        "input_window": {"start": run.window_start, "end": run.window_end},
        "counts": {
            "read": run.rows_read,
            "scanned": run.rows_scanned,
            "rejected": run.rows_rejected,
            "excluded": sum(run.excluded.values()),
            "accounts": run.accounts,
        },
        "excluded": run.excluded,
        "unknown_columns": run.unknown_columns,
        "simulated": run.simulated,
        "inputs": run.inputs,
        "signals_computed": run.signals_computed,
        "signals_skipped": run.signals_skipped,
        "settings": run.settings,
        "notes": run.notes,
        **({"confirmed": run.confirmed} if run.confirmed else {}),
        **({"accounts_let_out": run.accounts_let_out} if run.accounts_let_out else {}),
    }


def _campaign(campaign: Campaign) -> dict[str, Any]:
    """The contract's fields; look-alikes and pointers stand under `told`, examples in the report only, and traits have a list of their own."""
    fields = asdict(campaign)
    del fields["lookalikes"], fields["examples"], fields["traits"], fields["pointers"]
    return fields


def _trait(campaign_id: str, trait: Trait) -> dict[str, Any]:
    return {"campaign_id": campaign_id, **asdict(trait)}


def _explained(group: Explained) -> dict[str, Any]:
    """All but the account ids: a group that agreements explain is no finding about its accounts."""
    fields = asdict(group)
    del fields["members"]
    return fields


def _plain(value: Any) -> Any:
    """The same value in JSON's own types; a number that is none becomes null."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [_plain(item) for item in value]
        return sorted(items, key=repr) if isinstance(value, (set, frozenset)) else items
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, float):
        return _rounded(value)
    if isinstance(value, (str, int, bool)) or value is None:
        return value
    return value.as_posix() if isinstance(value, PurePath) else str(value)


def _rounded(value: float) -> float | None:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
