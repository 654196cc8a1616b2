"""OpenRouter's generation records: alone, wrapped and in a list; whose tokens count; calls broken off."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"


def read(path: Path = LOGS / "openrouter.generations.jsonl") -> tuple[dict[str, dict], dict[str, int], int]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return {row["exchange_id"]: row for row in rows}, log.excluded, reject.count


def test_a_record_under_data_is_told_in_full_and_holds_no_text():
    row = read()[0]["gen-1"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "gen-1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 847371, UTC),
        "account_id": "workspace-1",
        "model": "maker/large",
        "session_id": "s-1",
        "channel": "aggregator",
        "user_agent": "Mozilla/5.0",
        "images": 1,
        "input_tokens": 11,
        "output_tokens": 25,
        "stop_reason": "stop",
        "status": 200,
        "source": "openrouter/1",
        "raw_ref": "openrouter.generations.jsonl:1",
        "end_user_id": "user-5",
        "cached_input_tokens": 3,
        "reasoning_tokens": 5,
        "content_state": "absent",
    }


def test_a_record_that_stands_alone_is_read_and_its_time_is_turned_to_utc():
    row = read()[0]["gen-2"]
    assert (row["account_id"], row["ts"]) == ("workspace-2", datetime(2026, 3, 2, 9, 20, 46, tzinfo=UTC))


def test_a_call_that_the_client_broke_off_is_said_to_be_cancelled():
    assert [row["stop_reason"] for row in read()[0].values()] == ["stop", "cancelled", "length"]


def test_the_status_is_that_of_the_last_provider_tried_and_unknown_where_none_is_listed():
    assert [row["status"] for row in read()[0].values()] == [200, None, None]


def test_embeddings_and_speech_are_excluded():
    rows, excluded, rejected = read()
    assert (list(rows), excluded, rejected) == (["gen-1", "gen-2", "gen-5"], {"no generation": 2}, 0)


def test_a_list_under_data_is_read_record_by_record():
    rows = read(LOGS / "openrouter.list.json")[0]
    assert [row["account_id"] for row in rows.values()] == ["workspace-1", "workspace-2"]


def test_an_older_record_that_names_no_workspace_is_rejected(tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"id": "gen-9", "model": "m", "created_at": "2026-03-02T09:00:00Z", "cancelled": false}\n'
    )
    rows, _, rejected = read(log)
    assert (rows, rejected) == ({}, 1)
