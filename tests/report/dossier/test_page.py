"""What the page of a dossier says of techniques."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from stillwatch.model.finding import Campaign, Findings, Pointer
from stillwatch.model.pack import Pack

POINTED = (
    Pointer("SWT-E01", "extended_thinking", 0.62, None, 0.25),
    Pointer("SWT-R05", "hot_spare_pool", 0.7, 0.5, 0.1),
)


def test_part_seven_tells_signal_value_line_ordinary_and_what_is_seen_elsewhere(
    make_findings: Callable[..., Findings],
    make_campaign: Callable[..., Campaign],
    take: Callable[..., Pack],
    tell: Callable[..., dict[str, bytes]],
) -> None:
    campaign = replace(
        make_campaign(1, "distillation", 40), techniques=("SWT-E01", "SWT-R05"), pointers=POINTED
    )
    documents = tell(take(make_findings(campaign)), "md", "html", "json")
    text = documents["dossier.md"].decode().replace("\\", "")
    assert "hot_spare_pool (line 0.5) | 0.7 | 0.1 | 4 of 72 |" in text
    assert "extended_thinking | 0.62 | 0.25 | 30 of 74: weak |" in text
    assert "SWT-E01 (weak)" in json.loads(documents["dossier.json"])["diamond"]["Capability"]
    page = documents["dossier.html"].decode()
    assert "Techniques that measurements point to" in page
    assert "Techniques seen" not in page
