"""A scan states how rare its findings are among the innocent, and how firm, and decides nothing by it."""

from __future__ import annotations

from pathlib import Path

from stillwatch.judge.budget import JudgeSettings
from stillwatch.scan import scan
from stillwatch.settings import Settings
from tests.scan.conftest import Scanned


def test_every_finding_is_listed_first_and_in_order(mixed: Scanned) -> None:
    listed = [t["campaign_id"] for t in mixed.document["false_alarms"]["groups"] if t["campaign_id"]]
    assert listed == [c["campaign_id"] for c in mixed.document["campaigns"]]
    assert mixed.document["false_alarms"]["groups"][0]["campaign_id"] == listed[0]


def test_a_plain_campaign_is_above_every_innocent_cluster_and_comes_out_together(easy: Scanned) -> None:
    found = [t for t in easy.document["false_alarms"]["groups"] if t["campaign_id"] == "UDC-2026-002"]
    assert found[0]["p_value"] <= 1 / (found[0]["references"] + 1) + 1e-9
    assert found[0]["is_confirmed"]
    assert found[0]["stability"]["least_together"] >= 0.9


def test_nothing_is_confirmed_in_a_world_without_a_campaign(clean: Scanned) -> None:
    assert [t for t in clean.document["false_alarms"]["groups"] if t["is_confirmed"]] == []


def test_a_campaign_can_be_reported_and_not_be_told_apart_and_the_level_changes_no_verdict(
    mixed: Scanned, tmp_path: Path
) -> None:
    strict = scan(mixed.log, out=tmp_path / "out", settings=Settings(judge=JudgeSettings(confirm_level=1e-9)))
    assert strict.campaigns == mixed.findings.campaigns
    assert strict.false_alarms is not None
    assert not any(t.is_confirmed for t in strict.false_alarms.groups)
