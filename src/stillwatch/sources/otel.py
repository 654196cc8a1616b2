"""OpenTelemetry: spans and events of generative AI, from the collector's files or its ClickHouse tables.

Read are OTLP as JSON (lines as the collector's file exporter writes them, or one document) with `resourceSpans` or
`resourceLogs`, the same in protobuf with the extra `otel` (`pip install 'stillwatch[otel]'`), and rows of `otel_traces`.
The names of attributes are those of today's conventions, of those before v1.37, of OpenLLMetry and LiteLLM, of
OpenInference and of vLLM; they stand in a table, `data/otel-attributes.toml`.

A record is a batch, and each call in it is an exchange: a span whose operation is chat, text completion or content
generation, or an event `gen_ai.client.inference.operation.details`. All else is excluded: agents, tools, embeddings, HTTP,
events that hold one message and not its call, and calls that LiteLLM makes by itself. A call inside another call is
excluded as the same one, see `telemetry.calls`, and so are spans that a client's own library writes without words beside those
of an instrumentation, see `telemetry.twice`; retries and fallbacks that share a trace each count. A call that comes as
a span and as an event has one id, and the second is rejected as a duplicate.

The conventions know no account. The first of `account.id`, `organization.id`, `tenant.id`, `customer.id`, the ids that
LiteLLM adds, and `user.id` is taken, from the span, from the HTTP server span of its trace, or from the resource; the
table has the whole list. Without any of them a row is rejected.

The client's address, user agent and TLS fingerprint stand on the HTTP server span of the trace, and are taken over to its
calls where both are in one record. A collector writes what arrives together, so often they are not: across records this
is what a join by trace is for. The outermost server span of the record counts, which may be a service behind the edge.

A time is the span's start. An event tells only when it was written, which is when the call had ended. Times in ClickHouse
stand without a zone and are UTC.

vLLM's spans name neither model nor account. Set `gen_ai.request.model` and `account.id` as attributes of the resource or
in the collector; without them these spans are rejected.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stillwatch.sources.nested.envelope import Envelope, Excluded, Joining, NoExchangeError, Record, Row
from stillwatch.sources.nested.source import source
from stillwatch.sources.telemetry.batches import Batches
from stillwatch.sources.telemetry.calls import calls
from stillwatch.sources.telemetry.clickhouse import span_of
from stillwatch.sources.telemetry.columns import row_of
from stillwatch.sources.telemetry.spans import Span, events_of, spans_of
from stillwatch.sources.telemetry.twice import Twice
from stillwatch.sources.telemetry.written import PLAIN, batch

_WORDS = frozenset({"system_prompt", "prompt", "turns", "images", "tools", "response"})


def _joining(_log: Path) -> Joining:
    twice = Twice()
    return Joining(lambda record: twice.each_once(_calls(record)), twice.rest, waits=twice.waits)


def _calls(record: Record) -> Iterator[tuple[Span, Row] | Excluded]:
    if "resourceMetrics" in record or "resourceProfiles" in record:
        yield Excluded("no generation")
        return
    for found in calls(_spans(record)):
        yield found if isinstance(found, Excluded) else (found[0], row_of(*found))


def _spans(record: Record) -> list[Span]:
    if "resourceSpans" in record:
        return list(spans_of(record))
    if "resourceLogs" in record:
        return list(events_of(record))
    if "SpanAttributes" in record:
        return [span_of(record)]
    raise NoExchangeError("neither spans nor events")


def _looks_like(record: Record) -> bool:
    is_row = "SpanAttributes" in record and "TraceId" in record
    return is_row or "resourceSpans" in record or "resourceLogs" in record


SOURCE = source(
    Envelope(
        name="otel",
        description="OpenTelemetry GenAI spans and events: OTLP, and the ClickHouse exporter's otel_traces",
        looks_like=_looks_like,
        joining=_joining,
        record=batch,
        lane=Batches(),
        carries=_WORDS | set(PLAIN) | {"ts", "reasoning", "stop_reason", "tool_choice", "logprobs"},
    )
)
