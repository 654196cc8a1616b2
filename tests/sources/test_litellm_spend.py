"""LiteLLM's spend logs: who is billed, keys in clear, texts kept, cut or not kept, rows of PostgreSQL's CSV."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.layout import open_input
from stillwatch.sources.litellm_spend import SOURCE
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"


def read(path: Path = LOGS / "litellm_spend.rows.jsonl") -> tuple[dict[str, dict], dict[str, int], int]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return {row["exchange_id"]: row for row in rows}, log.excluded, reject.count


def test_a_call_is_told_in_full():
    row = read()[0]["spend-a1"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "spend-a1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 847371, UTC),
        "account_id": "user-17",
        "model": "house-large",
        "api_key_id": "9f8e7d",
        "session_id": "s-1",
        "channel": "aggregator",
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
        "source": "litellm_spend/1",
        "raw_ref": "litellm_spend.rows.jsonl:1",
        "end_user_id": "visitor-5",
        "tool_choice": "auto",
        "cached_input_tokens": 4,
        "reasoning_tokens": 7,
    }


def test_the_account_is_the_user_else_the_team_else_the_organisation_else_the_key():
    rows = read()[0]
    found = [rows[f"spend-{name}"]["account_id"] for name in ("a1", "b2", "c3", "d4")]
    assert found == ["user-17", "team-3", "org-1", "22bb"]


def test_a_row_without_any_of_them_takes_what_is_told_of_the_key_and_else_is_rejected(tmp_path):
    row = '{{"request_id": "{}", "api_key": "", "spend": 0, "startTime": "2026-03-02 09:00:00", "model": "m", {}}}\n'
    told = '"metadata": "{\\"user_api_key_team_id\\": \\"team-9\\"}"'
    log = tmp_path / "log.jsonl"
    log.write_text(row.format("one", told) + row.format("two", '"user": ""'))
    rows, _, rejected = read(log)
    assert [row["account_id"] for row in rows.values()] == ["team-9"]
    assert rejected == 1


def test_a_key_that_stands_in_clear_is_hashed():
    row = read()[0]["spend-e5"]
    assert len(row["api_key_id"]) == 32
    assert "in-clear" not in str(row)


def test_a_failed_call_has_the_status_that_its_metadata_tells_and_the_proxys_client():
    row = read()[0]["spend-b2"]
    assert (row["status"], row["client_ip"], row["user_agent"]) == (429, "2001:db8::7", None)


def test_calls_of_the_gateway_itself_and_what_is_no_generation_are_excluded():
    assert read()[1] == {"a call of the gateway itself": 1, "no generation": 6}


def test_a_call_answered_from_the_cache_is_a_call_and_a_row_without_texts_says_so():
    row = read()[0]["spend-c3"]
    assert (row["content_state"], row["prompt"], row["input_tokens"]) == ("absent", None, 9)


def test_request_and_answer_may_be_in_different_dialects():
    row = read()[0]["spend-h8"]
    assert (row["prompt"], row["max_tokens"]) == ("How many lamps are there?", 64)
    assert (row["response"], row["content_state"]) == ("Nine.", None)


def test_a_text_whose_middle_was_cut_out_is_said_to_be_truncated():
    assert read()[0]["spend-i9"]["content_state"] == "truncated"


def test_an_older_row_that_holds_only_messages_is_read():
    row = read()[0]["spend-j0"]
    assert (row["prompt"], row["turns"], row["content_state"]) == ("An older row", 1, None)


def test_rows_of_postgresqls_csv_are_the_same_as_those_of_json_lines():
    apart = {"raw_ref": None}
    texts, _, rejected = read(LOGS / "litellm_spend.postgres.csv")
    lines = read()[0]
    assert not rejected
    assert {name: row | apart for name, row in texts.items()} == {name: lines[name] | apart for name in texts}
    assert len(texts) == 4


def test_odd_values_are_none_or_a_reason_and_never_an_error(tmp_path):
    log = tmp_path / "log.jsonl"
    head = '{"request_id": "a", "api_key": [], "spend": 0, "startTime": 7, "user": "u", "model": "m", '
    tails = (
        '"metadata": [1]}',
        '"metadata": "{", "messages": 5}',
        '"proxy_server_request": "[]", "response": "no"}',
        '"call_type": 7}',
    )
    log.write_text("".join(f"{head}{tail}\n" for tail in tails))
    chunks = list(SOURCE.read(log, EXCHANGE).chunks())
    assert (
        sum(chunk.batch.num_rows + len(chunk.rejected) + sum(chunk.excluded.values()) for chunk in chunks)
        == 4
    )


def test_the_prompt_of_a_plain_completion_is_its_message():
    row = read()[0]["spend-k1"]
    assert [row[name] for name in ("prompt", "turns", "max_tokens", "response")] == [
        "The lamp is",
        1,
        16,
        "In the hall.",
    ]


def test_a_session_is_one_that_the_request_names_and_no_id_that_was_made_up_for_the_call():
    rows = read()[0]
    named = "3f0c1a52-7c1f-4a43-9a55-0d8f7b6f0a11"
    sessions = [rows[f"spend-{name}"]["session_id"] for name in ("a1", "k1", "l2", "m3")]
    assert sessions == ["s-1", None, named, named]
