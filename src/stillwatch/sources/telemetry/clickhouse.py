"""Rows of `otel_traces`, the table that the collector's ClickHouse exporter fills: one span a row.

Every value of an attribute is a text there, lists and structures as texts of JSON. `Timestamp` stands without a zone and
is UTC. An attribute map is an object in JSONEachRow, a list of pairs in Parquet, and in CSV a text in ClickHouse's own
writing, which is refused: export such tables as JSONEachRow or Parquet. A row knows no other spans of its trace.
"""

from __future__ import annotations

from typing import Any

from stillwatch.sources.nested.envelope import NoExchangeError, Record
from stillwatch.sources.nested.moments import iso
from stillwatch.sources.nested.values import items, loaded, text
from stillwatch.sources.telemetry.spans import Attributes, Span, error_of, hexadecimal, is_error, is_server


def span_of(row: Record) -> Span:
    """The span of a row; raises `NoExchangeError` where the attributes cannot be read."""
    return Span(
        trace=hexadecimal(row.get("TraceId")),
        id=hexadecimal(row.get("SpanId")),
        parent=hexadecimal(row.get("ParentSpanId")),
        start=iso(row.get("Timestamp"), utc=True),
        attributes=_map(row.get("SpanAttributes")),
        resource=_map(row.get("ResourceAttributes")),
        is_server=is_server(row.get("SpanKind")),
        failed=is_error(row.get("StatusCode")),
        scope=text(row.get("ScopeName")) or "",
        error=error_of(_map(row.get("SpanAttributes")), _events(row)),
        messages=_messages(row),
    )


def _map(value: object) -> dict[str, Any]:
    value = loaded(value)
    if isinstance(value, list):
        return {pair[0]: pair[1] for pair in value if isinstance(pair, list) and _is_pair(pair)}
    if isinstance(value, str) and value not in ("", "{}"):
        raise NoExchangeError("attributes are no JSON")
    return value if isinstance(value, dict) else {}


def _is_pair(pair: list[Any]) -> bool:
    return len(pair) == 2 and isinstance(pair[0], str)


def _messages(row: Record) -> tuple[tuple[str, Attributes], ...]:
    """The events within the span that belong to generative AI."""
    events = ((one["name"], one["attributes"]) for one in _events(row))
    return tuple(
        (name, some) for name, some in events if isinstance(name, str) and name.startswith("gen_ai.")
    )


def _events(row: Record) -> list[dict[str, Any]]:
    """The events within the span, whose names and attributes stand in two lists side by side."""
    names, attributes = items(row.get("Events.Name")), items(row.get("Events.Attributes"))
    return [{"name": name, "attributes": _map(some)} for name, some in zip(names, attributes, strict=False)]
