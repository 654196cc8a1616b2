"""Cloudflare AI Gateway: the API and Logpush, what is encrypted, streams, answers from the cache, rows without an id."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"
API, LOGPUSH = LOGS / "cloudflare.api.json", LOGS / "cloudflare.logpush.jsonl"


def read(path: Path) -> tuple[list[dict], dict[str, int], Reject]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return rows, log.excluded, reject


def changed(tmp_path: Path, **told: object) -> tuple[list[dict], dict[str, int], Reject]:
    log = tmp_path / "log.jsonl"
    row = json.loads(LOGPUSH.read_text("utf-8").splitlines()[0])
    log.write_text(json.dumps({**row, **told}), "utf-8")
    return read(log)


def test_a_record_of_the_api_is_told_in_full_with_its_stream_put_together():
    row = read(API)[0][0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "01HX0001",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 117000, UTC),
        "account_id": "acct-1",
        "model": "gpt-4o-mini",
        "session_id": "s-9",
        "channel": "aggregator",
        "prompt": "What goes on the table?",
        "turns": 1,
        "images": 0,
        "response_format": "json_object",
        "input_tokens": 14,
        "output_tokens": 6,
        "response": "Salt and pepper.",
        "stop_reason": "stop",
        "status": 200,
        "source": "cloudflare/1",
        "raw_ref": "cloudflare.api.json:1",
        "end_user_id": "visitor-2",
    }


def test_the_user_is_the_account_only_where_no_customer_is_named():
    rows = read(API)[0] + read(LOGPUSH)[0]
    assert [row["account_id"] for row in rows] == ["acct-1", "org-2", "77", "acct-5", "cust-6", "acct-5"]
    assert rows[2]["end_user_id"] is None


def test_an_answer_from_the_cache_is_an_exchange_and_embeddings_are_none():
    rows, excluded, _ = read(API)
    assert [row["exchange_id"] for row in rows] == ["01HX0001", "01HX0002", "01HX0003"]
    assert excluded == {"no generation": 1}


def test_encrypted_bodies_are_redacted_and_decrypted_ones_are_read():
    rows = read(LOGPUSH)[0]
    assert [row["content_state"] for row in rows] == ["redacted", None, "absent"]
    assert (rows[1]["prompt"], rows[1]["response"]) == ("Plain text now", "As it was.")


def test_the_head_of_a_body_that_is_not_whole_is_truncated():
    row = read(API)[0][2]
    assert (row["content_state"], row["prompt"]) == ("truncated", None)


def test_encrypted_metadata_name_nobody(tmp_path):
    rows, _, reject = changed(tmp_path, Metadata={"key": "a2V5", "iv": "aXY=", "data": "c2VjcmV0"})
    assert (rows, reject.reasons) == ([], {"metadata is encrypted": 1})
    assert changed(tmp_path, Metadata={})[2].reasons == {"no account_id": 1}


def test_numbers_are_seconds_or_nanoseconds_by_their_size():
    assert [row["ts"] for row in read(LOGPUSH)[0]] == [
        datetime(2026, 3, 2, 9, 21, 40, 123456, UTC),
        datetime(2026, 3, 2, 9, 21, 41, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 21, 42, tzinfo=UTC),
    ]


def test_a_row_without_an_id_gets_the_same_one_each_time_and_no_other_row_gets_it(tmp_path):
    ids = [row["exchange_id"] for row in read(LOGPUSH)[0]]
    assert ids == [row["exchange_id"] for row in read(LOGPUSH)[0]]
    assert len({*ids, changed(tmp_path, Timestamp=1772443300123456790)[0][0]["exchange_id"]}) == 4
    assert len({*ids, changed(tmp_path, ResponseBody={"iv": "", "data": "other"})[0][0]["exchange_id"]}) == 4


def test_a_call_that_was_limited_without_a_status_has_429():
    assert [row["status"] for row in read(LOGPUSH)[0]] == [200, 200, 429]


def test_the_model_is_the_one_that_was_asked_for():
    assert [row["model"] for row in read(LOGPUSH)[0]] == ["house/auto", "house/auto", "gpt-4o-mini"]
