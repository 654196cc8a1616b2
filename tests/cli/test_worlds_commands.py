"""The commands that make worlds and measure against their truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from stillwatch.cli.main import stillwatch
from stillwatch.cli.simulate import make_room
from stillwatch.errors import UsageError
from stillwatch.model.finding import Findings
from stillwatch.report.files import write
from tests.cli.handmade import campaign, findings

MEASURES = {
    "account": {"precision": 1.0, "recall": 0.5, "f1": 0.67},
    "campaigns_found": 0.5,
    "campaigns_reported": 1,
    "false_campaigns": 0,
    "recall_by_campaign": {"C1": 0.5, "C2": 0.0},
    "fpr_by_lookalike": {"batch_etl": 0.0},
    "messages": ["exchanges.parquet: missing"],
}


def build(_world: str, *, out: Path, **_: Any) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "SIMULATED").touch()
    (out / "exchanges.parquet").touch()


def scan(_path: Path, *, out: Path, **_: Any) -> Findings:
    made = findings(campaign())
    write(made, out)
    return made


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, runner: CliRunner, tmp_path: Path) -> Any:
    monkeypatch.setattr("stillwatch.cli.demo.build", build)
    monkeypatch.setattr("stillwatch.cli.demo.scan_log", scan)
    monkeypatch.setattr("stillwatch.cli.demo.score_findings", lambda _truth, _folder: MEASURES)
    return lambda *more: runner.invoke(stillwatch, ["demo", "--out", str(tmp_path / "demo"), *more])


def test_demo_says_simulated_what_it_found_how_right_that_is_and_where_the_report_lies(demo: Any) -> None:
    output = demo().stdout
    told = ("Simulated", "UDC-2026-001", "1 of 2 campaigns found, 0 false", "recall 0.50", "report.html")
    assert not [words for words in told if words not in output]


def test_demo_can_be_run_twice(demo: Any) -> None:
    assert (demo().exit_code, demo().exit_code) == (0, 0)


def test_demo_prints_nothing_when_quiet(demo: Any) -> None:
    assert demo("--quiet").output == ""


def test_simulate_replaces_a_world_of_its_own(tmp_path: Path) -> None:
    build("easy", out=tmp_path / "w")
    make_room(tmp_path / "w")
    assert not list((tmp_path / "w").iterdir())


@pytest.mark.parametrize("also", ["thesis.txt", "exchanges.parquet"])
def test_simulate_refuses_a_folder_that_it_did_not_make(also: str, tmp_path: Path) -> None:
    (tmp_path / also).touch()
    with pytest.raises(UsageError, match="Name a new folder"):
        make_room(tmp_path)


def test_simulate_refuses_its_own_world_with_something_added(tmp_path: Path) -> None:
    build("easy", out=tmp_path)
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(UsageError, match=r"thesis\.txt"):
        make_room(tmp_path)


def test_score_prints_measures_and_what_was_missing(
    monkeypatch: pytest.MonkeyPatch, runner: CliRunner, tmp_path: Path
) -> None:
    monkeypatch.setattr("stillwatch.cli.score.score_findings", lambda _truth, _folder: MEASURES)
    result = runner.invoke(stillwatch, ["score", str(tmp_path), str(tmp_path)])
    assert "campaigns found" in result.stdout
    assert "exchanges.parquet: missing" in result.stderr


def test_score_prints_json(monkeypatch: pytest.MonkeyPatch, runner: CliRunner, tmp_path: Path) -> None:
    monkeypatch.setattr("stillwatch.cli.score.score_findings", lambda _truth, _folder: MEASURES)
    result = runner.invoke(stillwatch, ["score", str(tmp_path), str(tmp_path), "--json"])
    assert json.loads(result.stdout)["campaigns_found"] == 0.5
