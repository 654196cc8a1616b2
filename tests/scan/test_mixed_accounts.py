"""A campaign in a twentieth of what a reseller's accounts ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.scan import scan
from stillwatch.scoring.total import score
from stillwatch.simulate.worlds import build


@pytest.mark.slow
def test_a_campaign_in_a_twentieth_of_a_resellers_traffic_is_found_without_the_customers(
    tmp_path: Path,
) -> None:
    build("mixed-accounts-5", seed=11, exchanges=200_000, out=tmp_path / "log")
    scan(tmp_path / "log", out=tmp_path / "findings")
    found = score(tmp_path / "log.truth", tmp_path / "findings")
    assert found["campaigns_found"] == 1
    assert found["account"]["precision"] == 1
    assert found["account"]["recall"] >= 0.8
    assert found["exchange"]["f1"] >= 0.8
    assert found["volume"]["coverage"] == 1


@pytest.mark.slow
def test_the_same_pool_without_a_campaign_is_none(tmp_path: Path) -> None:
    build("mixed-accounts-0", seed=11, exchanges=200_000, out=tmp_path / "log")
    found = scan(tmp_path / "log")
    assert [c.verdict for c in found.campaigns if c.verdict == "distillation"] == []
