"""Azure API Management: two logs joined, chunks put together, both spellings, bounded memory, nothing lost in silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.sources import azure_apim
from stillwatch.sources.azure_apim import SOURCE
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

LOGS = Path(__file__).parent / "logs_of"
RESOURCE_LOGS = LOGS / "azure_apim.resource_logs.jsonl"
LOG_ANALYTICS = LOGS / "azure_apim.log_analytics.jsonl"


def read(path: Path) -> tuple[dict[str, dict], dict[str, int], dict[str, int]]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return {row["exchange_id"]: row for row in rows}, log.excluded, dict(reject.reasons)


def gateway(correlation: str, **told: object) -> dict:
    fields = {"apimSubscriptionId": "sub-1", "responseCode": 200, **told}
    return {
        "time": "2026-03-02T09:00:00Z",
        "category": "GatewayLogs",
        "correlationId": correlation,
        "properties": fields,
    }


def model(correlation: str, number: int = 0, **told: object) -> dict:
    fields = {"sequenceNumber": number, "modelName": "gpt-4o", **told}
    return {
        "time": "2026-03-02T09:00:00Z",
        "category": "GatewayLlmLogs",
        "correlationId": correlation,
        "properties": fields,
    }


def written(path: Path, *records: dict) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


def test_rows_of_both_logs_make_one_exchange():
    row = read(RESOURCE_LOGS)[0]["a1"]
    del row["raw_ref"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "exchange_id": "a1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 847123, UTC),
        "account_id": "sub-17",
        "model": "gpt-4o",
        "channel": "aggregator",
        "client_ip": "203.0.113.9",
        "user_agent": "OpenAI/Python 1.99.1",
        "system_prompt": "Be brief.",
        "prompt": "What is in this picture?",
        "turns": 3,
        "images": 1,
        "input_tokens": 10,
        "cached_input_tokens": 4,
        "output_tokens": 20,
        "response": "A lamp.",
        "status": 200,
        "source": "azure_apim/1",
    }


def test_texts_that_were_cut_within_their_json_are_put_together_by_number():
    row = read(LOG_ANALYTICS)[0]["j1"]
    assert (row["prompt"], row["turns"], row["response"]) == ("And now?", 3, "That was all.")


def test_a_message_that_goes_on_in_the_next_row_is_one_message(tmp_path):
    log = written(
        tmp_path / "log",
        model(
            "x", 1, requestMessages=[{"role": "user", "content": "end"}, {"role": "user", "content": "next"}]
        ),
        model(
            "x", 0, requestMessages=[{"role": "user", "content": "be"}, {"role": "user", "content": "this, "}]
        ),
        gateway("x"),
    )
    row = read(log)[0]["x"]
    assert (row["turns"], row["prompt"]) == (3, "next")


def test_messages_of_unlike_roles_or_with_parts_are_not_run_together(tmp_path):
    parts = [{"type": "text", "text": "second"}]
    log = written(
        tmp_path / "log",
        model("x", 0, requestMessages=[{"role": "user", "content": "first"}]),
        model("x", 1, requestMessages=[{"role": "user", "content": parts}]),
        model("y", 0, requestMessages=[{"role": "assistant", "content": "first"}]),
        model("y", 1, requestMessages=[{"role": "user", "content": "second"}]),
        gateway("x"),
        gateway("y"),
    )
    assert [(row["turns"], row["prompt"]) for row in read(log)[0].values()] == [(2, "second")] * 2


def test_a_row_that_was_delivered_twice_counts_once(tmp_path):
    twice = model("x", 0, promptTokens=5, requestMessages=[{"role": "user", "content": "Hello"}])
    row = read(written(tmp_path / "log", twice, gateway("x"), twice, gateway("x")))[0]["x"]
    assert (row["prompt"], row["turns"], row["input_tokens"]) == ("Hello", 1, 5)


def test_the_time_is_the_gateways_and_the_tables_may_stand_one_after_the_other():
    row = read(LOG_ANALYTICS)[0]["j1"]
    assert row["ts"] == datetime(2026, 3, 2, 9, 29, 59, 123000, UTC)
    assert (row["account_id"], row["client_ip"], row["input_tokens"]) == ("sub-21", "203.0.113.20", 12)


def test_a_table_as_csv_gives_the_same_exchanges():
    rows, (csv, *_) = read(LOG_ANALYTICS)[0], read(LOGS / "azure_apim.table.csv")
    for name in (
        "account_id",
        "ts",
        "model",
        "client_ip",
        "prompt",
        "response",
        "turns",
        "status",
        "input_tokens",
    ):
        assert {one: row[name] for one, row in csv.items()} == {one: row[name] for one, row in rows.items()}


def test_what_claude_read_from_the_cache_is_added():
    row = read(RESOURCE_LOGS)[0]["b2"]
    assert (row["input_tokens"], row["cached_input_tokens"], row["client_ip"]) == (
        48_880,
        48_854,
        "2001:db8::7",
    )


def test_a_call_that_was_refused_before_it_reached_a_model_is_an_exchange():
    row = read(RESOURCE_LOGS)[0]["c3"]
    assert (row["model"], row["status"], row["content_state"]) == ("pilot", 429, "absent")


def test_numbers_may_be_texts_and_the_deployment_stands_in_for_the_model():
    row = read(RESOURCE_LOGS)[0]["i9"]
    assert (row["model"], row["input_tokens"], row["output_tokens"]) == ("pilot", 9, 3)
    assert row["content_state"] == "absent"


def test_what_has_no_gateway_row_no_subscription_or_no_id_is_rejected_with_its_reason():
    rows, _, reasons = read(RESOURCE_LOGS)
    assert reasons == {"no account_id": 2, "no exchange_id": 1}
    assert not {"g7", "h8"} & rows.keys()


def test_other_apis_other_logs_and_embeddings_are_excluded_with_their_reasons():
    assert read(RESOURCE_LOGS)[1] == {
        "no call of a language model": 1,
        "no generation": 1,
        "another category of log": 1,
    }
    assert read(LOG_ANALYTICS)[1] == {"no generation": 1}


def test_with_too_many_open_exchanges_the_oldest_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(azure_apim, "OPEN", 2)
    records = [record for one in "abcd" for record in (model(one), gateway(one))]
    rows, _, reasons = read(
        written(tmp_path / "log", *records, model("late"), model("e"), model("f"), gateway("late"))
    )
    assert list(rows) == ["a", "b", "c", "d"]
    assert sum(reasons.values()) == 3


def test_with_too_much_held_the_oldest_is_taken_as_it_is(monkeypatch):
    monkeypatch.setattr(azure_apim, "HELD", 100)
    state = azure_apim._Open()
    taken = []
    for one in "abc":
        for size, record in ((10, gateway(one)), (92, model(one))):
            state.line(size, 1)
            taken.append(len(list(state.rows(record))))
    assert taken == [0, 1, 0, 1, 0, 1]
    assert not list(state.rest())


@pytest.mark.parametrize(
    "odd",
    [
        {"requestMessages": 7},
        {"requestMessages": "[{"},
        {"responseMessages": [None, 3, "yes"]},
        {"promptTokens": []},
    ],
)
def test_odd_values_do_no_harm(tmp_path, odd):
    assert read(written(tmp_path / "log", model("x", **odd), gateway("x", url=3, requestHeaders=[1])))[
        0
    ].keys() == {"x"}


def test_a_record_of_the_model_service_itself_is_not_taken_for_one_of_the_gateway():
    assert not SOURCE.sniff(b'{"category": "RequestResponse", "correlationId": "c", "properties": {}}\n')
