"""What a scan returns shows itself in a notebook, as its written result is told."""

from __future__ import annotations

from tests.scan.conftest import Scanned


def test_findings_show_themselves_in_a_notebook(mixed: Scanned) -> None:
    text = mixed.findings._repr_html_()
    campaigns = mixed.document["campaigns"]
    assert "Simulated traffic" in text
    assert all(campaign["campaign_id"] in text for campaign in campaigns[:20])
