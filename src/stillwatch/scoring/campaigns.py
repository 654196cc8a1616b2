"""How well each true campaign is described: size, purpose, actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stillwatch.model.tables import CAPABILITIES
from stillwatch.scoring.campaign_file import Hypothesis, Range, ReportedCampaign
from stillwatch.scoring.matching import match_campaigns, names_framed_actor, score_found
from stillwatch.scoring.reported import Reported
from stillwatch.scoring.truth import TrueCampaign, Truth

LARGEST_ERROR = 10.0
"""One absurd volume may not decide the mean over campaigns."""

GOOD_ANSWERS = ("right", "right abstention")

CLASS_NAMES: Mapping[str, frozenset[str]] = {
    "relay": frozenset({"relay"}),
    "commercial lab": frozenset({"commercial lab", "commercial_lab", "lab"}),
    "unknown": frozenset({"unknown"}),
}


@dataclass(frozen=True)
class Description:
    """One true campaign against what was reported of it; an unmatched one has error 1 and no cover.

    - `volume_error` = |reported best - true extraction exchanges| / true extraction exchanges
    - `volume_covered` = 1 if the true number lies within the reported low..high, else 0
    - `account_count_error` = |reported best - true active accounts| / true active accounts
    - `capability_tv` = total variation (0..1) between reported and true shares of extraction exchanges
    - `named` (L3b) and `classed` (L3a): right, wrong, abstained, right abstention, not found
    """

    matched: bool
    named: str
    classed: str
    volume_error: float = 1.0
    volume_covered: int = 0
    account_count_error: float = 1.0
    capability_tv: float = 1.0

    def as_mapping(self) -> dict[str, Any]:
        """Give the same under the names of the levels of attribution."""
        return {
            "matched": self.matched,
            "L3b": self.named,
            "L3a": self.classed,
            "volume_error": self.volume_error,
            "volume_covered": self.volume_covered,
            "account_count_error": self.account_count_error,
            "capability_tv": self.capability_tv,
        }


def score_campaigns(truth: Truth, reported: Reported) -> dict[str, Any]:
    """Campaigns found, and how well they are described; means run over true campaigns, found or not."""
    matched = match_campaigns(truth, reported)
    by_name = {item.campaign_id: item for item in reported.distillation}
    described = {
        item.short_name: describe(item, by_name.get(matched.get(item.campaign_id, "")))
        for item in truth.campaigns
    }
    result = score_found(truth, reported, matched)
    if described:
        result |= _means(tuple(described.values()))
    if truth.framed:
        result["framed_actor_blamed"] = int(names_framed_actor(truth, reported))
    return {**result, "by_campaign": {name: item.as_mapping() for name, item in described.items()}}


def describe(actual: TrueCampaign, claimed: ReportedCampaign | None) -> Description:
    """Compare a true campaign with the reported one it is matched to."""
    if claimed is None:
        return Description(matched=False, named="not found", classed="not found")
    named = judge_name(actual, claimed.attribution)
    return Description(
        matched=True,
        named=named,
        classed=judge_class(actual, claimed.attribution, named=named),
        volume_error=_relative_error(claimed.exchanges, actual.exchanges_extraction),
        volume_covered=_covers(claimed.exchanges, actual.exchanges_extraction),
        account_count_error=_relative_error(claimed.accounts, actual.accounts_active),
        capability_tv=total_variation(actual.capabilities, claimed.shares),
    )


def total_variation(actual: Mapping[str, float], claimed: Mapping[str, float]) -> float:
    """Half the sum of |true share - reported share| over capabilities: 0 equal, 1 disjoint or unreported."""
    total = sum(actual.values())
    if not (claimed and total):
        return 1.0
    return 0.5 * sum(abs(actual.get(name, 0) / total - claimed.get(name, 0)) for name in CAPABILITIES)


def judge_name(actual: TrueCampaign, attribution: Sequence[Hypothesis]) -> str:
    """Level L3b: the most probable name must be the actor's if the log can show it; else none may stand."""
    named = _most_probable(attribution, "L3b")
    if actual.attributable != "L3b":
        return "wrong" if named else "right abstention"
    if named is None:
        return "abstained"
    return "right" if named.actor == actual.actor.lower() else "wrong"


def judge_class(actual: TrueCampaign, attribution: Sequence[Hypothesis], *, named: str) -> str:
    """Level L3a: the most probable class must be the actor's; the right name at L3a or L3b does as well."""
    classed = _most_probable(attribution, "L3a")
    if actual.attributable == "none":
        return "right abstention" if classed is None or classed.actor == "unknown" else "wrong"
    accepted = CLASS_NAMES.get(actual.actor_class, frozenset()) | ({actual.actor.lower()} - {""})
    if named == "right" or (classed is not None and classed.actor in accepted):
        return "right"
    return "abstained" if classed is None else "wrong"


def _most_probable(attribution: Sequence[Hypothesis], level: str) -> Hypothesis | None:
    chosen = [item for item in attribution if item.level == level]
    return max(chosen, key=lambda item: item.probability, default=None)


def _relative_error(claimed: Range | None, actual: int) -> float:
    return 1.0 if claimed is None else abs(claimed.best - actual) / max(1, actual)


def _covers(claimed: Range | None, actual: int) -> int:
    return int(claimed is not None and claimed.low <= actual <= claimed.high)


def _means(described: Sequence[Description]) -> dict[str, Any]:
    return {
        "volume": {
            "mean_relative_error": _mean([min(item.volume_error, LARGEST_ERROR) for item in described]),
            "coverage": _mean([item.volume_covered for item in described]),
            "account_count_error": _mean([item.account_count_error for item in described]),
        },
        "capability_tv": _mean([item.capability_tv for item in described]),
        "attribution": {
            "L3b_right": _mean([item.named in GOOD_ANSWERS for item in described]),
            "L3b_wrong": sum(item.named == "wrong" for item in described),
            "L3a_right": _mean([item.classed in GOOD_ANSWERS for item in described]),
            "L3a_wrong": sum(item.classed == "wrong" for item in described),
        },
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
