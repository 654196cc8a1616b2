"""`stillwatch rehearse`: what it takes, prints and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stillwatch.cli.main import stillwatch
from stillwatch.simulate.worlds import build

Run = Callable[..., Result]
QUICK = ("--archetype", "pathways", "--accounts", "9", "--rates", "6", "--repeats", "1")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("rehearse") / "log"
    build("clean", seed=5, exchanges=6_000, out=place)
    return place


@pytest.fixture
def run(log: Path, runner: CliRunner, tmp_path: Path) -> Run:
    return lambda *more: runner.invoke(
        stillwatch, ["rehearse", str(log), "--out", str(tmp_path / "out"), *map(str, more)]
    )


def test_the_screen_says_simulated_what_was_found_where_it_is_enough_and_where_the_report_lies(
    run: Run,
) -> None:
    result = run(*QUICK)
    told = (
        "Simulated campaigns planted in your log",
        "0 of 1 planted campaign found",
        "Smallest at",
        "not reached",
    )
    assert result.exit_code == 0
    assert not [
        words for words in (*told, "rehearsal.html", "The log is simulated too") if words not in result.stdout
    ]


def test_json_prints_the_document_and_nothing_else(run: Run) -> None:
    result = run(*QUICK, "--json")
    assert len(json.loads(result.stdout)["trials"]) == 1
    assert result.stderr == ""


def test_quiet_prints_nothing(run: Run) -> None:
    assert run(*QUICK, "--quiet").output == ""


def test_progress_is_one_line_a_stage_where_there_is_no_terminal(run: Run) -> None:
    assert [line.split()[0] for line in run(*QUICK).stderr.splitlines()] == [
        "scanning",
        "learning",
        "planting",
    ]


def test_the_budget_is_the_operators_own(run: Run) -> None:
    document = json.loads(run(*QUICK, "--false-alarm-budget", "0.01", "--json").stdout)
    assert document["run"]["false_alarm_budget"] == pytest.approx(0.01)


def test_tables_that_lie_elsewhere_are_named_and_used(
    run: Run, log: Path, runner: CliRunner, tmp_path: Path
) -> None:
    beside = json.loads(run(*QUICK, "--json").stdout)
    file, tables = log / "exchanges.parquet", []
    for option, name in (("accounts-table", "accounts"), ("networks", "networks"), ("models", "models")):
        tables += [f"--{option}", str(log / f"{name}.parquet")]
    result = runner.invoke(
        stillwatch, ["rehearse", str(file), "--out", str(tmp_path / "two"), *QUICK, "--json", *tables]
    )
    assert json.loads(result.stdout)["trials"] == beside["trials"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--accounts", "0"), "--accounts cannot be 0"),
        (("--accounts", "accounts.parquet"), "--accounts-table"),
        (("--rates", "1e9"), "up to 1,000,000"),
        (("--rates", "x"), "numbers"),
        (("--archetype", "hydr"), "Did you mean hydra"),
        (("--stealth", ""), "names nothing"),
        (("--false-alarm-budget", "x"), "judge.false_alarm_budget"),
        (("--set", "judge"), "has no '='"),
    ],
)
def test_unusable_arguments_end_with_2_and_say_what_to_do(
    arguments: tuple[str, ...], told: str, run: Run, tmp_path: Path
) -> None:
    result = run(*arguments)
    assert (result.exit_code, told in result.stderr, (tmp_path / "out").exists()) == (2, True, False)


def test_the_help_lists_every_archetype_with_how_it_works(runner: CliRunner) -> None:
    text = " ".join(runner.invoke(stillwatch, ["rehearse", "--help"]).output.split())
    assert "low-and-slow: Asks for reasoning" in text
    assert "careful: both" in text
