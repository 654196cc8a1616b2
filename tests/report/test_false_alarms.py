"""How rare a finding is among the innocent, and how firm, in sentences that state their bound."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stillwatch.errors import InputError
from stillwatch.model.finding import Compared, FalseAlarms, Findings, Stability
from stillwatch.report.false_alarms import beside_innocents
from stillwatch.report.files import read, write
from stillwatch.report.html import render

CAMPAIGN, RELAY = "UDC-2026-001", "UDC-2026-002"
RARE = Compared(
    campaign_id=CAMPAIGN,
    could_be_campaign=True,
    parties=120,
    reads_prompts=True,
    reads_addresses=True,
    bits=9.0,
    references=299,
    p_value=1 / 300,
    e_value=299.5,
    is_confirmed=True,
    stability=Stability(repeats=3, together=0.97, least_together=0.91, most_strangers=0.02),
)
UNTRIED = replace(
    RARE,
    campaign_id=RELAY,
    could_be_campaign=False,
    references=0,
    p_value=None,
    e_value=None,
    is_confirmed=False,
    stability=None,
)
OTHER = replace(
    RARE, campaign_id=None, bits=-5.0, p_value=0.5, e_value=0.01, is_confirmed=False, stability=None
)


def told(tested: Compared) -> str:
    alarms = FalseAlarms(0.1, (tested, OTHER, OTHER))
    return " ".join(beside_innocents(alarms, CAMPAIGN)).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_none_of_many_innocent_clusters_is_stated_with_its_bound() -> None:
    said = told(RARE)
    assert "Of 299 innocent clusters of simulated worlds" in said
    assert "none has as many bits for a training set (at most 1 %)" in said


def test_innocent_clusters_that_are_as_high_are_counted() -> None:
    assert "3 have as many bits for a training set (1 %): p-value 0.0133" in told(
        replace(RARE, p_value=4 / 300)
    )


def test_what_e_bh_says_is_told_with_its_level_and_with_what_one_alone_needs() -> None:
    assert "At a false discovery rate of 10 % over the 3 groups" in told(RARE)
    assert "e-BH tells it apart from them; a group alone needs 30." in told(RARE)
    assert "e-BH does not tell it apart" in told(replace(RARE, is_confirmed=False))


def test_stability_is_told_with_its_worst_case() -> None:
    assert "97 % of it came out together on average, 91 % at worst" in told(RARE)


def test_what_was_not_compared_says_why() -> None:
    none = replace(RARE, references=0, p_value=None, e_value=None, is_confirmed=False, reads_prompts=False)
    assert "no innocent cluster of like size in logs that show addresses" in told(none)
    assert "could not have been called distillation" in told(replace(UNTRIED, campaign_id=CAMPAIGN))
    assert "too small to be linked again" in told(replace(UNTRIED, campaign_id=CAMPAIGN))


def test_a_finding_of_which_nothing_was_told_has_no_sentence() -> None:
    assert beside_innocents(None, CAMPAIGN) == ()
    assert beside_innocents(FalseAlarms(0.1, (RARE,)), "UDC-2026-009") == ()


def test_the_report_tells_it_of_each_finding_and_says_that_innocents_are_simulated(three: Findings) -> None:
    page = render(replace(three, false_alarms=FalseAlarms(0.1, (RARE, UNTRIED, OTHER))))
    assert page.count("How rare this is among the innocent") == 2
    assert "The innocent clusters are simulated" in page


def test_a_findings_folder_gives_back_what_was_written(three: Findings, tmp_path: Path) -> None:
    alarms = FalseAlarms(0.1, (RARE, UNTRIED))
    write(replace(three, false_alarms=alarms), tmp_path)
    kept = read(tmp_path).false_alarms
    assert kept is not None
    assert kept.of(RELAY) == UNTRIED
    assert beside_innocents(kept, CAMPAIGN) == beside_innocents(alarms, CAMPAIGN)


def test_a_folder_of_an_older_version_is_read_without(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    assert "false_alarms" not in json.loads((tmp_path / "findings.json").read_text())
    assert read(tmp_path).false_alarms is None


def test_false_alarms_of_another_making_are_refused(three: Findings, tmp_path: Path) -> None:
    write(three, tmp_path)
    document = json.loads((tmp_path / "findings.json").read_text())
    (tmp_path / "findings.json").write_text(json.dumps({**document, "false_alarms": {"level": "high"}}))
    with pytest.raises(InputError, match="false_alarms"):
        read(tmp_path)
