"""The campaigns of a `findings.json`, read as if anybody could have written it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from stillwatch.model.finding import Verdict
from stillwatch.model.tables import CAPABILITIES

KEYS = ("verdict", "coordination", "distillation", "attribution", "accounts", "exchanges", "capabilities")


@dataclass(frozen=True)
class Range:
    """A count as reported, with its uncertainty."""

    low: float
    best: float
    high: float


@dataclass(frozen=True)
class Hypothesis:
    """A reported attribution; the actor in lower case."""

    actor: str
    level: str
    probability: float


@dataclass(frozen=True)
class ReportedCampaign:
    """A campaign as `findings.json` tells it; None where it tells nothing of use."""

    campaign_id: str
    verdict: str
    accounts: Range | None
    exchanges: Range | None
    shares: Mapping[str, float]
    attribution: tuple[Hypothesis, ...]


def read_campaigns(path: Path, messages: list[str]) -> tuple[ReportedCampaign, ...]:
    """Read the campaigns that have a name; say in the messages what cannot be read."""
    try:
        listed = json.loads(path.read_bytes())["campaigns"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        messages.append(f"findings.json: no campaigns can be read ({type(error).__name__})")
        return ()
    if not isinstance(listed, list):
        messages.append("findings.json: `campaigns` is no list")
        return ()
    named = [item for item in listed if isinstance(item, dict) and item.get("campaign_id")]
    return tuple(_campaign(item, messages) for item in named)


def _campaign(item: Mapping[str, Any], messages: list[str]) -> ReportedCampaign:
    name = str(item["campaign_id"])
    missing = [key for key in KEYS if key not in item]
    if missing:
        messages.append(f"campaign {name}: without {', '.join(missing)}")
    if item.get("verdict") not in get_args(Verdict):
        messages.append(f"campaign {name}: verdict {item.get('verdict')!r} is not in the contract")
    exchanges = _range(item.get("exchanges"))
    if exchanges is None and item.get("verdict") == "distillation":
        messages.append(f"campaign {name}: no exchanges low/best/high")
    return ReportedCampaign(
        campaign_id=name,
        verdict=str(item.get("verdict")),
        accounts=_range(item.get("accounts")),
        exchanges=exchanges,
        shares=_shares(item.get("capabilities")),
        attribution=tuple(_hypothesis(each) for each in _mappings(item.get("attribution"))),
    )


def _mappings(value: object) -> list[Mapping[str, Any]]:
    """Pick the mappings from a list that may be anything."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _range(value: object) -> Range | None:
    if not isinstance(value, dict):
        return None
    try:
        return Range(*(float(value[key]) for key in ("low", "best", "high")))
    except (KeyError, TypeError, ValueError):
        return None


def _shares(value: object) -> Mapping[str, float]:
    """Shares of the capabilities of the contract, made to sum to 1; empty where there are none."""
    shares = dict.fromkeys(CAPABILITIES, 0.0)
    for item in _mappings(value):
        if item.get("capability") in shares:
            shares[item["capability"]] += max(0.0, _number(item.get("share")))
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()} if total > 0 else {}


def _hypothesis(item: Mapping[str, Any]) -> Hypothesis:
    return Hypothesis(
        actor=str(item.get("actor", "")).strip().lower(),
        level=str(item.get("level")),
        probability=_number(item.get("probability")),
    )


def _number(value: object) -> float:
    try:
        return float(value or 0)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0.0
