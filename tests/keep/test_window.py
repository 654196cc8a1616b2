"""The last days of a log, with what was kept and without, are what a log of those days alone would be."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from stillwatch.errors import UsageError
from stillwatch.keep.window import OUTSIDE, asked
from stillwatch.scan import scan
from tests.keep.conftest import DAYS, Log, files, rows_of


def run_of(written: dict[str, bytes]) -> dict:
    return json.loads(written["findings.json"])["run"]


def test_files_without_any_of_the_days_are_left_out(log: Log) -> None:
    for _ in range(2):
        run = run_of(log.scanned(days=2).kept)
        assert run["counts"]["read"] == run["counts"]["scanned"] == 24
        assert run["input_window"]["start"] == f"{DAYS[1]}T00:00:00Z"
        assert (
            f"What lies in {DAYS[1]} to {DAYS[2]} (UTC) was scanned. 1 of 3 files hold nothing of it and were left out."
            in run["notes"]
        )


def test_rows_outside_the_days_are_excluded_and_counted(log: Log) -> None:
    log.write(
        "all",
        [
            row
            for day in DAYS
            for row in rows_of(f"{day}")
            for row in [{**row, "exchange_id": f"all-{row['exchange_id']}"}]
        ],
    )
    for _ in range(2):
        run = run_of(log.scanned(days=1).kept)
        assert run["excluded"] == {OUTSIDE: 24}
        assert run["counts"]["read"] == run["counts"]["scanned"] + run["counts"]["excluded"] == 48


def test_the_last_day_may_be_named(log: Log) -> None:
    log.write("future", [{**rows_of(DAYS[0])[0], "exchange_id": "late", "ts": "2031-01-01T00:00:00Z"}])
    assert run_of(log.scanned(days=3, until=DAYS[2]).kept)["counts"]["scanned"] == 36
    assert run_of(log.scanned(days=1, until=date(2026, 3, 2)).kept)["counts"]["scanned"] == 12
    assert run_of(log.scanned(days=3).kept)["counts"]["scanned"] == 1


def test_the_last_days_of_a_log_are_found_as_if_nothing_else_were_there(log: Log, tmp_path: Path) -> None:
    window = log.scanned(days=2).kept
    log.path(DAYS[0]).unlink()
    scan(log.folder, out=tmp_path / "alone")
    alone = files(tmp_path / "alone")
    for name in ("accounts.parquet", "exchanges.parquet", "evidence.parquet", "rejected.jsonl"):
        assert window[name] == alone[name]


def test_a_window_without_a_day_of_the_log_finds_nothing(log: Log) -> None:
    assert run_of(log.scanned(days=2, until="2020-01-01").kept)["counts"]["scanned"] == 0


@pytest.mark.parametrize("days", [0, -1, 10**9])
def test_a_window_holds_a_day_at_least(days: int) -> None:
    with pytest.raises(UsageError, match="Name a number"):
        asked(days, None)


def test_a_last_day_needs_a_number_of_days_and_has_to_be_one() -> None:
    with pytest.raises(UsageError, match="how many days"):
        asked(None, "2026-11-28")
    with pytest.raises(UsageError, match="is no day"):
        asked(28, "yesterday")
    assert asked(None, None) is None
