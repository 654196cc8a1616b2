"""Helicone: the table and the export, rows told twice, texts that are gone, statuses that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"
TABLE, EXPORT = LOGS / "helicone.table.jsonl", LOGS / "helicone.export.csv"


def read(path: Path) -> tuple[list[dict], dict[str, int], Reject]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return rows, log.excluded, reject


def test_a_row_of_the_table_is_told_in_full():
    row = read(TABLE)[0][0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "1f0e0000-0000-4000-8000-000000000001",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 847000, UTC),
        "account_id": "aaaa0000-0000-4000-8000-000000000001",
        "model": "gpt-4o-mini",
        "api_key_id": "key-12",
        "session_id": "s-44",
        "channel": "aggregator",
        "prompt": "Write a haiku about copper.",
        "turns": 1,
        "images": 0,
        "n": 2,
        "input_tokens": 10,
        "output_tokens": 5,
        "response": "Red metal at dusk\nCopper in the rain",
        "stop_reason": "stop",
        "status": 200,
        "source": "helicone/1",
        "raw_ref": "helicone.table.jsonl:1",
        "end_user_id": "visitor-3",
        "top_p": 0.9,
        "seed": 7,
        "cached_input_tokens": 4,
    }


def test_the_export_has_no_organisation_so_the_user_is_the_account():
    rows = read(EXPORT)[0]
    assert [row["account_id"] for row in rows] == ["user-30", "user-31"]
    assert [row["end_user_id"] for row in rows] == [None, None]


def test_the_csv_of_the_export_has_other_names_and_json_in_its_fields():
    row, other = read(EXPORT)[0]
    assert (row["exchange_id"], row["session_id"], row["max_tokens"]) == ("r-1", "s-45", 40)
    assert row["ts"] == datetime(2026, 3, 2, 10, 0, 0, 125000, UTC)
    assert (other["status"], other["input_tokens"]) == (429, None)


def test_an_organisation_of_zeros_is_none():
    row = read(TABLE)[0][3]
    assert (row["account_id"], row["end_user_id"]) == ("user-21", None)


def test_of_a_row_told_twice_the_first_is_kept_and_the_later_rejected(tmp_path):
    log = tmp_path / "log.jsonl"
    row = json.loads(TABLE.read_text("utf-8").splitlines()[0])
    later = {**row, "updated_at": "2026-03-03 00:00:00", "scores": {"good": 1}}
    log.write_text("\n".join(map(json.dumps, (row, later))), "utf-8")
    rows, _, reject = read(log)
    assert (len(rows), reject.count) == (1, 1)
    assert "duplicate" in next(iter(reject.reasons))


def test_a_status_that_is_none_of_http_and_texts_that_are_gone_are_left_out():
    rows = read(TABLE)[0]
    assert [row["status"] for row in rows] == [200, None, 200, 200]
    assert [row["content_state"] for row in rows] == [None, None, "absent", None]


def test_properties_as_pairs_are_read_too(tmp_path):
    log = tmp_path / "log.jsonl"
    row = json.loads(TABLE.read_text("utf-8").splitlines()[0])
    log.write_text(json.dumps({**row, "properties": [["Helicone-Session-Id", "s-9"]]}), "utf-8")
    assert read(log)[0][0]["session_id"] == "s-9"


def test_a_row_that_names_nobody_is_rejected_and_embeddings_are_excluded(tmp_path):
    log = tmp_path / "log.jsonl"
    row = json.loads(TABLE.read_text("utf-8").splitlines()[0])
    log.write_text(json.dumps({**row, "organization_id": None, "user_id": ""}), "utf-8")
    assert read(log)[2].reasons == {"no account_id": 1}
    assert read(TABLE)[1] == {"no generation": 1}
