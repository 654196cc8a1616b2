"""A technique is told with what points to it, and called weak where it is common in simulated worlds that have none of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from stillwatch.model.elsewhere import elsewhere
from stillwatch.model.finding import Campaign, Findings, Pointer
from stillwatch.report.build import dossier
from stillwatch.report.techniques import pointed_to, technique

RESULT = Path(__file__).parents[2] / "benchmarks" / "results" / "techniques.json"
POINTED = (
    Pointer("SWT-E01", "extended_thinking", 0.62, None, 0.25),
    Pointer("SWT-R05", "hot_spare_pool", 0.7, 0.5, 0.1),
)
MakeFindings = Callable[..., Findings]
MakeCampaign = Callable[..., Campaign]


def pointed(make_campaign: MakeCampaign) -> Campaign:
    names = ("AML.T0040", "SWT-E01", "SWT-R05")
    return replace(make_campaign(1, "distillation", 40), techniques=names, pointers=POINTED)


def test_what_is_counted_elsewhere_is_what_the_benchmark_counted() -> None:
    counted = json.loads(RESULT.read_text("utf-8"))["techniques"]
    told = {name: (count["elsewhere"], count["others"]) for name, count in counted.items()}
    assert dict(elsewhere()) == told, "copy the counts of the result into model/data/elsewhere.json"


def test_what_is_common_elsewhere_is_weak() -> None:
    assert technique("SWT-E01").is_weak
    assert not technique("SWT-A02").is_weak


def test_the_ledger_infers_techniques_and_says_which_are_weak(
    make_findings: MakeFindings, make_campaign: MakeCampaign
) -> None:
    told = dossier(pointed(make_campaign), make_findings(pointed(make_campaign)))
    claims = {c.text: c.kind for c in told.ledger if "Measurements point to" in c.text}
    assert list(claims.values()) == ["inferred"]
    assert "point to SWT-R05; weakly to SWT-E01" in next(iter(claims))


def test_who_calls_a_model_only_is_pointed_to_by_nothing() -> None:
    assert pointed_to(("AML.T0040", "AML.T0024.002")) is None
