"""Spans and events out of OTLP, as JSON or as JSON was made of protobuf.

OTLP wraps every value in its type (`{"intValue": "5"}`, whole numbers as texts) and every batch in the resource and the
scope that it came from. Here each span becomes one flat object. Values nested more than thirty-two deep are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stillwatch.sources.nested.envelope import Record
from stillwatch.sources.nested.moments import since_1970
from stillwatch.sources.nested.values import NOTHING, at, first, listed, number, text, whole

Attributes = Mapping[str, Any]

_DEEPEST = 32
_SERVER = (2, "SPAN_KIND_SERVER", "Server")
_ERROR = (2, "STATUS_CODE_ERROR", "Error")


@dataclass(frozen=True, slots=True)
class Span:
    """A span, or an event that tells of one: `event` is its name then, else empty.

    Identifiers are hexadecimal in small letters; `start` is in microseconds since 1970. `scope` names the library that
    wrote it, `error` the kind of error that ended it. `messages` are the events
    within the span that belong to generative AI, by name.
    """

    trace: str
    id: str
    parent: str
    start: int | None
    attributes: Attributes
    resource: Attributes
    is_server: bool = False
    failed: bool = False
    event: str = ""
    scope: str = ""
    error: str = ""
    messages: tuple[tuple[str, Attributes], ...] = ()


def spans_of(record: Record) -> Iterator[Span]:
    """The spans of a batch, in its order; what is no span comes as one that says nothing."""
    for span, resource, scope in _held(
        record, "resourceSpans", ("scopeSpans", "instrumentationLibrarySpans"), "spans"
    ):
        attributes, failed = named(span.get("attributes")), is_error(at(span, "status", "code"))
        yield Span(
            trace=hexadecimal(span.get("traceId")),
            id=hexadecimal(span.get("spanId")),
            parent=hexadecimal(span.get("parentSpanId")),
            start=since_1970(span.get("startTimeUnixNano"), "ns") or None,
            attributes=attributes,
            resource=resource,
            is_server=is_server(span.get("kind")),
            failed=failed,
            scope=scope,
            error=error_of(attributes, span.get("events")) if failed else "",
            messages=_messages(span.get("events")),
        )


def events_of(record: Record) -> Iterator[Span]:
    """The events of a batch of log records; the attributes may also stand in the body, as they did at first."""
    for log, resource, scope in _held(
        record, "resourceLogs", ("scopeLogs", "instrumentationLibraryLogs"), "logRecords"
    ):
        attributes, body = named(log.get("attributes")), plain(log.get("body"))
        if isinstance(body, dict):
            attributes = {**body, **attributes}
        name = first(log, "eventName") or attributes.get("event.name")
        moment = (since_1970(log.get(when), "ns") for when in ("timeUnixNano", "observedTimeUnixNano"))
        yield Span(
            trace=hexadecimal(log.get("traceId")),
            id=hexadecimal(log.get("spanId")),
            parent="",
            start=next(filter(None, moment), None),
            attributes=attributes,
            resource=resource,
            failed=attributes.get("error.type") is not None,
            scope=scope,
            error=error_of(attributes, None),
            event=name if isinstance(name, str) and name else "log record",
        )


def named(pairs: object) -> dict[str, Any]:
    """Attributes by name, their values out of their types."""
    if isinstance(pairs, dict):
        return pairs
    return {
        pair["key"]: plain(pair.get("value"))
        for pair in listed(pairs)
        if isinstance(pair, dict) and isinstance(pair.get("key"), str)
    }


def plain(value: object, depth: int = _DEEPEST) -> Any:
    """A typed value as a plain one; None for what is none."""
    if not isinstance(value, dict) or not depth:
        return None
    if (said := value.get("stringValue")) is not None:
        return said
    for kind, inside in value.items():
        if (read := _TYPES.get(kind)) is not None:
            return read(inside, depth - 1)
    return None


def hexadecimal(identifier: object) -> str:
    """An identifier in small letters; empty if there is none."""
    return identifier.lower() if isinstance(identifier, str) else ""


def is_server(kind: object) -> bool:
    """Whether this kind of span serves a call that came in."""
    return kind in _SERVER


def is_error(code: object) -> bool:
    """Whether this status says that the operation failed."""
    return code in _ERROR


def error_of(attributes: Attributes, events: object) -> str:
    """The kind of error, without the module that it is from: as an attribute, or as the exception that the span holds."""
    told = attributes.get("error.type")
    if told is None:
        raised = (one for one in listed(events) if at(one, "name") == "exception")
        told = next((named(one.get("attributes")).get("exception.type") for one in raised), None)
    code = whole(told)
    return str(code) if code is not None else str(told).rpartition(".")[2] if told is not None else ""


def _held(
    record: object, groups: str, scopes: tuple[str, ...], inside: str
) -> Iterator[tuple[Mapping[str, Any], Attributes, str]]:
    """Every item of a batch with the attributes of its resource and the name of its scope."""
    for group in _inside(record, groups):
        resource = named(at(group, "resource", "attributes"))
        for scope in _inside(group, *scopes):
            name = text(first(at(scope, "scope"), "name")) or ""
            for item in _inside(scope, inside):
                yield (item if isinstance(item, dict) else NOTHING), resource, name


def _inside(value: object, *names: str) -> list[Any]:
    """The list under one of these names; what should hold one and does not counts as one thing that says nothing."""
    found = first(value, *names)
    return found if isinstance(found, list) else [] if found is None and isinstance(value, dict) else [None]


def _messages(events: object) -> tuple[tuple[str, Attributes], ...]:
    if not events:
        return ()
    return tuple(
        (event["name"], named(event.get("attributes")))
        for event in listed(events)
        if isinstance(event, dict) and str(event.get("name")).startswith("gen_ai.")
    )


def _array(value: object, depth: int) -> list[Any]:
    return [plain(one, depth) for one in listed(at(value, "values"))]


def _object(value: object, depth: int) -> dict[str, Any]:
    return {
        pair["key"]: plain(pair.get("value"), depth)
        for pair in listed(at(value, "values"))
        if isinstance(pair, dict) and isinstance(pair.get("key"), str)
    }


_TYPES: Mapping[str, Callable[[Any, int], Any]] = {
    "intValue": lambda value, _: whole(value),
    "doubleValue": lambda value, _: number(value),
    "boolValue": lambda value, _: value,
    "bytesValue": lambda value, _: value,
    "arrayValue": _array,
    "kvlistValue": _object,
}
