"""Langfuse: input and output as applications note them, counts of tokens that are split, observations that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"
EXPORT, EVENTS = LOGS / "langfuse.export.jsonl", LOGS / "langfuse.events_full.json"
PLAIN = {
    "id": "obs-1",
    "trace_id": "tr-1",
    "type": "GENERATION",
    "start_time": "2026-03-02 09:20:46.847371",
    "user_id": "customer-1",
    "provided_model_name": "gpt-4o",
    "model_parameters": "",
}


def read(path: Path) -> tuple[list[dict], dict[str, int], Reject]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return rows, log.excluded, reject


def row_of(tmp_path: Path, **told: object) -> dict:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps({**PLAIN, **told}), "utf-8")
    return read(log)[0][0]


def test_a_generation_is_told_in_full():
    row = read(EXPORT)[0][0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "obs-1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 847371, UTC),
        "account_id": "customer-8",
        "model": "gpt-4o",
        "session_id": "s-70",
        "system_prompt": "Be kind.",
        "prompt": "Why is glass clear?",
        "turns": 1,
        "images": 0,
        "temperature": 0.7,
        "input_tokens": 20,
        "output_tokens": 16,
        "response": "Light passes through it.",
        "source": "langfuse/1",
        "raw_ref": "langfuse.export.jsonl:2",
        "top_p": 1.0,
        "cached_input_tokens": 8,
        "reasoning_tokens": 6,
    }


def test_parameters_without_a_limit_do_not_cost_the_row():
    assert read(EXPORT)[0][0]["max_tokens"] is None
    assert read(EXPORT)[0][1]["max_tokens"] == 64


def test_without_a_user_the_project_is_the_account_and_without_a_session_the_trace_is_it():
    row = read(EXPORT)[0][1]
    assert (row["account_id"], row["session_id"]) == ("project-1", "tr-2")


def test_other_observations_and_deleted_rows_are_excluded():
    assert read(EXPORT)[1] == {"no generation": 1, "deleted": 1}
    assert read(EVENTS)[1] == {"deleted": 1}


def test_a_row_of_events_full_has_its_span_for_an_id():
    assert [row["exchange_id"] for row in read(EVENTS)[0]] == ["span-1", "span-3"]


def test_cached_tokens_are_added_unless_the_total_says_that_they_are_within():
    rows = read(EXPORT)[0]
    assert [(row["input_tokens"], row["cached_input_tokens"]) for row in rows[:2]] == [(20, 8), (5, 2)]
    assert read(EVENTS)[0][0]["input_tokens"] == 39


def test_a_body_with_tools_and_a_tools_result_is_read_as_a_body():
    row = read(EXPORT)[0][2]
    assert (row["turns"], row["prompt"], row["tools"]) == (3, "12 degrees", ["weather"])


def test_what_is_in_no_dialect_is_taken_as_text():
    rows = read(EXPORT)[0]
    assert (rows[1]["prompt"], rows[1]["response"]) == ("Complete: once upon a", "time")
    assert rows[3]["prompt"] == '{"question": "Who made the lamp?", "language": "en"}'
    assert rows[3]["response"] == '{"answer":"Nobody knows."}'
    assert rows[3]["tools"] == ["search"]


@pytest.mark.parametrize(
    ("output", "response"),
    [
        ([{"role": "assistant", "content": "One."}, {"role": "assistant", "content": "Two."}], "One.\nTwo."),
        ({"role": "assistant", "content": "One."}, "One."),
        ('"One."', '"One."'),
        ("42", "42"),
        ({"type": "message", "role": "assistant", "content": [{"type": "text", "text": "One."}]}, "One."),
        ("", None),
        (None, None),
    ],
)
def test_the_output_is_messages_a_message_a_text_or_an_answer_of_another_dialect(tmp_path, output, response):
    told = output if isinstance(output, str) or output is None else json.dumps(output)
    row = row_of(tmp_path, input=[{"role": "user", "content": "Say it."}], output=told)
    assert (row["prompt"], row["response"]) == ("Say it.", response)


def test_the_names_of_the_public_api_are_read_too(tmp_path):
    log = tmp_path / "log.jsonl"
    told = {
        "id": "obs-9",
        "traceId": "tr-9",
        "type": "GENERATION",
        "startTime": "2026-03-02T09:20:46.847Z",
        "userId": "customer-3",
        "model": "gpt-4o",
        "modelParameters": {"temperature": 0},
        "usageDetails": {"input": 3, "output": 4},
        "input": [{"role": "user", "content": "Hi"}],
        "output": "Hello",
    }
    log.write_text(json.dumps(told), "utf-8")
    row = read(log)[0][0]
    assert (row["account_id"], row["session_id"], row["output_tokens"]) == ("customer-3", "tr-9", 4)
    assert (row["prompt"], row["response"], row["temperature"]) == ("Hi", "Hello", 0.0)
