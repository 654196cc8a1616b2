from __future__ import annotations

from dataclasses import replace

import pytest

from stillwatch.scoring.campaign_file import Hypothesis, Range, ReportedCampaign
from stillwatch.scoring.campaigns import describe, judge_class, judge_name, total_variation
from stillwatch.scoring.truth import TrueCampaign

ACTUAL = TrueCampaign(
    campaign_id="sync-1",
    actor="Acme",
    actor_class="commercial lab",
    attributable="L3b",
    accounts_active=20,
    exchanges_extraction=1000,
    capabilities={"coding": 750, "vision": 250},
)
CLAIMED = ReportedCampaign(
    campaign_id="UDC-2026-001",
    verdict="distillation",
    accounts=Range(10, 15, 20),
    exchanges=Range(900, 950, 999),
    shares={"coding": 0.5, "vision": 0.25, "other": 0.25},
    attribution=(),
)


def named(actor: str, level: str = "L3b", probability: float = 0.5) -> Hypothesis:
    return Hypothesis(actor=actor, level=level, probability=probability)


def test_a_campaign_is_described_by_hand_computed_errors() -> None:
    result = describe(ACTUAL, CLAIMED)
    errors = (result.volume_error, result.volume_covered, result.account_count_error, result.capability_tv)
    assert errors == pytest.approx((0.05, 0, 0.25, 0.25))


def test_an_unmatched_campaign_has_every_error_and_no_cover() -> None:
    result = describe(ACTUAL, None)
    errors = (result.volume_error, result.volume_covered, result.account_count_error, result.capability_tv)
    assert errors == (1.0, 0, 1.0, 1.0)


def test_an_unreported_range_counts_as_unmatched() -> None:
    result = describe(ACTUAL, replace(CLAIMED, exchanges=None, shares={}))
    assert (result.volume_error, result.volume_covered, result.capability_tv) == (1.0, 0, 1.0)


@pytest.mark.parametrize(
    ("shares", "expected"),
    [({"coding": 0.75, "vision": 0.25}, 0.0), ({"translation": 1.0}, 1.0)],
    ids=["equal", "disjoint"],
)
def test_total_variation_runs_from_equal_to_disjoint(shares: dict[str, float], expected: float) -> None:
    assert total_variation(ACTUAL.capabilities, shares) == expected


@pytest.mark.parametrize(
    ("attributable", "attribution", "expected"),
    [
        ("L3b", (named("acme"),), "right"),
        ("L3b", (named("acme", probability=0.2), named("other", probability=0.7)), "wrong"),
        ("L3b", (named("acme", level="L3a"),), "abstained"),
        ("L3a", (), "right abstention"),
        ("none", (named("acme"),), "wrong"),
    ],
)
def test_a_name_is_right_only_where_the_log_can_show_it(
    attributable: str, attribution: tuple[Hypothesis, ...], expected: str
) -> None:
    assert judge_name(replace(ACTUAL, attributable=attributable), attribution) == expected


@pytest.mark.parametrize(
    ("attributable", "actor", "expected"),
    [
        ("L3a", "commercial_lab", "right"),
        ("L3a", "acme", "right"),
        ("L3a", "relay", "wrong"),
        ("none", "relay", "wrong"),
        ("none", "unknown", "right abstention"),
    ],
)
def test_a_class_may_be_the_class_or_the_name(attributable: str, actor: str, expected: str) -> None:
    attribution = (named(actor, level="L3a"),)
    assert judge_class(replace(ACTUAL, attributable=attributable), attribution, named="abstained") == expected


def test_silence_about_the_class_is_abstention() -> None:
    assert judge_class(ACTUAL, (), named="abstained") == "abstained"


def test_the_right_name_implies_the_class() -> None:
    assert judge_class(ACTUAL, (), named="right") == "right"
