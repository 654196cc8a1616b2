"""SGLang: events joined by their id, requests that never finished, texts cut in the middle, accounts from headers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOG = Path(__file__).parent / "logs_of" / "sglang.requests.jsonl"


def read(path: Path = LOG) -> tuple[list[dict], dict[str, int], Reject]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return rows, log.excluded, reject


def by_id() -> dict[str, dict]:
    return {row["exchange_id"]: row for row in read()[0]}


def written(tmp_path: Path, *events: dict) -> Path:
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(map(json.dumps, events)), "utf-8")
    return log


def received(rid: str, **told: object) -> dict:
    obj = {"text": f"text of {rid}", "user_id": "user-1"}
    return {"timestamp": "2026-03-02T09:00:00", "event": "request.received", "rid": rid, "obj": obj, **told}


def finished(rid: str, **told: object) -> dict:
    out = {"text": "Yes", "meta_info": {"e2e_latency": 2.0, "finish_reason": {"type": "stop"}}}
    event = {"timestamp": "2026-03-02T09:00:10", "event": "request.finished", "out": out}
    return {**received(rid), **event, **told}


def test_a_finished_request_is_told_in_full_at_the_time_it_was_received():
    assert {name: value for name, value in by_id()["r1"].items() if value is not None} == {
        "exchange_id": "r1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 100000, UTC),
        "account_id": "acct-1",
        "model": "served model",
        "prompt": "<|user|>Count to three<|assistant|>",
        "images": 2,
        "temperature": 0.5,
        "max_tokens": 64,
        "logprobs": True,
        "input_tokens": 8,
        "output_tokens": 4,
        "response": "One two three",
        "stop_reason": "stop",
        "status": 200,
        "source": "sglang/1",
        "raw_ref": "sglang.requests.jsonl:3",
        "top_p": 0.9,
        "cached_input_tokens": 2,
    }


def test_a_text_that_was_told_with_the_end_alone_is_read(tmp_path):
    begun = received("r1")
    begun["obj"]["text"] = None
    ((row,), _, _) = read(written(tmp_path, begun, finished("r1")))
    assert (row["prompt"], row["response"], row["content_state"]) == ("text of r1", "Yes", None)
    assert row["ts"] == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_what_the_end_tells_alone_counts(tmp_path):
    begun, ended = received("r1"), finished("r1")
    begun["obj"]["text"] = None
    ended["obj"] |= {"text": "<text: 9000 chars, blake2b=abc>", "model": "tiny"}
    ((row,), _, _) = read(written(tmp_path, begun, ended))
    assert (row["prompt"], row["content_state"], row["model"]) == (None, "hashed", "tiny")


def test_without_its_receipt_a_request_came_as_long_before_its_end_as_it_took():
    assert by_id()["r3"]["ts"] == datetime(2026, 3, 2, 9, 20, 49, tzinfo=UTC)


def test_requests_that_never_finished_are_exchanges_without_an_answer_at_the_end():
    rows = read()[0]
    assert [row["exchange_id"] for row in rows][-2:] == ["r2", "b1"]
    assert (rows[-2]["prompt"], rows[-2]["response"], rows[-2]["status"]) == ("Never answered", None, None)


def test_a_batch_is_held_request_by_request():
    rows = by_id()
    assert (rows["b1"]["prompt"], rows["b2"]["prompt"], rows["b2"]["response"]) == ("First", "Second", "2")
    assert rows["b2"]["ts"] == datetime(2026, 3, 2, 9, 21, 5, tzinfo=UTC)


def test_a_text_cut_in_the_middle_is_truncated_and_one_made_a_hash_is_hashed():
    rows = by_id()
    assert rows["r3"]["content_state"] == "truncated"
    assert (rows["n1a"]["content_state"], rows["n1a"]["response"]) == ("hashed", None)
    assert rows["r5"]["content_state"] == "absent"


def test_what_openais_words_say_is_joined_by_the_id_that_a_gateway_sent():
    row = by_id()["r4"]
    assert (row["model"], row["system_prompt"], row["prompt"]) == (
        "house-small",
        "Be brief.",
        "Name a colour.",
    )
    assert (row["turns"], row["tools"], row["end_user_id"]) == (1, ["paint"], "visitor-4")


def test_accounts_are_told_by_headers_labels_or_the_request_and_never_made_up(tmp_path):
    rows = by_id()
    assert [rows[rid]["account_id"] for rid in ("r1", "r3", "r5")] == ["acct-1", "tenant-2", "user-5"]
    nobody = finished("a", obj={"text": "Who?"}, headers={"x-smg-routing-key": "rk"})
    unfinished = received("b", obj={"text": "Who?"})
    rows, _, reject = read(written(tmp_path, nobody, unfinished))
    assert (rows, reject.reasons) == ([], {"no account_id": 2})


def test_the_user_of_an_openai_request_is_the_account_where_nothing_else_names_one(tmp_path):
    body = {"rid": "a", "model": "m", "messages": [{"role": "user", "content": "Hi"}], "user": "user-8"}
    openai = {"timestamp": "2026-03-02T09:00:00", "event": "request.received.openai", "obj": body}
    row = read(written(tmp_path, openai, finished("a", obj={"text": "<|user|>Hi"})))[0][0]
    assert (row["account_id"], row["end_user_id"], row["model"]) == ("user-8", None, "m")


def test_the_model_is_the_adapter_where_one_is_named():
    assert by_id()["r3"]["model"] == "adapter-fr"


def test_an_aborted_request_has_the_status_of_its_end():
    row = by_id()["r5"]
    assert (row["status"], row["stop_reason"]) == (503, "abort")


def test_what_is_no_exchange_is_excluded_with_its_reason():
    assert read()[1] == {
        "request told twice": 1,
        "health check": 1,
        "no generation": 1,
        "told by each of its samples": 1,
    }


@pytest.mark.parametrize("bound", [("MOST_WAITING", 2), ("MOST_CHARACTERS", 20)])
def test_when_too_many_wait_the_oldest_is_told_at_once(tmp_path, monkeypatch, bound):
    monkeypatch.setattr(f"stillwatch.sources.sglang.{bound[0]}", bound[1])
    log = written(tmp_path, *(received(f"r{number}") for number in range(4)), finished("r3"))
    rows, _, reject = read(log)
    assert sorted(row["exchange_id"] for row in rows) == ["r0", "r1", "r2", "r3"]
    assert {row["exchange_id"]: row["response"] for row in rows}["r3"] == "Yes"
    assert reject.count == 0


def test_an_answer_that_comes_after_its_request_was_told_is_rejected_as_a_duplicate(tmp_path, monkeypatch):
    monkeypatch.setattr("stillwatch.sources.sglang.MOST_WAITING", 1)
    rows, _, reject = read(written(tmp_path, received("r0"), received("r1"), finished("r0"), finished("r1")))
    assert [(row["exchange_id"], row["response"]) for row in rows] == [("r0", None), ("r1", "Yes")]
    assert reject.count == 1
