"""Bedrock's invocation log: who is billed, streams as lists, bodies elsewhere, exceptions, models that make no words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.sources.bedrock import SOURCE
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"
CONVERSE = LOGS / "bedrock.converse.jsonl"
STREAMED = LOGS / "bedrock.streamed.jsonl"


def read(path: Path) -> tuple[dict[str, dict], dict[str, int]]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    assert not reject.count
    return {row["exchange_id"]: row for row in rows}, log.excluded


def read_one(folder: Path, **told: object) -> dict:
    record = json.loads(CONVERSE.read_text().splitlines()[0]) | told
    (folder / "log").write_text(json.dumps(record) + "\n")
    return next(iter(read(folder / "log")[0].values()))


def test_a_call_is_told_in_full():
    row = read(CONVERSE)[0]["a1"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "a1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, tzinfo=UTC),
        "account_id": "000000000017",
        "model": "arn:aws:bedrock:eu-west-1:000000000017:application-inference-profile/abc123",
        "api_key_id": "arn:aws:iam::000000000017:user/reseller-3",
        "session_id": "s-1",
        "end_user_id": "visitor-5",
        "channel": "bedrock",
        "system_prompt": "Be brief.",
        "prompt": "What is in this picture?",
        "turns": 1,
        "images": 1,
        "tools": ["look_up"],
        "tool_choice": "auto",
        "temperature": 0.7,
        "top_p": 0.9,
        "max_tokens": 512,
        "reasoning": True,
        "input_tokens": 104,
        "cached_input_tokens": 90,
        "output_tokens": 38,
        "response": "A lamp.",
        "stop_reason": "end_turn",
        "status": 200,
        "source": "bedrock/1",
        "raw_ref": "bedrock.converse.jsonl:1",
    }


def test_tokens_read_from_and_written_to_the_cache_are_tokens_read():
    row = read(CONVERSE)[0]["a1"]
    assert (row["input_tokens"], row["cached_input_tokens"]) == (4 + 90 + 10, 90)


def test_a_streamed_answer_of_claude_is_put_together_from_its_events():
    row = read(STREAMED)[0]["j1"]
    assert (row["response"], row["stop_reason"], row["output_tokens"]) == ("The answer.", "end_turn", 12)
    assert (row["prompt"], row["turns"], row["system_prompt"]) == ("Now answer", 3, "Be kind.")
    assert (row["end_user_id"], row["max_tokens"]) == ("visitor-7", 300)


def test_a_streamed_answer_of_converse_is_put_together_from_its_events():
    row = read(STREAMED)[0]["k2"]
    assert (row["response"], row["stop_reason"], row["output_tokens"]) == ("Hello", "end_turn", 2)


def test_of_models_that_take_one_text_the_prompt_and_the_answer_are_read():
    rows = read(STREAMED)[0]
    told = {
        name: (rows[name]["prompt"], rows[name]["response"], rows[name]["content_state"])
        for name in ("l3", "m4")
    }
    assert told == {
        "l3": ("What is the capital?", "It is here.", None),
        "m4": ("Count to two", "One, two", None),
    }


def test_bodies_in_files_of_their_own_are_said_to_be_absent():
    row = read(CONVERSE)[0]["c3"]
    assert (row["content_state"], row["prompt"], row["response"]) == ("absent", None, None)
    assert (row["input_tokens"], row["output_tokens"]) == (41_000, 3_100)


def test_where_only_one_body_is_elsewhere_the_text_is_said_to_be_cut():
    asked, answered = read(CONVERSE)[0]["d4"], read(STREAMED)[0]["n5"]
    assert (asked["prompt"], asked["response"], asked["content_state"]) == ("Write a book", None, "truncated")
    assert (answered["prompt"], answered["response"], answered["content_state"]) == (
        None,
        "The answer.",
        "truncated",
    )


def test_exceptions_are_statuses_and_those_that_are_not_known_are_500():
    rows = read(CONVERSE)[0] | read(STREAMED)[0]
    assert {name: rows[name]["status"] for name in ("a1", "b2", "i9", "o6")} == {
        "a1": 200,
        "b2": 429,
        "i9": 500,
        "o6": 408,
    }


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("AccessDeniedException", 403),
        ("ValidationException", 400),
        ("ServiceUnavailable", 503),
        ("ServiceUnavailableException", 503),
        ("429", 429),
        ("", 200),
    ],
)
def test_an_exception_has_the_status_that_the_api_gives_it(tmp_path, name, status):
    assert read_one(tmp_path, errorCode=name)["status"] == status


def test_bodies_as_texts_and_numbers_as_texts_are_read():
    row = read(CONVERSE)[0]["h8"]
    assert (row["prompt"], row["response"], row["input_tokens"], row["output_tokens"]) == (
        "As a text",
        "Read.",
        3,
        2,
    )


def test_embeddings_and_images_are_excluded_also_behind_an_inference_profile():
    rows, excluded = read(CONVERSE)
    assert excluded == {"no generation": 3}
    assert not {"e5", "f6", "g7"} & rows.keys()


def test_an_account_is_a_text_with_its_leading_zeros():
    assert read(CONVERSE)[0]["h8"]["account_id"] == "000000000018"


def test_records_packed_into_a_list_are_read(tmp_path):
    lines = [json.loads(line) for line in STREAMED.read_text().splitlines()]
    (tmp_path / "log").write_text(json.dumps({"records": lines}))
    assert read(tmp_path / "log")[0].keys() == read(STREAMED)[0].keys()


@pytest.mark.parametrize(
    "odd",
    [
        {"input": None, "output": 3},
        {"input": {"inputBodyJson": "{", "inputTokenCount": "many"}},
        {"output": {"outputBodyJson": [None, 3, {"generation": 4}]}, "operation": "InvokeModel"},
        {"requestMetadata": ["a"], "identity": "root", "operation": None},
        {"output": {"outputBodyJson": {"results": [[]]}}, "operation": 7},
    ],
)
def test_odd_values_do_no_harm(tmp_path, odd):
    assert read_one(tmp_path, **odd)["exchange_id"] == "a1"


def test_a_record_of_another_log_with_like_names_is_not_taken_for_one_of_bedrock():
    assert not SOURCE.sniff(b'{"requestId": "1", "modelId": "m", "accountId": "2", "timestamp": "t"}\n')
