"""`stillwatch scan`: what it hands to the scan, what it prints, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stillwatch.cli.main import stillwatch
from stillwatch.errors import EngineError, InputError, PartialInputError
from stillwatch.model.finding import Explained, Findings, Programme
from stillwatch.model.kept import KeptFiles
from stillwatch.report.files import write
from tests.cli.handmade import campaign, findings

Run = Callable[..., Result]


class FakeScan:
    """Stands in for the scan: keeps what it was given, writes and returns what it is told to."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}
        self.result: Findings | BaseException = findings()

    def __call__(self, path: Path, **given: Any) -> Findings:
        self.given = {"path": path, **given}
        given["progress"]("read", 100, None)
        if isinstance(self.result, BaseException):
            raise self.result
        write(self.result, given["out"])
        return self.result


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeScan:
    made = FakeScan()
    monkeypatch.setattr("stillwatch.cli.scan.scan_log", made)
    return made


@pytest.fixture
def run(fake: FakeScan, runner: CliRunner, tmp_path: Path) -> Run:
    assert fake
    (tmp_path / "logs").mkdir()
    return lambda *more: runner.invoke(
        stillwatch, ["scan", str(tmp_path / "logs"), "--out", str(tmp_path / "out"), *more]
    )


def test_a_scan_that_finds_something_ends_with_0(fake: FakeScan, run: Run) -> None:
    fake.result = findings(campaign())
    assert run().exit_code == 0


@pytest.mark.parametrize(
    ("word", "verdict"), [("campaign", "distillation"), ("relay", "relay"), ("coordinated",) * 2]
)
def test_fail_on_ends_with_1_if_such_a_finding_was_made(
    word: str, verdict: Any, fake: FakeScan, run: Run
) -> None:
    fake.result = findings(campaign(verdict))
    assert run("--fail-on", word).exit_code == 1


def test_fail_on_campaign_does_not_count_a_relay(fake: FakeScan, run: Run) -> None:
    fake.result = findings(campaign("relay"))
    assert run("--fail-on", "campaign").exit_code == 0


@pytest.mark.parametrize(
    ("error", "status"),
    [(InputError("no log"), 2), (PartialInputError("half"), 3), (EngineError("bad", "SELECT 1"), 3)],
)
def test_an_error_of_ours_is_a_message_and_a_status(
    error: Exception, status: int, fake: FakeScan, run: Run
) -> None:
    fake.result = error
    result = run()
    assert result.exit_code == status
    assert str(error).splitlines()[0] in result.stderr
    assert "Traceback" not in result.output


def test_an_unforeseen_error_shows_its_traceback_and_never_ends_with_1(fake: FakeScan, run: Run) -> None:
    fake.result = ZeroDivisionError("oh")
    result = run()
    assert result.exit_code == 3
    assert "Traceback" in result.stderr


def test_an_interrupted_scan_never_ends_with_1(fake: FakeScan, run: Run) -> None:
    fake.result = KeyboardInterrupt()
    assert run().exit_code == 130


@pytest.mark.parametrize(
    "arguments",
    [("--set", "judge.no_such=1"), ("--set", "judge"), ("--fail-on", "all"), ("--false-alarm-budget", "x")],
)
def test_unusable_arguments_end_with_2(arguments: tuple[str, ...], run: Run) -> None:
    assert run(*arguments).exit_code == 2


def test_the_budget_flag_is_the_setting_of_that_name(fake: FakeScan, run: Run) -> None:
    run("--false-alarm-budget", "0.01")
    assert fake.given["settings"].judge.false_alarm_budget == pytest.approx(0.01)


def test_set_reaches_any_setting(fake: FakeScan, run: Run) -> None:
    run("--set", "engine.threads=1", "--set", "link.rounds=3")
    assert (fake.given["settings"].engine.threads, fake.given["settings"].link.rounds) == (1, 3)


def test_since_names_the_earlier_result_by_the_same_word(fake: FakeScan, run: Run, tmp_path: Path) -> None:
    run("--since", str(tmp_path / "earlier"))
    assert fake.given["since"] == tmp_path / "earlier"
    run()
    assert fake.given["since"] is None


def test_what_is_kept_and_which_days_are_asked_for_by_the_same_words(
    fake: FakeScan, run: Run, tmp_path: Path
) -> None:
    run("--keep", str(tmp_path / "kept"), "--days", "28", "--until", "2026-11-28")
    assert [fake.given[word] for word in ("keep", "days", "until")] == [tmp_path / "kept", 28, "2026-11-28"]


def test_the_summary_says_which_files_were_taken_as_kept(fake: FakeScan, run: Run) -> None:
    fake.result = replace(findings(), kept=KeptFiles(27, 1, ("day.jsonl: read again, it was damaged",)))
    output = run().stdout
    assert "Kept: 27 files of 28 were taken as kept, 1 file was read." in output
    assert "day.jsonl: read again" in output


def test_the_summary_names_campaign_rejected_rows_skipped_signals_and_report(
    fake: FakeScan, run: Run
) -> None:
    fake.result = findings(campaign())
    output = run().stdout
    told = ("UDC-2026-001", "distillation", "coding (60%)", "1 of 101 rows", "tls_client", "report.html")
    assert not [words for words in told if words not in output]


def test_the_summary_counts_the_groups_that_agreements_explain(fake: FakeScan, run: Run) -> None:
    group = Explained(
        accounts=12,
        exchanges=300,
        programmes=(Programme("education", 12),),
        training_set_probability=0.97,
        behaves_as_harvest=True,
        harvest_is_agreed=False,
        members=(),
    )
    fake.result = replace(findings(), explained=(group,))
    assert "1 linked group is explained by agreements on file; it behaves as a harvest." in run().stdout


def test_simulated_traffic_is_called_simulated(run: Run) -> None:
    assert "Simulated traffic" in run().stdout


def test_no_control_character_of_the_input_reaches_the_terminal(run: Run) -> None:
    result = run()
    assert "\x1b" not in result.output
    assert r"exchanges.mood\x1b[2J" in result.stdout


def test_quiet_prints_nothing(run: Run) -> None:
    assert run("--quiet").output == ""


def test_json_prints_the_findings_and_nothing_else(fake: FakeScan, run: Run) -> None:
    fake.result = findings(campaign())
    result = run("--json")
    assert json.loads(result.stdout)["campaigns"][0]["campaign_id"] == "UDC-2026-001"
    assert result.stderr == ""


def test_progress_is_one_line_a_stage_where_there_is_no_terminal(run: Run) -> None:
    assert run().stderr == "read ...\n"
