"""LiteLLM's callbacks: who is billed, zone-less times, bodies cut or kept out, calls of the gateway itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOG = Path(__file__).parent / "logs_of" / "litellm.callbacks.jsonl"


def read() -> tuple[list[dict], dict[str, int]]:
    log = open_input(LOG)
    rows = [row for batch in log.exchanges(Reject()) for row in batch.to_pylist()]
    return rows, log.excluded


def test_a_call_is_told_in_full():
    row = read()[0][0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "call-a1",
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
        "source": "litellm/1",
        "raw_ref": "litellm.callbacks.jsonl:1",
        "end_user_id": "visitor-5",
        "tool_choice": "auto",
        "cached_input_tokens": 4,
        "reasoning_tokens": 7,
    }


def test_a_key_without_a_user_is_its_teams():
    row = read()[0][1]
    assert (row["account_id"], row["status"], row["turns"], row["prompt"]) == ("team-3", 429, 3, "Please")
    assert row["ts"] == datetime(2026, 3, 2, 9, 21, 40, 500000, UTC)


def test_calls_of_the_gateway_itself_and_embeddings_are_excluded_with_their_reasons():
    rows, excluded = read()
    assert excluded == {"a call of the gateway itself": 1, "no generation": 1}
    assert [row["exchange_id"] for row in rows] == [
        "call-a1",
        "b2",
        "e5",
        "f6",
        "call-g7",
        "call-h8",
        "call-i9",
    ]


def test_bodies_that_were_not_kept_or_cut_are_said_to_be():
    rows = read()[0]
    assert [row["content_state"] for row in rows] == [None, None, "absent", "truncated", None, None, None]


def test_the_system_prompt_of_other_dialects_stands_among_the_parameters():
    told = ("system_prompt", "prompt", "max_tokens", "response")
    rows = {row["exchange_id"]: [row[name] for name in told] for row in read()[0]}
    assert rows["call-g7"] == ["Be brief.", "Where is the lamp?", 64, "In the hall."]
    assert rows["call-h8"] == ["Be brief.", "Where is the moss?", None, "On the roof."]


def test_a_session_is_one_that_the_client_named_and_no_id_that_was_made_up_for_the_call():
    sessions = {row["exchange_id"]: row["session_id"] for row in read()[0]}
    named = "3f0c1a52-7c1f-4a43-9a55-0d8f7b6f0a11"
    assert [sessions[f"call-{name}"] for name in ("a1", "g7", "h8", "i9")] == ["s-1", None, named, "garden-1"]
