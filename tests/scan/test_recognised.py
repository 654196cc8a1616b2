"""By which traits a campaign is recognised again."""

from __future__ import annotations

from tests.scan.conftest import Scanned


def test_traits_of_a_campaign_are_held_inside_and_hardly_outside(mixed: Scanned) -> None:
    for campaign in mixed.findings.of_verdict("distillation"):
        assert campaign.traits
        assert all(trait.parties > trait.others for trait in campaign.traits[:5])


def test_a_trait_of_requests_was_seen_within_the_campaign(mixed: Scanned) -> None:
    for campaign in mixed.findings.campaigns:
        for trait in campaign.traits:
            assert campaign.first_seen <= trait.first_seen <= trait.last_seen


def test_findings_json_lists_the_traits_beside_the_campaigns(mixed: Scanned) -> None:
    told = [(t["campaign_id"], t["key"]) for t in mixed.document["traits"]]
    assert told == [(c.campaign_id, t.key) for c in mixed.findings.campaigns for t in c.traits]
