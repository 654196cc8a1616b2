"""What is read of a file is kept if it rests on that file's bytes alone."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from stillwatch.keep.noted import Digests
from stillwatch.scan import scan
from tests.keep.conftest import DAYS, Log, both, rows_of

BODY = {"messages": [{"role": "user", "content": [{"text": "What is a tide?"}]}]}


def record(number: int, **told: object) -> str:
    held = {
        "schemaType": "ModelInvocationLog",
        "timestamp": f"2026-03-02T09:20:{number:02}Z",
        "accountId": "000000000017",
        "requestId": f"a{number}",
        "operation": "Converse",
        "modelId": "anthropic.claude",
        "input": {"inputBodyJson": BODY},
        "output": {
            "outputBodyJson": {
                "output": {"message": {"role": "assistant", "content": [{"text": "The sea."}]}}
            }
        },
    }
    return json.dumps(held | told)


def test_records_that_name_bodies_in_other_files_are_read_each_time(tmp_path: Path) -> None:
    log, data = tmp_path / "log", tmp_path / "log" / "data"
    data.mkdir(parents=True)
    (log / "plain.json").write_text(record(1) + "\n")
    far = {"input": {"inputBodyS3Path": "s3://bucket/data/a2_input.json.gz"}}
    (log / "naming.json").write_text(record(2, **far) + "\n")
    (data / "a2_input.json.gz").write_bytes(gzip.compress(json.dumps(BODY).encode()))
    both(log, tmp_path, tmp_path / "keep")
    (data / "a2_input.json.gz").unlink()
    again = both(log, tmp_path, tmp_path / "keep")
    assert again.counts == (1, 1)
    assert again.told.remarks == ("naming.json: not kept, its records name bodies in other files",)


def test_a_log_of_another_program_is_read_again_under_another_name_only_if_rejected_rows_tell_it(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "one.json").write_text(f"{record(1)}\n{record(2)}\n")
    (log / "two.json").write_text(f"{record(3)}\n{record(3, operation='InvokeModel')}\na line of two.json\n")
    both(log, tmp_path, tmp_path / "keep")
    (log / "one.json").rename(log / "1.json")
    (log / "two.json").rename(log / "2.json")
    renamed = both(log, tmp_path, tmp_path / "keep")
    assert renamed.counts == (1, 1)
    assert both(log, tmp_path, tmp_path / "keep").counts == (2, 0)


def test_the_same_bytes_read_as_another_format_are_another_partial(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "one.json").write_text(f"{record(1)}\n{record(2)}\n")
    both(log, tmp_path, tmp_path / "keep")
    assert both(log, tmp_path, tmp_path / "keep", log_format="bedrock").counts == (1, 0)
    assert both(log, tmp_path, tmp_path / "keep", log_format="kong").counts == (0, 1)


def test_a_file_that_cannot_be_digested_is_read_as_far_as_it_goes(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Digests, path: Path) -> str:
        raise PermissionError(path)

    monkeypatch.setattr(Digests, "of", refused)
    found = scan(log.folder, keep=log.keep)
    assert found.run.rows_scanned == 36
    assert found.kept
    assert found.kept.read == 3
    assert not log.partials()


def test_a_file_that_changes_while_it_is_read_is_not_kept(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = Digests.of

    def growing(digests: Digests, path: Path) -> str:
        told = digest(digests, path)
        if path == log.path(DAYS[1]):
            with path.open("a") as file:
                file.write(json.dumps(rows_of("2026-03-09")[len(told) % 2]) + "\n")
        return told

    monkeypatch.setattr(Digests, "of", growing)
    kept = scan(log.folder, keep=log.keep).kept
    assert kept
    assert kept.remarks == (f"exchanges/{DAYS[1]}.jsonl: not kept, it changed while it was read",)
    assert len(log.partials()) == 2
