"""How a scan ends: its exit status, and what it leaves behind when it is stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stillwatch.cli.main import stillwatch
from tests.scan.conftest import Scanned
from tests.scan.logs import copied, in_parts

SCAN = (sys.executable, "-c", "from stillwatch.cli import main; main()", "scan")
STAGES = ("reading", "measuring", "linking", "judging", "writing")


def scan(*arguments: object) -> Result:
    return CliRunner().invoke(stillwatch, ["scan", *map(str, arguments)])


def test_a_folder_without_exchanges_ends_with_2_and_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "notes.txt").write_text("nothing", "utf-8")
    result = scan(tmp_path / "log", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "holds no exchanges" in result.output
    assert not (tmp_path / "out").exists()


def test_a_log_without_a_required_column_ends_with_2(clean: Scanned, tmp_path: Path) -> None:
    log = copied(clean.log, tmp_path / "log", lambda table: table.drop_columns(["account_id"]))
    result = scan(log, "--out", tmp_path / "out")
    assert (result.exit_code, "account_id" in result.output) == (2, True)


def test_an_input_of_which_a_part_cannot_be_read_ends_with_3_after_writing(
    clean: Scanned, tmp_path: Path
) -> None:
    log = in_parts(clean.log, tmp_path / "log")
    (log / "exchanges" / "part-7.parquet").write_bytes(b"PAR1 no more than this PAR1")
    result = scan(log, "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "part-7.parquet" in result.output
    assert len(list((tmp_path / "out").iterdir())) == 6


def test_a_log_of_which_no_row_keeps_the_contract_ends_with_3_after_writing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "exchanges.jsonl").write_bytes(b"no row at all\n" * 3)
    result = scan(log, "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "None of the 3 rows" in result.output
    assert (tmp_path / "out" / "rejected.jsonl").read_bytes().count(b"\n") == 3


def test_fail_on_campaign_ends_with_1_where_one_was_found(easy: Scanned, tmp_path: Path) -> None:
    assert scan(easy.log, "--out", tmp_path / "out", "--quiet", "--fail-on", "campaign").exit_code == 1


def test_fail_on_campaign_ends_with_0_where_none_was_found(clean: Scanned, tmp_path: Path) -> None:
    assert scan(clean.log, "--out", tmp_path / "out", "--quiet", "--fail-on", "campaign").exit_code == 0


def test_json_prints_the_findings_and_nothing_else(clean: Scanned, tmp_path: Path) -> None:
    result = scan(clean.log, "--out", tmp_path / "out", "--json")
    assert json.loads(result.stdout) == clean.document


def test_a_scan_that_fails_leaves_the_earlier_result(clean: Scanned, tmp_path: Path) -> None:
    earlier = placed(clean, tmp_path / "out")
    (tmp_path / "empty").mkdir()
    assert scan(tmp_path / "empty", "--out", tmp_path / "out").exit_code == 2
    assert held(tmp_path / "out") == earlier


@pytest.fixture
def started(clean: Scanned, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A scan into `out`, in a process of its own; its stages come on standard error."""
    with subprocess.Popen(
        (*SCAN, str(clean.log), "--out", str(tmp_path / "out")),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.kill()


def wait_for(process: subprocess.Popen[str], stage: str) -> None:
    """Until the scan says that it begins the stage."""
    assert process.stderr is not None
    for line in iter(process.stderr.readline, ""):
        if line.startswith(stage):
            return
    pytest.fail(f"the scan never came to {stage}")


def placed(scanned: Scanned, out: Path) -> dict[str, bytes]:
    shutil.copytree(scanned.out, out)
    return held(out)


def held(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_scan_leaves_the_earlier_result_whole(
    stage: str, mixed: Scanned, clean: Scanned, started: subprocess.Popen[str], tmp_path: Path
) -> None:
    earlier = placed(mixed, tmp_path / "out")
    wait_for(started, stage)
    started.kill()
    started.wait()
    left = held(tmp_path / "out")
    assert left in (earlier, held(clean.out)) if stage == "writing" else left == earlier


@pytest.mark.parametrize("stage", ["reading", "judging"])
def test_a_killed_scan_leaves_no_result_where_none_was(
    stage: str, started: subprocess.Popen[str], tmp_path: Path
) -> None:
    wait_for(started, stage)
    started.kill()
    started.wait()
    assert not (tmp_path / "out").exists()


def test_after_a_killed_scan_the_next_one_succeeds_and_sweeps_up(
    clean: Scanned, started: subprocess.Popen[str], tmp_path: Path
) -> None:
    wait_for(started, "linking")
    started.kill()
    started.wait()
    assert scan(clean.log, "--out", tmp_path / "out", "--quiet").exit_code == 0
    assert held(tmp_path / "out") == held(clean.out)
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_a_second_scan_into_one_folder_is_refused_and_the_first_ends_well(
    clean: Scanned, started: subprocess.Popen[str], tmp_path: Path
) -> None:
    wait_for(started, "reading")
    os.kill(started.pid, signal.SIGSTOP)
    second = scan(clean.log, "--out", tmp_path / "out")
    os.kill(started.pid, signal.SIGCONT)
    assert second.exit_code == 2
    assert "Another scan is writing" in second.output
    started.communicate(timeout=120)
    assert started.returncode == 0
    assert held(tmp_path / "out") == held(clean.out)


@pytest.mark.parametrize("stage", ["reading", "measuring"])
def test_an_interrupted_scan_says_so_and_leaves_the_earlier_result(
    stage: str, mixed: Scanned, started: subprocess.Popen[str], tmp_path: Path
) -> None:
    earlier = placed(mixed, tmp_path / "out")
    wait_for(started, stage)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=120)
    assert started.returncode == 130, said
    assert held(tmp_path / "out") == earlier
    assert [file.name for file in tmp_path.iterdir() if not file.name.endswith(".lock")] == ["out"]


def test_a_scan_that_is_told_to_end_lets_go_of_its_files(
    mixed: Scanned, started: subprocess.Popen[str], tmp_path: Path
) -> None:
    earlier = placed(mixed, tmp_path / "out")
    wait_for(started, "measuring")
    started.terminate()
    _, said = started.communicate(timeout=120)
    assert started.returncode == 143, said
    assert held(tmp_path / "out") == earlier
    assert [file.name for file in tmp_path.iterdir() if not file.name.endswith(".lock")] == ["out"]
