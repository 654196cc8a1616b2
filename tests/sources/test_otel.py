"""OpenTelemetry: names of every generation, which spans are calls, who pays, what became of the words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.layout import open_input
from stillwatch.sources.otel import SOURCE
from stillwatch.sources.rejected import Reject
from stillwatch.sources.telemetry.aliases import aliases
from stillwatch.sources.telemetry.spans import plain

LOGS = Path(__file__).parent / "logs_of"
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "account.id": "a",
    "gen_ai.response.id": "r",
}


def read(path: Path) -> tuple[dict[str, dict], dict[str, int], dict[str, int]]:
    """The rows by their ids, what was excluded, and what was rejected, by reason."""
    log, reject = open_input(path, log_format="otel"), Reject()
    rows = {row["exchange_id"]: row for batch in log.exchanges(reject) for row in batch.to_pylist()}
    return rows, log.excluded, dict(reject.reasons)


def log_of(name: str) -> tuple[dict[str, dict], dict[str, int], dict[str, int]]:
    return read(LOGS / f"otel.{name}.jsonl")


def row_of(tmp_path: Path, attributes: dict, **span: object) -> dict | None:
    """The row of one span with these attributes, which are texts, and others of these fields."""
    pairs = [{"key": name, "value": {"stringValue": value}} for name, value in attributes.items()]
    one = {
        "traceId": "ab" * 16,
        "spanId": "cd" * 8,
        "startTimeUnixNano": "1772443246000000000",
        "attributes": pairs,
    }
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [one | span]}]}]}))
    rows = list(read(path)[0].values())
    return rows[0] if rows else None


def told(row: dict) -> dict:
    return {name: value for name, value in row.items() if value is not None}


def test_a_call_of_today_is_told_in_full() -> None:
    assert told(log_of("current")[0]["resp-1"]) == {
        "exchange_id": "resp-1",
        "ts": datetime(2026, 3, 2, 9, 20, 46, 847371, UTC),
        "account_id": "org-17",
        "model": "house-large",
        "session_id": "conv-1",
        "channel": "api",
        "client_ip": "203.0.113.9",
        "user_agent": "house-sdk/1.4",
        "ja4": "t13d1516h2_8daaf6152771_02713d6af862",
        "system_prompt": "Be brief.",
        "prompt": "This one.",
        "turns": 3,
        "tools": ["look_up"],
        "images": 1,
        "temperature": 0.2,
        "top_p": 0.9,
        "max_tokens": 300,
        "n": 2,
        "seed": 7,
        "reasoning": True,
        "response_format": "json_object",
        "input_tokens": 120,
        "cached_input_tokens": 100,
        "output_tokens": 40,
        "reasoning_tokens": 12,
        "response": "A lamp.",
        "stop_reason": "stop",
        "status": 200,
        "source": "otel/1",
        "raw_ref": "otel.current.jsonl:1",
        "end_user_id": "visitor-5",
    }


def test_the_outermost_server_span_of_a_trace_says_where_its_calls_came_from() -> None:
    rows = log_of("current")[0]
    assert rows["resp-1"]["client_ip"] == "203.0.113.9"
    assert rows["structured"]["client_ip"] is None


def test_tools_agents_embeddings_http_and_metrics_are_excluded() -> None:
    assert log_of("current")[1] == {"no generation": 8, "inside another call": 1}


def test_a_retry_and_a_fallback_in_one_trace_are_calls_of_their_own() -> None:
    rows = log_of("current")[0]
    first, second = (rows[f"{'ab' * 16}-{number * 8}"] for number in ("c1", "c2"))
    assert (first["status"], first["model"], first["content_state"]) == (429, "house-large", "absent")
    assert (second["status"], second["model"], second["prompt"]) == (200, "house-small", "Tell me a joke")
    assert (second["system_prompt"], second["account_id"]) == ("Only facts.", "org-3")


def test_a_failure_without_a_number_tells_no_status() -> None:
    assert log_of("current")[0][f"{'ac' * 16}-{'c3' * 8}"]["status"] is None


def test_a_call_inside_a_call_counts_once_but_not_what_a_tool_or_an_agent_asked() -> None:
    rows = log_of("current")[0]
    assert "inner" not in rows
    assert {"outer", "asked-by-a-tool", "of-an-agent"} <= rows.keys()


def test_messages_may_be_a_structure_or_stand_in_an_event_of_the_span() -> None:
    rows = log_of("current")[0]
    assert (rows["structured"]["prompt"], rows["structured"]["turns"]) == ("57 degrees", 3)
    assert (rows["structured"]["response"], rows["structured"]["tools"]) == ("It rains.", [])
    assert (rows["in-an-event"]["prompt"], rows["in-an-event"]["response"]) == ("Hello?", "Hello.")


def test_a_text_of_json_that_was_cut_is_said_to_be() -> None:
    row = log_of("current")[0]["cut"]
    assert (row["prompt"], row["response"], row["content_state"]) == (None, "Yes.", "truncated")


def test_a_call_of_nobody_is_rejected_and_the_others_of_its_batch_are_not() -> None:
    rows, _, rejected = log_of("current")
    assert rejected == {"no account_id": 1}
    assert "of-nobody" not in rows
    assert "in-an-event" in rows


def test_older_names_and_one_event_a_message_are_read() -> None:
    rows = log_of("before-137")[0]
    row = rows["per-message"]
    assert (row["system_prompt"], row["prompt"], row["turns"]) == ("You greet people", "it is morning", 3)
    assert (row["response"], row["stop_reason"]) == ("Good morning", "stop")
    assert (row["input_tokens"], row["output_tokens"], row["response_format"]) == (11, 5, "json_schema")
    assert (rows["event-content"]["prompt"], rows["event-content"]["response"]) == (
        "What time is it?",
        "Noon.",
    )
    assert (rows["content-events"]["prompt"], rows["content-events"]["response"]) == ("Once upon", "a time")


def test_a_span_of_vllm_is_a_call_if_the_resource_names_the_model() -> None:
    rows, _, rejected = log_of("before-137")
    row = rows["cmpl-7"]
    assert (row["model"], row["account_id"], row["n"]) == ("house-open", "cluster-2", 1)
    assert (row["input_tokens"], row["output_tokens"], row["max_tokens"]) == (30, 20, 128)
    assert rejected == {"no model": 1}


def test_numbered_attributes_of_openllmetry_are_messages_in_the_order_of_their_numbers() -> None:
    rows, excluded, _ = log_of("openllmetry")
    row = rows["numbered"]
    assert (row["system_prompt"], row["prompt"], row["images"]) == ("Be kind.", "What is this?", 1)
    assert (row["response"], row["stop_reason"], row["tools"]) == ("A door.", "stop", ["open", "close"])
    assert (row["account_id"], row["session_id"], row["reasoning"]) == ("user-3", "chat-8", False)
    assert (row["cached_input_tokens"], row["reasoning_tokens"], row["max_tokens"]) == (4, 2, 80)
    eleven = rows[f"{'62' * 16}-{'44' * 8}"]
    assert (eleven["prompt"], eleven["turns"]) == ("eleventh", 11)
    assert excluded == {"no generation": 3, "a call of the gateway itself": 1}


def test_what_a_gateway_knows_of_the_key_comes_before_the_customers_own_user() -> None:
    row = log_of("openllmetry")[0]["of-litellm"]
    assert (row["account_id"], row["api_key_id"], row["end_user_id"]) == ("team-3", "9f8e7d", "visitor-2")


def test_openinference_tells_its_parameters_as_one_text() -> None:
    rows, excluded, _ = log_of("openinference")
    row = rows[f"{'71' * 16}-{'51' * 8}"]
    assert (row["temperature"], row["top_p"], row["max_tokens"], row["seed"]) == (0.3, 0.8, 90, 3)
    assert (row["tool_choice"], row["logprobs"], row["reasoning"]) == ("required", True, True)
    assert (row["system_prompt"], row["prompt"], row["images"]) == ("Answer in verse.", "Look at\nthis.", 1)
    assert (row["tools"], row["response"], row["stop_reason"]) == (["rhyme", "count"], "A rose.", "stop")
    assert (row["account_id"], row["end_user_id"], row["session_id"]) == ("tenant-2", "user-6", "s-6")
    assert excluded == {"no generation": 2}


def test_words_that_were_hidden_are_no_prompt() -> None:
    rows = log_of("openinference")[0]
    hidden, half = rows[f"{'72' * 16}-{'54' * 8}"], rows[f"{'73' * 16}-{'55' * 8}"]
    assert (hidden["prompt"], hidden["response"], hidden["content_state"]) == (None, None, "redacted")
    assert (half["prompt"], half["response"], half["content_state"]) == (None, "Shown.", "redacted")


def test_an_event_tells_a_call_and_one_with_a_single_message_does_not() -> None:
    rows, excluded, _ = log_of("events")
    row = rows["event-1"]
    assert row["ts"] == datetime(2026, 3, 2, 9, 21, 56, 500000, UTC)
    assert (row["system_prompt"], row["prompt"], row["response"]) == (
        "Be exact.",
        "How far is the moon?",
        "Far.",
    )
    assert rows[f"{'82' * 16}-{'62' * 8}"]["prompt"] == "And the sun?"
    assert rows[f"{'83' * 16}-{'63' * 8}"]["status"] == 503
    assert excluded == {"a message without its call": 1, "no generation": 1}


def test_rows_of_clickhouse_hold_texts_only() -> None:
    rows, excluded, _ = log_of("clickhouse")
    row = rows["row-1"]
    assert row["ts"] == datetime(2026, 3, 2, 9, 20, 46, 847371, UTC)
    assert (row["temperature"], row["max_tokens"], row["seed"], row["input_tokens"]) == (0.5, 300, 7, 12)
    assert (row["prompt"], row["response"], row["stop_reason"]) == ("Why?", "Because.", "stop")
    failed = rows[f"{'92' * 16}-{'72' * 8}"]
    assert (failed["status"], failed["prompt"], failed["account_id"]) == (500, "Still there?", "org-9")
    assert excluded == {"no generation": 1}


def test_a_map_may_be_a_list_of_pairs_and_no_other_text_than_json(tmp_path: Path) -> None:
    assert log_of("clickhouse")[0][f"{'93' * 16}-{'73' * 8}"]["model"] == "house-large"
    path = tmp_path / "rows.jsonl"
    path.write_text(
        json.dumps({"TraceId": "ab", "SpanAttributes": "{'gen_ai.operation.name':'chat'}"}) + "\n"
    )
    assert read(path) == ({}, {}, {"attributes are no JSON": 1})


def test_whoever_pays_is_no_end_user(tmp_path: Path) -> None:
    call = {name: value for name, value in CALL.items() if name != "account.id"}
    row = row_of(tmp_path, call | {"user.id": "u"})
    assert row
    assert (row["account_id"], row["end_user_id"]) == ("u", None)
    assert row_of(tmp_path, call | {"enduser.id": "u", "service.namespace": "house"}) is None


@pytest.mark.parametrize(
    ("level", "reasoning"), [("high", True), ("low", True), ("none", False), ("minimal", False), ("", None)]
)
def test_a_level_of_reasoning_says_whether_it_was_asked_for(tmp_path, level, reasoning) -> None:
    row = row_of(tmp_path, CALL | {"gen_ai.request.reasoning.level": level})
    assert row
    assert row["reasoning"] is reasoning


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": {"code": 2}}, None),
        ({"status": {"code": "STATUS_CODE_ERROR"}}, None),
        ({"status": {}}, 200),
    ],
)
def test_a_status_is_an_enumeration_as_a_number_or_a_name(tmp_path, fields, status) -> None:
    row = row_of(tmp_path, CALL, **fields)
    assert row
    assert row["status"] == status


def test_a_plain_text_stands_for_one_message(tmp_path: Path) -> None:
    row = row_of(tmp_path, CALL | {"gen_ai.input.messages": "12", "gen_ai.system_instructions": "Be calm."})
    assert row
    assert (row["prompt"], row["system_prompt"], row["turns"]) == ("12", "Be calm.", 1)


def test_odd_values_raise_nothing(tmp_path: Path) -> None:
    odd = [None, 5, "x", [], {}, {"key": 3}, [{"key": "gen_ai.operation.name", "value": {"intValue": []}}]]
    spans = [
        {
            "traceId": one,
            "kind": one,
            "attributes": one,
            "events": one,
            "status": one,
            "startTimeUnixNano": one,
        }
        for one in odd
    ]
    path = tmp_path / "log.jsonl"
    groups = [*odd, {"resource": 4, "scopeSpans": [*odd, {"spans": [*odd, *spans]}]}]
    lines = [{"resourceSpans": groups}, {"resourceSpans": 3}, {"resourceLogs": [{"scopeLogs": {}}]}, {}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows, excluded, rejected = read(path)
    assert rows == {}
    assert set(excluded) == {"no generation"}
    assert rejected == {"neither spans nor events": 1}


def test_values_nested_without_end_are_left_out() -> None:
    value: dict = {"stringValue": "deep"}
    for _ in range(200):
        value = {"arrayValue": {"values": [value]}}
    assert isinstance(plain(value), list)


def test_every_alias_belongs_to_a_column_and_is_written_under_its_first_name() -> None:
    known = aliases()
    assert set(known.columns) <= {column.name for column in EXCHANGE.columns}
    assert known.edge | known.resource <= set(known.columns)
    assert all(len(set(names)) == len(names) for names in known.columns.values())


def test_other_logs_are_not_taken_for_telemetry() -> None:
    assert not SOURCE.sniff(b'{"traceId": "a", "spans": [], "timestamp": 1}\n')
    assert SOURCE.sniff(b'{"resourceLogs": []}\n')


def span(identifier: str, scope: str, parent: str = "", **attributes: str) -> dict:
    """A batch of one span."""
    told = {"account.id": "a", "gen_ai.operation.name": "chat", "gen_ai.request.model": "m"} | attributes
    held = {
        "traceId": "0a",
        "spanId": identifier,
        "parentSpanId": parent,
        "startTimeUnixNano": "1772443246000000000",
        "attributes": [
            {"key": name.replace("_at_", "."), "value": {"stringValue": value}}
            for name, value in told.items()
        ],
    }
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": [held]}]}]}


QUIET = "com.anthropic.sdk.python"
SAID = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "hello"}]}])


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ({"gen_ai.response.id": "msg-1"}, {"gen_ai.response.id": "msg-1"}),
        ({"parent": "02"}, {}),
    ],
    ids=["one answer", "one inside the other"],
)
def test_a_call_that_the_clients_own_library_tells_without_words_counts_once(tmp_path, inner, outer) -> None:
    parent = inner.get("parent", "")
    attributes = {name: value for name, value in inner.items() if name != "parent"}
    records = [
        span("01", QUIET, parent, **attributes),
        span("02", "an.instrumentation", **outer, **{"gen_ai.input.messages": SAID}),
        span("03", QUIET, **{"gen_ai.response.id": "msg-2"}),
    ]
    (tmp_path / "log").write_text("\n".join(map(json.dumps, records)))
    rows, excluded, _ = read(tmp_path / "log")
    assert [row["prompt"] for row in rows.values()] == ["hello", None]
    assert excluded == {"inside another call": 1}


def test_calls_without_words_and_without_ids_are_each_told(tmp_path) -> None:
    records = [span("", QUIET, **{"gen_ai.response.id": f"msg-{at}"}) for at in range(3)]
    records += [span("07", QUIET, **{"gen_ai.response.id": "msg-9"})] * 2
    (tmp_path / "log").write_text("\n".join(map(json.dumps, records)))
    rows, excluded, _ = read(tmp_path / "log")
    assert len(rows) == 4
    assert excluded == {"inside another call": 1}


def test_calls_without_words_are_told_when_too_many_wait(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("stillwatch.sources.telemetry.twice.MOST_WAITING", 2)
    records = [span(f"{at:02}", QUIET, **{"gen_ai.response.id": f"msg-{at}"}) for at in range(5)]
    (tmp_path / "log").write_text("\n".join(map(json.dumps, records)))
    assert list(read(tmp_path / "log")[0]) == [f"msg-{at}" for at in range(5)]


@pytest.mark.parametrize(
    ("error", "status"), [("RateLimitError", 429), ("anthropic.OverloadedError", 529), ("KeyError", None)]
)
def test_an_error_is_told_by_its_name_or_as_an_exception(tmp_path, error, status) -> None:
    raised = {"name": "exception", "attributes": [{"key": "exception.type", "value": {"stringValue": error}}]}
    for fields, told in (({"events": [raised]}, {}), ({}, {"error.type": error})):
        row = row_of(tmp_path, CALL | told, status={"code": 2}, **fields)
        assert row is not None
        assert row["status"] == status
