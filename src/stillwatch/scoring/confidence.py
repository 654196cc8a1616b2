"""Whether membership probabilities mean what they say."""

from __future__ import annotations

import numpy as np

from stillwatch.scoring.calibration import brier, expected_calibration_error
from stillwatch.scoring.matching import match_campaigns
from stillwatch.scoring.rates import Flags
from stillwatch.scoring.reported import Reported
from stillwatch.scoring.truth import Truth


def score_calibration(truth: Truth, reported: Reported) -> dict[str, float | None]:
    """Brier score and calibration error of `membership`, over all accounts and over claimed members only.

    The probability is `membership`, or 0 for an account in no finding; the outcome is whether the account
    belongs to the true campaign that its reported one is matched to, and for an account in no finding whether
    it belongs to any. Members of relay and coordinated findings are judged by their verdict and left out.
    """
    counted = truth.counts & ~_in_other_finding(reported)
    claimed = members(truth, reported)
    probability = np.where(reported.has_campaign, reported.membership, 0.0)
    outcome = belongs(truth, reported)
    return {
        "brier": brier(probability[counted], outcome[counted]),
        "ece": expected_calibration_error(probability[counted], outcome[counted]),
        "ece_members": expected_calibration_error(probability[claimed], outcome[claimed]),
    }


def members(truth: Truth, reported: Reported) -> Flags:
    """Accounts that a distillation finding claims and that count."""
    result: Flags = truth.counts & ~_in_other_finding(reported) & reported.has_campaign
    return result


def _in_other_finding(reported: Reported) -> Flags:
    others = {item.campaign_id for item in reported.campaigns if item.verdict != "distillation"}
    return np.array([name in others for name in reported.campaign], dtype=np.bool_)


def belongs(truth: Truth, reported: Reported) -> Flags:
    """Accounts of the true campaign that their finding is matched to; of those in no finding, any campaign's."""
    true_name = {claimed: actual for actual, claimed in match_campaigns(truth, reported).items()}
    in_matched = np.array(
        [
            claimed in true_name and true_name[claimed] == actual
            for claimed, actual in zip(reported.campaign, truth.campaign, strict=True)
        ],
        dtype=np.bool_,
    )
    return in_matched | (truth.is_campaign & ~reported.has_campaign)
