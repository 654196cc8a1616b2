"""How rare a finding is among the innocent, and how firm, in sentences that state their bound."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stillwatch.errors import InputError
from stillwatch.model.finding import Compared, FalseAlarms, Findings, Stability
from stillwatch.model.sequence import SKETCH_DIGITS, Followed, ScanSequence
from stillwatch.report.false_alarms import beside_innocents, scans_line
from stillwatch.report.files import read, read_sequence, write
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

FOLLOWED = Followed(
    campaign_id=CAMPAIGN,
    earlier_id="UDC-2026-004",
    value=200.5,
    first_seen=1,
    last_seen=3,
    seen=3,
    is_confirmed_over_scans=True,
    first_confirmed=2,
    sketch="0" * SKETCH_DIGITS,
)


def third(group: Followed = FOLLOWED) -> ScanSequence:
    """The third scan of a log, with five groups in all."""
    return ScanSequence(3, "2026-09-07T00:00:00Z", "2026-09-28T23:59:41Z", 5, (group,))


def over_scans(sequence: ScanSequence) -> str:
    """The last sentence on a finding, which is on its scans if there is one."""
    alarms = FalseAlarms(0.1, (RARE,), sequence)
    return beside_innocents(alarms, CAMPAIGN)[2].replace("\N{NARROW NO-BREAK SPACE}", " ")


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


def test_the_running_value_is_told_with_its_scans_and_with_when_it_was_first_told_apart() -> None:
    said = over_scans(third())
    assert "scan 3 of this log: seen in 3 of them, as UDC-2026-004 in the last" in said
    assert "add up to 200" in said
    assert "Over the 5 groups of all scans e-BH tells it apart, first in scan 2." in said


def test_what_is_not_or_no_longer_told_apart_says_so() -> None:
    assert "e-BH no longer tells it apart, as it did in scan 2." in over_scans(
        third(replace(FOLLOWED, is_confirmed_over_scans=False))
    )
    new = replace(
        FOLLOWED, first_seen=3, seen=1, earlier_id=None, is_confirmed_over_scans=False, first_confirmed=None
    )
    assert "seen for the first time" in over_scans(third(new))
    assert "e-BH does not tell it apart." in over_scans(third(new))


def test_an_id_of_a_forged_earlier_result_is_shown_without_hidden_characters() -> None:
    assert "\x1b" not in over_scans(third(replace(FOLLOWED, earlier_id="UDC\x1b[2J")))


def test_a_first_scan_and_a_group_of_an_earlier_one_have_no_such_sentence() -> None:
    first = replace(FOLLOWED, first_confirmed=1, last_seen=1, seen=1)
    for sequence in (ScanSequence(1, None, None, 1, (first,)), third(first)):
        assert len(beside_innocents(FalseAlarms(0.1, (RARE,), sequence), CAMPAIGN)) == 3


def test_a_line_names_what_is_told_apart_over_the_scans() -> None:
    assert scans_line(FalseAlarms(0.1, (RARE,), third())) == (
        "Scan 3 of this log; told apart from innocent clusters over all scans: UDC-2026-001 (first in scan 2)."
    )
    none = replace(FOLLOWED, is_confirmed_over_scans=False)
    assert scans_line(FalseAlarms(0.1, (RARE,), third(none))).endswith("no finding so far.")
    assert scans_line(FalseAlarms(0.1, (RARE,))) == scans_line(None) == ""


def test_a_line_names_five_and_counts_the_rest() -> None:
    many = replace(third(), begun=9, groups=(FOLLOWED,) * 7)
    assert scans_line(FalseAlarms(0.1, (RARE,), many)).endswith(") and 2 more findings.")


def test_the_report_tells_which_scan_of_a_log_it_is(three: Findings) -> None:
    page = render(replace(three, false_alarms=FalseAlarms(0.1, (RARE, UNTRIED), third())))
    assert page.count("Scan 3 of this log; told apart") == 1
    assert page.count("This is scan 3 of this log") == 1


def test_a_sequence_comes_back_as_it_was_written(three: Findings, tmp_path: Path) -> None:
    write(replace(three, false_alarms=FalseAlarms(0.1, (RARE,), third())), tmp_path)
    assert read_sequence(tmp_path) == third()


@pytest.mark.parametrize("alarms", [None, FalseAlarms(0.1, (RARE,))])
def test_a_folder_of_an_older_version_tells_no_sequence(
    alarms: FalseAlarms | None, three: Findings, tmp_path: Path
) -> None:
    write(replace(three, false_alarms=alarms), tmp_path)
    with pytest.raises(InputError, match="an older version wrote it"):
        read_sequence(tmp_path)


def test_a_sequence_that_no_scan_writes_is_refused_with_the_file(three: Findings, tmp_path: Path) -> None:
    write(replace(three, false_alarms=FalseAlarms(0.1, (RARE,), third())), tmp_path)
    text = (tmp_path / "findings.json").read_text()
    for forged in ('"value": -1', '"value": NaN', '"value": "high"', '"value": 1e999'):
        (tmp_path / "findings.json").write_text(text.replace('"value": 200.5', forged))
        with pytest.raises(InputError, match=r"findings\.json holds `false_alarms` of another making"):
            read_sequence(tmp_path)
