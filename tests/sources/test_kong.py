"""Kong's log: plugins' names, payloads as texts or objects, who called, and what no model answered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOG = Path(__file__).parent / "logs_of" / "kong.log.jsonl"


def read(path: Path = LOG) -> tuple[dict[str, dict], dict[str, int], int]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return {row["exchange_id"]: row for row in rows}, log.excluded, reject.count


def test_a_call_is_told_in_full():
    row = read()[0]["kong-1"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "kong-1",
        "ts": datetime(2026, 3, 2, 9, 20, 6, 847000, UTC),
        "account_id": "consumer-7",
        "model": "gpt-4o",
        "api_key_id": "credential-1",
        "channel": "api",
        "client_ip": "203.0.113.9",
        "user_agent": "OpenAI/Python 1.99.1",
        "system_prompt": "Be brief.",
        "prompt": "What is in this picture?",
        "turns": 1,
        "tools": ["look_up"],
        "images": 1,
        "temperature": 0.2,
        "max_tokens": 300,
        "reasoning": True,
        "input_tokens": 10,
        "output_tokens": 20,
        "response": "A lamp.",
        "stop_reason": "stop",
        "status": 200,
        "source": "kong/1",
        "raw_ref": "kong.log.jsonl:2",
        "sdk": "openai-python/1.99.1",
        "tool_choice": "auto",
        "cached_input_tokens": 4,
        "reasoning_tokens": 7,
    }


def test_a_request_one_level_up_an_answer_of_events_and_older_names_are_read():
    row = read()[0]["kong-2"]
    assert (row["prompt"], row["turns"], row["response"], row["stop_reason"]) == ("Please", 3, "No.", "stop")
    assert (row["model"], row["input_tokens"], row["output_tokens"]) == ("command", 14, 2)


def test_without_a_consumer_the_entity_that_was_authenticated_is_the_account():
    row = read()[0]["kong-2"]
    assert (row["account_id"], row["api_key_id"]) == ("credential-2", None)


def test_the_consumer_that_an_entity_belongs_to_is_the_account():
    row = read()[0]["kong-7"]
    assert (row["account_id"], row["api_key_id"], row["model"]) == (
        "consumer-8",
        "credential-8",
        "gemini-large",
    )


def test_of_a_header_that_came_twice_the_first_counts():
    row = read()[0]["kong-2"]
    assert (row["user_agent"], row["sdk"]) == ("Anthropic/JS 0.30.1", "anthropic-js/0.30.1")


def test_a_call_answered_from_a_cache_without_payloads_holds_no_text():
    row = read()[0]["kong-3"]
    assert (row["content_state"], row["prompt"], row["input_tokens"], row["status"]) == (
        "absent",
        None,
        None,
        429,
    )


def test_other_routes_transformers_and_what_is_no_generation_are_excluded_with_their_reasons():
    rows, excluded, rejected = read()
    assert (sorted(rows), rejected) == (["kong-1", "kong-2", "kong-3", "kong-7"], 0)
    assert excluded == {"no call of a model": 1, "no generation": 2, "a call of the gateway itself": 1}


def test_no_credential_enters():
    assert "REDACTED" not in str(read()[0])


def test_odd_values_are_none_or_a_reason_and_never_an_error(tmp_path):
    log = tmp_path / "log.jsonl"
    head = '{"started_at": "x", "latencies": 1, "request": 5'
    tails = (
        '"ai": []',
        '"ai": {"proxy": {"meta": 7, "usage": []}}',
        '"ai": {"proxy": 1, "x": {"meta": null}}',
    )
    log.write_text("".join(f"{head}, {tail}}}\n" for tail in tails))
    rows, excluded, rejected = read(log)
    assert (rows, excluded, rejected) == ({}, {"no call of a model": 2}, 1)
