"""A row as a batch of one span, in today's names; where the conventions have none, in those of OpenInference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from stillwatch.sources.bodies._base import hashed
from stillwatch.sources.bodies.dialects import bodies
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import without_nones
from stillwatch.sources.telemetry.aliases import aliases

PLAIN = (
    *("exchange_id", "account_id", "model", "api_key_id", "session_id", "client_ip", "user_agent", "ja4"),
    *("end_user_id", "temperature", "top_p", "max_tokens", "n", "seed", "response_format", "status"),
    *("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens"),
)
"""Columns that are written as they are."""

_CUT = "["
_NO_ERROR, _ERROR = 1, 2


def batch(row: Row) -> Mapping[str, Any]:
    """The row as OTLP JSON, with identifiers made from its own."""
    trace = hashed(row["exchange_id"]) or ""
    span = {
        "traceId": trace,
        "spanId": trace[:16],
        "name": f"chat {row['model']}",
        "kind": 3,
        "startTimeUnixNano": f"{row['ts']}000",
        "attributes": _pairs(_attributes(row)),
        "status": {"code": _ERROR if _has_failed(row) else _NO_ERROR},
    }
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": [span]}]}]}


def _attributes(row: Row) -> dict[str, Any]:
    known = aliases()
    told: dict[str, Any] = {known.written(column): row.get(column) for column in PLAIN}
    told["gen_ai.operation.name"] = "chat"
    if (reasoning := row.get("reasoning")) is not None:
        told[known.written("reasoning")] = "medium" if reasoning else "none"
    if (reason := row.get("stop_reason")) is not None:
        told[known.written("stop_reason")] = [reason]
    if _has_failed(row) and row.get("status") is not None:
        told["error.type"] = str(row["status"])
    return without_nones(told | _words(row) | _state(row))


def _words(row: Row) -> dict[str, str]:
    """What was said, as texts of JSON; what only an API's own parameters can say, as such."""
    body, names = bodies()["otel_messages"], aliases().messages
    spoken = {**body.as_request(row), **body.as_response(row)}
    parameters = bodies()["openai_chat"].as_request(
        {name: row.get(name) for name in ("tool_choice", "logprobs")}
    )
    told = {names[kind][0]: _json(spoken[kind]) for kind in names if spoken.get(kind) is not None}
    return told | ({names["parameters"][0]: _json(parameters)} if parameters else {})


def _state(row: Row) -> dict[str, str]:
    """What is written so that hidden or cut words are known as such again."""
    known, state = aliases(), row.get("content_state")
    if state == "redacted":
        return {known.redactable[0]: known.redacted}
    if state == "truncated":
        kind = "output_messages" if row.get("prompt") else "input_messages"
        return {known.messages[kind][0]: _CUT}
    return {}


def _has_failed(row: Row) -> bool:
    return row.get("status") is None or bool(row["status"] >= 400)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _pairs(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _typed(value)} for name, value in attributes.items()]


def _typed(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return {"arrayValue": {"values": [_typed(one) for one in value]}}
    return {"stringValue": str(value)}
