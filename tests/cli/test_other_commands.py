"""The commands that explain, list and measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from stillwatch.cli.main import SECTIONS, stillwatch
from stillwatch.report.files import write
from tests.attribute.made import Made, attributed, profile
from tests.cli.handmade import campaign, findings

COMMANDS = sorted(name for names in SECTIONS.values() for name in names)


def test_the_help_lists_every_command_under_its_purpose(runner: CliRunner) -> None:
    output = runner.invoke(stillwatch, ["--help"]).stdout
    assert not [word for word in (*SECTIONS, *COMMANDS) if word not in output]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(command: str, runner: CliRunner) -> None:
    result = runner.invoke(stillwatch, [command, "--help"])
    assert (result.exit_code, "Usage: " in result.stdout) == (0, True)


def test_the_version_is_shown(runner: CliRunner) -> None:
    assert runner.invoke(stillwatch, ["--version"]).stdout.startswith("stillwatch ")


def test_an_unknown_command_ends_with_2(runner: CliRunner) -> None:
    assert runner.invoke(stillwatch, ["sacn"]).exit_code == 2


def test_explain_shows_a_campaign_family_by_family_for_and_against(runner: CliRunner, folder: Path) -> None:
    output = runner.invoke(stillwatch, ["explain", str(folder), "UDC-2026-001"]).stdout
    assert output.index("template") < output.index("net")
    assert ("+10.0" in output, "−1.7" in output, "against" in output) == (True, True, True)


def test_explain_names_the_techniques_of_a_campaign_and_of_no_account(
    runner: CliRunner, folder: Path
) -> None:
    shown = [
        runner.invoke(stillwatch, ["explain", str(folder), of]).stdout for of in ("UDC-2026-001", "acct-one")
    ]
    assert ["Template with varying slot" in output for output in shown] == [True, False]


def test_explain_says_how_bits_on_the_purpose_become_a_likelihood(runner: CliRunner, folder: Path) -> None:
    output = runner.invoke(stillwatch, ["explain", str(folder), "UDC-2026-001"]).stdout
    assert "Before anything is seen it stands at" in output
    assert "calibrated on simulated worlds, and for how many groups might be called, this is" in output


def test_explain_shows_an_account_with_its_own_evidence_only(runner: CliRunner, folder: Path) -> None:
    output = runner.invoke(stillwatch, ["explain", str(folder), "acct-one"]).stdout
    assert ("its card is of the batch" in output, "they share" in output) == (True, False)


def test_explain_tells_who_could_be_behind_it_and_which_gates_are_not_met(
    runner: CliRunner, tmp_path: Path
) -> None:
    found = findings(campaign())
    told = attributed(Made(), profile("actor-a\x1b[31m"))
    write(replace(found, attributed=(told,)), tmp_path / "findings")
    output = runner.invoke(stillwatch, ["explain", str(tmp_path / "findings"), "UDC-2026-001"]).stdout
    assert "Who is behind it?" in output
    assert (
        "Not met for L3b: two people reviewed it and agree, and nobody disagrees (0 agree, 0 do not)."
        in output
    )
    assert "It is very unlikely" in output
    assert "Hypotheses by what is inconsistent with them, least first: H1" in output
    assert "\x1b" not in output


def test_explain_says_so_where_there_is_no_evidence(runner: CliRunner, folder: Path) -> None:
    assert "No evidence" in runner.invoke(stillwatch, ["explain", str(folder), "acct-two"]).stdout


def test_explain_names_near_matches_of_an_unknown_id(runner: CliRunner, folder: Path) -> None:
    result = runner.invoke(stillwatch, ["explain", str(folder), "acct-on"])
    assert (result.exit_code, "acct-one" in result.stderr) == (2, True)


def test_explain_shows_foreign_text_as_it_is_and_obeys_none_of_it(runner: CliRunner, folder: Path) -> None:
    output = runner.invoke(stillwatch, ["explain", str(folder), "UDC-2026-001"]).stdout
    assert "[red]text[/red]" in output
    assert "\x1b" not in output


def test_explain_refuses_a_folder_without_findings(runner: CliRunner, tmp_path: Path) -> None:
    assert runner.invoke(stillwatch, ["explain", str(tmp_path), "x"]).exit_code == 2


def test_signals_lists_them(runner: CliRunner) -> None:
    assert "shared_template" in runner.invoke(stillwatch, ["signals"]).stdout


def test_signals_prints_the_manual_page_of_one(runner: CliRunner) -> None:
    assert "Who else shows it" in runner.invoke(stillwatch, ["signals", "shared_template"]).stdout


def test_signals_names_near_matches_of_an_unknown_one(runner: CliRunner) -> None:
    result = runner.invoke(stillwatch, ["signals", "share_template"])
    assert (result.exit_code, "shared_template" in result.stderr) == (2, True)


def test_formats_lists_them(runner: CliRunner) -> None:
    assert "parquet" in runner.invoke(stillwatch, ["formats"]).stdout


def test_simulate_refuses_a_folder_with_something_else_in_it(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", "utf-8")
    result = runner.invoke(stillwatch, ["simulate", str(tmp_path), "--world", "easy", "--exchanges", "100"])
    assert (result.exit_code, (tmp_path / "thesis.txt").exists()) == (2, True)
