"""Vertex AI's request-response log: whose project, when it began, both spellings, Claude, errors, samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject
from stillwatch.sources.vertex import SOURCE

LOGS = Path(__file__).parent / "logs_of"
GEMINI = LOGS / "vertex.gemini.jsonl"
CLAUDE = LOGS / "vertex.claude.jsonl"


def read(path: Path) -> tuple[dict[str, dict], dict[str, int], dict[str, int]]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return {row["exchange_id"]: row for row in rows}, log.excluded, dict(reject.reasons)


def read_one(folder: Path, path: Path = GEMINI, **told: object) -> dict:
    record = json.loads(path.read_text().splitlines()[0]) | told
    (folder / "log").write_text(json.dumps(record) + "\n")
    return next(iter(read(folder / "log")[0].values()))


def test_a_call_is_told_in_full():
    row = read(GEMINI)[0]["5374205265901353984"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "5374205265901353984",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 747500, UTC),
        "account_id": "house-17",
        "model": "gemini-2.5-pro",
        "channel": "vertex",
        "system_prompt": "Be brief.",
        "prompt": "What is in this picture?",
        "turns": 3,
        "images": 1,
        "tools": ["look_up"],
        "temperature": 0.0,
        "top_p": 0.9,
        "max_tokens": 8192,
        "seed": 7,
        "reasoning": True,
        "end_user_id": "visitor-5",
        "input_tokens": 30,
        "cached_input_tokens": 4,
        "output_tokens": 930,
        "reasoning_tokens": 901,
        "response": "A lamp.",
        "stop_reason": "STOP",
        "status": 200,
        "sampling_rate": 0.1,
        "source": "vertex/1",
        "raw_ref": "vertex.gemini.jsonl:1",
    }


def test_a_request_arrived_before_it_was_logged_by_its_latency():
    rows = read(GEMINI)[0]
    assert rows["5374205265901353984"]["ts"] == datetime(2026, 3, 2, 9, 20, 46, 747500, UTC)
    assert rows["12"]["ts"] == datetime(2026, 3, 2, 9, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "metadata", [None, {}, {"request_latency": -5}, {"request_latency": "soon"}, "no JSON"]
)
def test_without_a_latency_the_time_is_that_of_logging(tmp_path, metadata):
    assert read_one(tmp_path, metadata=metadata)["ts"] == datetime(2026, 3, 2, 9, 20, 48, 248000, UTC)


def test_the_other_spelling_texts_of_json_numbers_as_texts_and_a_list_of_partial_answers_are_read():
    row = read(GEMINI)[0]["12"]
    assert (row["account_id"], row["model"], row["prompt"]) == ("house-18", "gemini-2.5-pro", "Count")
    assert (row["response"], row["input_tokens"], row["output_tokens"]) == ("One, two.", 3, 4)


def test_an_error_in_place_of_an_answer_is_its_status():
    row = read(GEMINI)[0]["13"]
    assert (row["status"], row["prompt"], row["response"]) == (429, "Again", None)


def test_the_project_of_an_endpoint_is_billed_where_no_model_path_names_one():
    row = read(GEMINI)[0]["17"]
    assert (row["account_id"], row["model"]) == ("19", "projects/19/locations/europe-west4/endpoints/77")


def test_a_call_that_names_no_project_is_rejected_with_its_reason():
    rows, _, reasons = read(GEMINI)
    assert reasons == {"no account_id": 1}
    assert "16" not in rows


def test_predictions_and_counting_of_tokens_are_excluded_with_their_reason():
    assert read(GEMINI)[1] == {"no generation": 2}


def test_claude_is_read_in_its_own_dialect_with_what_came_from_the_cache():
    row = read(CLAUDE)[0]["21"]
    assert (row["account_id"], row["model"]) == ("house-17", "claude-sonnet-4")
    assert (row["prompt"], row["response"], row["stop_reason"]) == ("Name a colour", "Blue.", "end_turn")
    assert (row["input_tokens"], row["cached_input_tokens"], row["output_tokens"]) == (12, 7, 3)


def test_a_streamed_answer_of_claude_is_put_together_from_its_events():
    row = read(CLAUDE)[0]["22"]
    assert (row["response"], row["stop_reason"], row["output_tokens"]) == ("The answer.", "end_turn", 12)


def test_a_row_without_bodies_says_that_the_text_is_absent():
    row = read(CLAUDE)[0]["23"]
    assert (row["content_state"], row["account_id"], row["status"]) == ("absent", "house-17", None)


def test_a_log_that_names_no_rate_names_none():
    assert read(CLAUDE)[0]["21"]["sampling_rate"] is None


def test_payloads_of_ones_own_endpoint_are_read(tmp_path):
    asked = json.dumps({"messages": [{"role": "user", "content": "Hello"}]})
    answered = json.dumps({"choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]})
    row = read_one(
        tmp_path,
        api_method="RawPredict",
        full_request=None,
        full_response=None,
        request_payload=[asked],
        response_payload=[answered],
        endpoint="projects/p-1/locations/l/endpoints/5",
        model=None,
    )
    assert (row["account_id"], row["prompt"], row["response"]) == ("p-1", "Hello", "Hi")


@pytest.mark.parametrize(
    "odd",
    [
        {"full_response": [None, 3]},
        {"full_response": {"error": "bad"}},
        {"metadata": [1], "sampling_rate": "often"},
        {"full_response": {"candidates": "none", "usage_metadata": 4}, "model": 5},
        {"api_method": None},
    ],
)
def test_odd_values_do_no_harm(tmp_path, odd):
    assert read_one(tmp_path, **odd)["account_id"] == "house-17"


def test_a_record_without_a_method_or_a_request_is_not_taken_for_one_of_vertex():
    assert not SOURCE.sniff(b'{"logging_time": "2026-03-02T09:00:00Z", "request_id": "1"}\n')
