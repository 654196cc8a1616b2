"""How well accounts are told apart, by what they truly are."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.scoring.clusters import Clusters, alone_where, bcubed, pairwise
from stillwatch.scoring.rates import UNDEFINED, Rates, average_precision, compare, share
from stillwatch.scoring.reported import Reported
from stillwatch.scoring.truth import Texts, Truth


def score_accounts(truth: Truth, reported: Reported) -> dict[str, Any]:
    """Score campaign membership as a claim, as a ranking and as a clustering, and by kind of account."""
    counted, actual, claimed = truth.counts, truth.is_campaign, reported.is_campaign
    return {
        "account": compare(claimed[counted], actual[counted]) if actual.any() else UNDEFINED,
        "accounts_flagged": int(claimed.sum()),
        "false_accounts": int((claimed & ~actual & counted).sum()),
        "average_precision": average_precision(actual[counted], reported.risk[counted]),
        **_score_clusters(truth, reported),
        "recall_by_campaign": {
            item.short_name: share(claimed[truth.campaign == item.campaign_id]) for item in truth.campaigns
        },
        "fpr_by_lookalike": _rates_by_lookalike(truth, reported),
        **_score_roles(truth, reported),
    }


def _score_clusters(truth: Truth, reported: Reported) -> dict[str, Rates | None]:
    """B-cubed and pairwise scores over accounts that are in a campaign in the truth or in the report.

    An account that one side puts in no campaign is there a cluster of its own.
    """
    actual = truth.is_campaign
    if not actual.any():
        return {"bcubed": None, "pairwise": None}
    claimed = reported.is_campaign
    chosen = truth.counts & (actual | (claimed & reported.has_campaign))
    left = alone_where(_numbered(truth.campaign[chosen]), ~actual[chosen])
    right = alone_where(_numbered(reported.campaign[chosen]), ~claimed[chosen])
    return {"bcubed": bcubed(left, right), "pairwise": pairwise(left, right)}


def _numbered(name: Texts) -> Clusters:
    """Give the same number to the same name, and -1 to none."""
    known = np.array([item is not None for item in name], dtype=np.bool_)
    number = np.full(name.size, -1, dtype=np.int64)
    number[known] = np.unique(name[known].astype(str), return_inverse=True)[1]
    return number


def _rates_by_lookalike(truth: Truth, reported: Reported) -> dict[str, float | None]:
    """For each class of innocent account the share that was called campaign."""
    classes = sorted({str(name) for name in truth.lookalike} - {"campaign"})
    return {name: share(reported.is_campaign[truth.lookalike == name]) for name in classes}


def _score_roles(truth: Truth, reported: Reported) -> dict[str, Any]:
    """Tell what became of relays, of accounts with an agreement, and of those planted to frame somebody."""
    relay, authorised, framing = (truth.has_role(role) for role in ("relay", "authorised", "framing"))
    called_relay, called_authorised = reported.verdict == "relay", reported.verdict == "authorised"
    called_campaign = reported.is_campaign
    return {
        "relay": compare(called_relay, relay),
        "relay_called_campaign": share(called_campaign[relay]),
        "authorised": {
            "verdict_authorised": share(called_authorised[authorised]),
            "called_campaign": share(called_campaign[authorised]),
        }
        if authorised.any()
        else None,
        "framing": {"called_campaign": share(called_campaign[framing])} if framing.any() else None,
    }
