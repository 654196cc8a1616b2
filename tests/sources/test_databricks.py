"""Databricks: three shapes of payload tables, who asked, sampled logs, bodies too large to be kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"
GATEWAY, OLDER, UNITY = (LOGS / f"databricks.{shape}.jsonl" for shape in ("gateway", "older", "unity"))


def read(path: Path, log_format: str | None = None) -> tuple[list[dict], dict[str, int], Reject]:
    log, reject = open_input(path, log_format=log_format), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return rows, log.excluded, reject


def test_a_row_of_ai_gateways_table_is_told_in_full():
    row = read(GATEWAY)[0][0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "dr-1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 829000, UTC),
        "account_id": "9f00-user",
        "model": "2c5e22cf",
        "prompt": "What is a ledger?",
        "turns": 1,
        "images": 0,
        "temperature": 0.1,
        "max_tokens": 99,
        "input_tokens": 9,
        "output_tokens": 5,
        "response": "A book of accounts.",
        "stop_reason": "stop",
        "status": 200,
        "source": "databricks/1",
        "raw_ref": "databricks.gateway.jsonl:1",
        "end_user_id": "visitor-1",
    }


def test_the_older_shape_counts_milliseconds_and_names_its_endpoint():
    row = read(OLDER)[0][0]
    assert row["ts"] == datetime(2026, 3, 2, 9, 21, 40, 123000, UTC)
    assert (row["model"], row["account_id"]) == ("house-endpoint", "user-40")


def test_a_map_that_came_as_pairs_is_read_too():
    assert read(OLDER)[0][1]["account_id"] == "acct-41"


def test_the_older_shape_without_anybody_named_is_rejected(tmp_path):
    log = tmp_path / "log.jsonl"
    row = json.loads(OLDER.read_text("utf-8").splitlines()[0])
    log.write_text(json.dumps({**row, "request_metadata": {"model_name": "m"}}), "utf-8")
    rows, _, reject = read(log)
    assert (rows, reject.reasons) == ([], {"no account_id": 1})


def test_the_newest_shape_is_told_by_its_columns():
    row = read(UNITY)[0][0]
    assert (row["exchange_id"], row["model"], row["account_id"]) == ("inv-1", "house-route", "tenant-3")


def test_a_requester_that_is_an_address_is_kept_as_it_is():
    assert read(GATEWAY)[0][1]["account_id"] == "someone@example.org"


def test_a_sampled_log_says_its_share_and_a_whole_one_nothing():
    assert [row["sampling_rate"] for row in read(GATEWAY)[0]] == [None, 0.25, None]
    assert [row["sampling_rate"] for row in read(OLDER)[0]] == [0.5, 0.5]


def test_bodies_too_large_to_be_kept_are_said_to_be():
    assert [row["content_state"] for row in read(GATEWAY)[0]] == [None, "truncated", "absent"]


def test_models_that_do_not_generate_are_excluded():
    assert read(GATEWAY)[1] == {"no generation": 2}


def test_a_table_in_parquet_with_its_own_types_is_read_alike(tmp_path):
    path = tmp_path / "payload.parquet"
    line = json.loads(GATEWAY.read_text("utf-8").splitlines()[0])
    line["request_time"] = datetime(2026, 3, 2, 9, 20, 46, 829000, UTC)
    pq.write_table(pa.Table.from_pylist([line]), path)
    row, same = read(path, "databricks")[0][0], read(GATEWAY)[0][0]
    assert {**row, "raw_ref": ""} == {**same, "raw_ref": ""}
