"""A batch of OTLP in protobuf as the object that the same batch is in JSON.

Identifiers become hexadecimal and whole numbers texts, as OTLP's JSON has them; enumerations are numbers. What no reader
asks for (links, scopes, ends of spans) is left out, because turning it costs more than reading.

Protobuf is read by the package `opentelemetry-proto`, which the extra `otel` brings.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from stillwatch.errors import InputError
from stillwatch.sources.nested.envelope import NoExchangeError


def batch(message: bytes) -> dict[str, Any]:
    """The batch, of spans or of log records; which of the two only its contents tell, for both begin alike.

    Raises `NoExchangeError` for what is neither, `InputError` where the package is not installed.
    """
    traces, logs, error = _protobuf()
    for kind, read in ((traces, _spans), (logs, _logs)):
        try:
            found = read(kind.FromString(message))
        except error:
            continue
        if found is not None:
            return found
    raise NoExchangeError("damaged protobuf, or neither spans nor events")


@cache
def _protobuf() -> tuple[type[Any], type[Any], type[Exception]]:
    """The classes of a batch of spans and of one of log records, and the error of what cannot be read."""
    try:
        from google.protobuf.message import DecodeError  # noqa: PLC0415  an optional dependency
        from opentelemetry.proto.logs.v1.logs_pb2 import LogsData  # noqa: PLC0415  as above
        from opentelemetry.proto.trace.v1.trace_pb2 import TracesData  # noqa: PLC0415  as above
    except ImportError as error:
        raise InputError(
            f"The log is OTLP in protobuf, and {error.name} is not installed, which reads it. "
            "Install it with: pip install 'stillwatch[otel]'"
        ) from error
    return TracesData, LogsData, DecodeError


def _spans(found: Any) -> dict[str, Any] | None:
    """The spans; None where they are something else, of which no span's trace and time could be made."""
    held = [(group, scope.spans) for group in found.resource_spans for scope in group.scope_spans]
    firsts = [spans[0] for _, spans in held if spans]
    if found.resource_spans and not any(
        len(one.trace_id) == 16 and one.start_time_unix_nano for one in firsts
    ):
        return None
    return {
        "resourceSpans": [_group(group, "scopeSpans", "spans", _all(spans, _span)) for group, spans in held]
    }


def _logs(found: Any) -> dict[str, Any] | None:
    held = [(group, scope.log_records) for group in found.resource_logs for scope in group.scope_logs]
    firsts = [logs[0] for _, logs in held if logs]
    if firsts and not any(one.time_unix_nano or one.observed_time_unix_nano for one in firsts):
        return None
    return {
        "resourceLogs": [_group(group, "scopeLogs", "logRecords", _all(logs, _log)) for group, logs in held]
    }


def _group(group: Any, scopes: str, inside: str, some: list[dict[str, Any]]) -> dict[str, Any]:
    return {"resource": {"attributes": _pairs(group.resource.attributes)}, scopes: [{inside: some}]}


def _all(some: Any, turn: Callable[[Any], dict[str, Any]]) -> list[dict[str, Any]]:
    return [turn(one) for one in some]


def _span(span: Any) -> dict[str, Any]:
    return {
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "parentSpanId": span.parent_span_id.hex(),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_time_unix_nano),
        "attributes": _pairs(span.attributes),
        "events": [{"name": one.name, "attributes": _pairs(one.attributes)} for one in span.events],
        "status": {"code": span.status.code},
    }


def _log(log: Any) -> dict[str, Any]:
    return {
        "timeUnixNano": str(log.time_unix_nano),
        "observedTimeUnixNano": str(log.observed_time_unix_nano),
        "eventName": log.event_name,
        "body": _value(log.body),
        "attributes": _pairs(log.attributes),
        "traceId": log.trace_id.hex(),
        "spanId": log.span_id.hex(),
    }


def _pairs(attributes: Any) -> list[dict[str, Any]]:
    return [{"key": one.key, "value": _value(one.value)} for one in attributes]


def _value(value: Any) -> dict[str, Any]:
    turn = _VALUES.get(value.WhichOneof("value"))
    return {} if turn is None else turn(value)


_VALUES: Mapping[str | None, Callable[[Any], dict[str, Any]]] = {
    "string_value": lambda value: {"stringValue": value.string_value},
    "bool_value": lambda value: {"boolValue": value.bool_value},
    "int_value": lambda value: {"intValue": str(value.int_value)},
    "double_value": lambda value: {"doubleValue": value.double_value},
    "bytes_value": lambda value: {"bytesValue": b64encode(value.bytes_value).decode()},
    "array_value": lambda value: {
        "arrayValue": {"values": [_value(one) for one in value.array_value.values]}
    },
    "kvlist_value": lambda value: {"kvlistValue": {"values": _pairs(value.kvlist_value.values)}},
}
