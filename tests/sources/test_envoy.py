"""Envoy AI Gateway's access log: fields under several names, whom to believe for the address, what is no generation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.sources.envoy import generates
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOG = Path(__file__).parent / "logs_of" / "envoy.access.jsonl"


def read(path: Path = LOG) -> tuple[dict[str, dict], dict[str, int], int]:
    log, reject = open_input(path, log_format="envoy"), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return {row["exchange_id"]: row for row in rows}, log.excluded, reject.count


def test_a_call_is_told_in_full_and_holds_no_text():
    row = read()[0]["edge-1"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "edge-1",
        "ts": datetime(2026, 3, 2, 9, 16, 37, 894000, UTC),
        "account_id": "acme",
        "model": "house-large",
        "api_key_id": "key-1",
        "session_id": "s-1",
        "channel": "api",
        "client_ip": "203.0.113.9",
        "user_agent": "AsyncOpenAI/Python 1.99.1",
        "ja4": "t13d0907h2_aaaaaaaaaaaa_bbbbbbbbbbbb",
        "input_tokens": 15,
        "output_tokens": 7,
        "status": 200,
        "source": "envoy/1",
        "raw_ref": "envoy.access.jsonl:2",
        "sdk": "openai-python/1.99.1",
        "cached_input_tokens": 5,
        "reasoning_tokens": 3,
        "content_state": "absent",
    }


def test_health_checks_embeddings_lists_of_models_and_calls_of_tools_are_excluded():
    rows, excluded, rejected = read()
    assert (sorted(rows), rejected) == (["edge-1", "edge-2", "edge-3", "edge-5"], 0)
    assert excluded == {"no generation": 7}


def test_a_dash_is_nothing_and_a_number_may_stand_as_a_text():
    row = read()[0]["edge-2"]
    assert (row["account_id"], row["input_tokens"], row["output_tokens"], row["status"]) == (
        "tenant-7",
        18,
        None,
        429,
    )


def test_of_a_forwarded_list_the_right_most_public_address_counts():
    assert read()[0]["edge-2"]["client_ip"] == "203.0.113.20"


def test_without_a_list_the_connections_address_counts_without_its_port():
    assert read()[0]["edge-3"]["client_ip"] == "2001:db8::5"


def test_where_no_account_is_logged_the_key_stands_for_it():
    row = read()[0]["edge-3"]
    assert (row["account_id"], row["api_key_id"]) == ("key-1", "key-1")


def test_the_older_names_are_read_and_the_name_that_the_gateway_gave_the_model_is_not():
    row = read()[0]["edge-5"]
    found = (row["account_id"], row["model"], row["input_tokens"], row["output_tokens"])
    assert found == ("user-5", "house-small", 15, 7)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions",
        "/v1/responses/",
        "/anthropic/v1/messages?beta=true",
        "/v1beta/models/large:streamGenerateContent?alt=sse",
        "/model/maker.large-v1/converse-stream",
        "/model/maker.large-v1/invoke",
    ],
)
def test_these_paths_are_answered_with_words(path):
    assert generates(path)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/embeddings",
        "/v1/models",
        "/v1/messages/count_tokens",
        "/v1/messages/batches",
        "/v1/audio/speech",
        "/model/maker.embed-v1/invoke",
        "/model/maker.rerank-v1/invoke",
        "/",
    ],
)
def test_these_paths_are_not(path):
    assert not generates(path)


def test_a_record_without_a_path_is_a_call_if_it_names_a_model(tmp_path):
    log = tmp_path / "log.jsonl"
    head = '{"x-request-id": "a", "start_time": "2026-03-02T09:00:00Z", "response_code": 0, "x-account-id": "acme"'
    log.write_text(head + ', "gen_ai.request.model": "m"}\n' + head + "}\n")
    rows, excluded, rejected = read(log)
    assert (rows["a"]["model"], rows["a"]["status"], excluded, rejected) == (
        "m",
        None,
        {"no generation": 1},
        0,
    )


def test_a_call_without_an_account_or_a_key_is_rejected(tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"x-request-id": "a", "start_time": 1772443206.5, "response_code": 200, "gen_ai.request.model": "m",'
        ' "authorization": "Bearer x", "x-api-key": "y"}\n'
    )
    rows, _, rejected = read(log)
    assert (rows, rejected) == ({}, 1)
