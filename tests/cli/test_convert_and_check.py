"""What `check` and `convert` say and write: of logs in files, folders, patterns, standard input and object stores."""

from __future__ import annotations

import bz2
import gzip
import io
import json
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

from stillwatch.cli.main import stillwatch

LOG = Path(__file__).parents[1] / "sources" / "logs_of" / "litellm.callbacks.jsonl"
IDS = ["call-a1", "b2", "e5", "f6"]


def ids(out: Path) -> list[str]:
    return pq.read_table(out / "exchanges.parquet")["exchange_id"].to_pylist()


def test_a_log_becomes_the_contracts_table_and_every_record_is_accounted_for(runner, tmp_path):
    result = runner.invoke(stillwatch, ["convert", str(LOG), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0
    told = json.loads((tmp_path / "out" / "conversion.json").read_text())
    assert (told["read"], told["written"], sum(told["excluded"].values())) == (6, 4, 2)
    assert ids(tmp_path / "out") == IDS
    assert "excluded (no generation)" in result.output


def test_standard_input_is_read(runner, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOG.read_bytes())))
    result = runner.invoke(
        stillwatch, ["convert", "-", "--out", str(tmp_path / "out")], input=LOG.read_bytes()
    )
    assert result.exit_code == 0, result.output
    assert ids(tmp_path / "out") == IDS


@pytest.mark.parametrize(("packed", "pack"), [("", bytes), (".gz", gzip.compress), (".bz2", bz2.compress)])
def test_a_folder_of_rotated_logs_is_read_in_order_and_what_is_no_log_is_named(
    runner, tmp_path, packed, pack
):
    folder = tmp_path / "logs"
    (folder / "2026").mkdir(parents=True)
    lines = LOG.read_bytes().splitlines(keepends=True)
    (folder / "2026" / f"a.log{packed}").write_bytes(pack(b"".join(lines[:3])))
    (folder / "2026" / f"b.log{packed}").write_bytes(pack(b"".join(lines[3:])))
    (folder / "notes.txt").write_text("no log\n")
    result = runner.invoke(stillwatch, ["convert", str(folder), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert ids(tmp_path / "out") == IDS
    notes = json.loads((tmp_path / "out" / "conversion.json").read_text())["notes"]
    assert notes == ["notes.txt: not read, its content is in no format that is known"]


def test_a_pattern_names_files_and_one_that_names_none_is_refused(runner, tmp_path):
    (tmp_path / "one.jsonl").write_bytes(LOG.read_bytes())
    pattern = str(tmp_path / "*.jsonl")
    assert runner.invoke(stillwatch, ["check", pattern]).exit_code == 0
    refused = runner.invoke(stillwatch, ["check", pattern, str(tmp_path / "*.nothing")])
    assert refused.exit_code == 2
    assert "*.nothing holds no log" in refused.stderr


def test_an_object_store_is_read_file_by_file_and_nothing_of_it_stays(runner, tmp_path):
    store = fsspec.filesystem("memory")
    lines = LOG.read_bytes().splitlines(keepends=True)
    store.pipe("/bucket/day-1.jsonl", b"".join(lines[:2]))
    store.pipe("/bucket/day-2.jsonl.gz", gzip.compress(b"".join(lines[2:])))
    result = runner.invoke(stillwatch, ["convert", "memory://bucket", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert ids(tmp_path / "out") == IDS
    assert {entry.name for entry in (tmp_path / "out").iterdir()} == {
        "exchanges.parquet", "rejected.jsonl", "conversion.json",
    }  # fmt: skip


def test_a_log_is_written_in_another_programs_format_and_read_again(runner, tmp_path):
    there = tmp_path / "there"
    assert (
        runner.invoke(stillwatch, ["convert", str(LOG), "--to", "litellm", "--out", str(there)]).exit_code
        == 0
    )
    again = runner.invoke(
        stillwatch, ["convert", str(there / "exchanges.jsonl"), "--out", str(tmp_path / "out")]
    )
    assert again.exit_code == 0, again.output
    assert ids(tmp_path / "out") == IDS


def test_an_input_without_one_exchange_leaves_no_result(runner, tmp_path):
    log = tmp_path / "empty.jsonl"
    log.write_bytes(LOG.read_bytes().splitlines(keepends=True)[2])
    result = runner.invoke(stillwatch, ["convert", str(log), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "1 excluded (a call of the gateway itself)" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_log_that_breaks_off_is_written_as_far_as_it_goes_and_said_to_be_part(runner, tmp_path):
    log = tmp_path / "log.jsonl.gz"
    log.write_bytes(gzip.compress(LOG.read_bytes())[:-30])
    result = runner.invoke(
        stillwatch, ["convert", str(log), "--from", "litellm", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 3
    assert "breaks off" in result.stderr
    assert (tmp_path / "out" / "conversion.json").exists()


def test_an_unknown_format_is_refused_with_those_there_are(runner, tmp_path):
    result = runner.invoke(
        stillwatch, ["convert", str(LOG), "--from", "nothing", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 2
    assert "litellm" in result.stderr


def test_check_tells_what_is_there_and_which_column_would_help_most(runner):
    result = runner.invoke(stillwatch, ["check", str(LOG)])
    assert result.exit_code == 0
    assert "4 exchanges of 6 records read; 0 rejected, 2 excluded." in result.output
    lacking = result.output.partition("lack a column")[2]
    assert lacking.splitlines()[2].startswith("exchanges.ja4")


def test_check_of_a_folder_in_the_contracts_layout_reads_all_its_tables(runner, tmp_path):
    made = runner.invoke(
        stillwatch, ["simulate", str(tmp_path / "w"), "--world", "clean", "--exchanges", "3000"]
    )
    assert made.exit_code == 0
    result = runner.invoke(stillwatch, ["check", str(tmp_path / "w")])
    assert result.exit_code == 0, result.output
    assert "accounts.created_at" in result.output
    assert "networks.asn" in result.output
