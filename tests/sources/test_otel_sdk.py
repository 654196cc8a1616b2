"""What the OpenTelemetry SDK and its exporters make, as JSON lines and as messages of protobuf, is read alike."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from stillwatch.errors import InputError
from stillwatch.sources.layout import open_input
from stillwatch.sources.nested import protobuf
from stillwatch.sources.nested.otlp import is_framed
from stillwatch.sources.rejected import Reject

pytest.importorskip("opentelemetry.sdk")
pytest.importorskip("opentelemetry.exporter.otlp.proto.common")
pytest.importorskip("opentelemetry.exporter.otlp.json.file")

from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.json.file._log_exporter import FileLogExporter
from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode

START = 1_772_443_246_847_371_000
RESOURCE = Resource({"service.name": "gateway", "organization.id": "org-2"})
PROMPT = [{"role": "user", "parts": [{"type": "text", "content": "Why is the sky blue?"}]}]
ANSWER = [{"role": "assistant", "parts": [{"type": "text", "content": "Because of the air."}]}]
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "house-large",
    "gen_ai.response.id": "resp-9",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.max_tokens": 64,
    "gen_ai.usage.input_tokens": 2**31 - 1,
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.input.messages": json.dumps(PROMPT),
    "gen_ai.output.messages": json.dumps(ANSWER),
}


def spans() -> tuple[ReadableSpan, ...]:
    """A request that came in over HTTP, the call that it caused, another that failed, and the use of a tool."""
    provider, memory = TracerProvider(resource=RESOURCE), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("house.telemetry", "1.2.0")
    came = {"client.address": "2001:db8::9", "user_agent.original": "house-sdk/2"}
    with tracer.start_as_current_span(
        "POST /v1/chat", kind=SpanKind.SERVER, attributes=came, start_time=START
    ):
        tracer.start_span("chat house-large", kind=SpanKind.CLIENT, attributes=CALL, start_time=START).end()
        failed = tracer.start_span(
            "chat house-large", attributes=CALL | {"error.type": "429"}, start_time=START
        )
        failed.set_attribute("gen_ai.response.id", "resp-10")
        failed.set_status(Status(StatusCode.ERROR, "too many"))
        failed.add_event("gen_ai.choice", {"finish_reason": "error"})
        failed.end()
        tracer.start_span("execute_tool look_up", attributes={"gen_ai.operation.name": "execute_tool"}).end()
    return memory.get_finished_spans()


def events() -> tuple[ReadableLogRecord, ...]:
    """The event that tells a call with all that was said, structured."""
    provider, memory = LoggerProvider(resource=RESOURCE), InMemoryLogRecordExporter()
    provider.add_log_record_processor(SimpleLogRecordProcessor(memory))
    said = {"gen_ai.input.messages": PROMPT, "gen_ai.output.messages": ANSWER}
    name = "gen_ai.client.inference.operation.details"
    provider.get_logger("house.telemetry").emit(
        LogRecord(timestamp=START, observed_timestamp=START, event_name=name, attributes=CALL | said)
    )
    return memory.get_finished_logs()


def framed(messages: Iterable[bytes]) -> bytes:
    return b"".join(len(message).to_bytes(4, "big") + message for message in messages)


def json_lines(path: Path) -> None:
    exporter = FileSpanExporter(path)
    exporter.export(spans())
    exporter.shutdown()


def protobuf_messages(path: Path) -> None:
    path.write_bytes(framed([encode_spans(spans()).SerializeToString()]))


def packed_messages(path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(encode_spans(spans()).SerializeToString())
    path.write_bytes(framed([packed]))


def packed_json(path: Path) -> None:
    json_lines(path)
    path.write_bytes(framed([zstandard.ZstdCompressor().compress(path.read_bytes())]))


def read(path: Path) -> tuple[list[dict], dict[str, int], dict[str, int], dict[str, str]]:
    log, reject = open_input(path), Reject()
    rows = [row for batch in log.exchanges(reject) for row in batch.to_pylist()]
    return rows, log.excluded, dict(reject.reasons), log.failures


@pytest.mark.parametrize("write", [json_lines, protobuf_messages, packed_messages, packed_json])
def test_spans_of_the_sdk_are_read(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "traces"
    write(path)
    rows, excluded, rejected, failures = read(path)
    assert (excluded, rejected, failures) == ({"no generation": 2}, {}, {})
    assert [row["exchange_id"] for row in rows] == ["resp-9", "resp-10"]
    assert [row["status"] for row in rows] == [200, 429]
    assert {
        name: rows[0][name] for name in ("account_id", "client_ip", "user_agent", "prompt", "response")
    } == {
        "account_id": "org-2",
        "client_ip": "2001:db8::9",
        "user_agent": "house-sdk/2",
        "prompt": "Why is the sky blue?",
        "response": "Because of the air.",
    }
    assert rows[0]["ts"] == datetime(2026, 3, 2, 9, 20, 46, 847371, UTC)
    assert (rows[0]["temperature"], rows[0]["max_tokens"], rows[0]["input_tokens"]) == (0.5, 64, 2**31 - 1)
    assert rows[0]["stop_reason"] == "stop"


@pytest.mark.parametrize("as_protobuf", [True, False])
def test_events_of_the_sdk_are_read(as_protobuf: bool, tmp_path: Path) -> None:  # noqa: FBT001  a parameter
    path = tmp_path / "logs"
    if as_protobuf:
        path.write_bytes(framed([encode_logs(events()).SerializeToString()]))
    else:
        exporter = FileLogExporter(path)
        exporter.export(events())
        exporter.shutdown()
    rows, excluded, rejected, failures = read(path)
    assert (excluded, rejected, failures) == ({}, {}, {})
    assert [(row["exchange_id"], row["prompt"], row["response"]) for row in rows] == [
        ("resp-9", "Why is the sky blue?", "Because of the air.")
    ]
    assert rows[0]["ts"] == datetime(2026, 3, 2, 9, 20, 46, 847371, UTC)


def test_many_messages_are_numbered_from_one(tmp_path: Path) -> None:
    path = tmp_path / "traces"
    message = encode_spans(spans()).SerializeToString()
    path.write_bytes(framed([message.replace(b"resp-9", f"resp-{number}".encode()) for number in (1, 2, 3)]))
    rows, _, rejected, _ = read(path)
    assert [row["raw_ref"] for row in rows] == ["traces:1", "traces:1", "traces:2", "traces:3"]
    assert rejected == {"duplicate exchange_id": 2}


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "traces"
    message = encode_spans(spans()).SerializeToString()
    path.write_bytes(framed([message, message])[:-20])
    rows, _, _, failures = read(path)
    assert len(rows) == 2
    assert failures == {"traces": "after record 1: the last message breaks off before its end"}


def test_a_damaged_message_is_rejected_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "traces"
    message = encode_spans(spans()).SerializeToString()
    packed = zstandard.ZstdCompressor().compress(message)
    path.write_bytes(framed([message[:60] + b"\xff" * 40 + message[100:], packed[:-9], message]))
    rows, _, rejected, _ = read(path)
    assert [row["raw_ref"] for row in rows] == ["traces:3", "traces:3"]
    assert rejected == {"damaged protobuf, or neither spans nor events": 1, "damaged zstd message": 1}


def test_without_the_package_that_reads_protobuf_it_is_named(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "traces"
    protobuf_messages(path)
    protobuf._protobuf.cache_clear()
    monkeypatch.setitem(sys.modules, "opentelemetry.proto.trace.v1.trace_pb2", None)
    with pytest.raises(InputError, match=r"pip install 'stillwatch\[otel\]'"):
        read(path)


def test_text_and_other_binary_files_are_not_taken_for_messages() -> None:
    heads = (
        b"",
        b"\x00" * 100,
        b"\x00\x00\x00\x05\n",
        b'{"resourceSpans": []}',
        b"a,b\n1,2\n",
        b"PAR1" + b"\x00" * 20,
    )
    assert not any(is_framed(head) for head in heads)
