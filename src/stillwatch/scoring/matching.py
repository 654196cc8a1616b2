"""Which reported campaign is which true one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from stillwatch.scoring.reported import Reported
from stillwatch.scoring.truth import Truth


def match_campaigns(truth: Truth, reported: Reported) -> Mapping[str, str]:
    """Match true campaigns to reported ones of distillation, one to one, by the accounts they share.

    The pair with the largest overlap goes first; equal overlaps go by name. One reported campaign that holds
    two true ones therefore finds only one of them, and of two halves of a true one only the larger counts.
    """
    known = {item.campaign_id for item in truth.campaigns}
    candidates = {item.campaign_id for item in reported.distillation}
    overlap = Counter(
        (actual, claimed)
        for actual, claimed in zip(truth.campaign, reported.campaign, strict=True)
        if actual in known and claimed in candidates
    )
    matched: dict[str, str] = {}
    taken: set[str] = set()
    for (actual, claimed), _ in sorted(overlap.items(), key=lambda item: (-item[1], item[0])):
        if actual not in matched and claimed not in taken:
            matched[actual] = claimed
            taken.add(claimed)
    return matched


def score_found(truth: Truth, reported: Reported, matched: Mapping[str, str]) -> dict[str, Any]:
    """How many campaigns were found, and how many were called that are none.

    A reported distillation campaign is false if at most half of its accounts truly belong to any campaign;
    one that no account names is counted apart.
    """
    sizes = [
        (int(members.sum()), int((members & truth.is_campaign).sum()))
        for members in (reported.campaign == item.campaign_id for item in reported.distillation)
    ]
    return {
        "campaigns_reported": len(sizes),
        "false_campaigns": sum(size > 0 and 2 * right <= size for size, right in sizes),
        "campaigns_without_accounts": sum(size == 0 for size, _ in sizes),
        "campaigns_found": len(matched) / len(truth.campaigns) if truth.campaigns else None,
    }


def names_framed_actor(truth: Truth, reported: Reported) -> bool:
    """Whether a campaign made mostly of framing accounts is attributed by name to the actor they imitate."""
    framing = truth.has_role("framing")
    for item in reported.distillation:
        members = np.asarray(reported.campaign == item.campaign_id)
        blamed = {each.actor for each in item.attribution if each.level == "L3b"}
        if 2 * int((members & framing).sum()) > int(members.sum()) and truth.framed.lower() in blamed:
            return True
    return False
