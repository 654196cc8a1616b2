"""Clients of OpenAI and Anthropic under each of the instrumentations that people use, their spans written to a file.

    PYTHON instrumented_client.py BY PORT OUT      # BY is opentelemetry, openllmetry or openinference

Each is its makers' own package; the model behind PORT is a stand-in. The account is the attribute `organization.id` of the service.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

BY, PORT, OUT = sys.argv[1:]
os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true"

from anthropic import Anthropic  # noqa: E402
from openai import OpenAI, OpenAIError  # noqa: E402
from opentelemetry import trace  # noqa: E402
from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter  # noqa: E402
from opentelemetry.sdk.resources import Resource  # noqa: E402
from opentelemetry.sdk.trace import TracerProvider  # noqa: E402
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402

TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "parameters": {"type": "object", "properties": {"what": {"type": "string"}}},
    },
}


def instrumented() -> None:
    """Turn on the instrumentation that was asked for."""
    if BY == "opentelemetry":
        from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor  # noqa: PLC0415

        OpenAIInstrumentor().instrument()
    elif BY == "openllmetry":
        from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor  # noqa: PLC0415
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor  # noqa: PLC0415

        OpenAIInstrumentor().instrument()
        AnthropicInstrumentor().instrument()
    else:
        from openinference.instrumentation.anthropic import AnthropicInstrumentor  # noqa: PLC0415
        from openinference.instrumentation.openai import OpenAIInstrumentor  # noqa: PLC0415

        OpenAIInstrumentor().instrument()
        AnthropicInstrumentor().instrument()


def main() -> None:
    """Ask in several ways and write what the instrumentation says of it."""
    provider = TracerProvider(resource=Resource({"service.name": "house", "organization.id": "org-2"}))
    path = Path(OUT)
    provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(path)))
    trace.set_tracer_provider(provider)
    instrumented()
    openai = OpenAI(base_url=f"http://127.0.0.1:{PORT}/v1", api_key="sk-not-to-be-logged", max_retries=0)
    system = {"role": "system", "content": "Be brief."}

    def chat(said: str, **more: object) -> object:
        messages = [system, {"role": "user", "content": said}]
        return openai.chat.completions.create(model="house-large", messages=messages, **more)

    chat("plain 灯 häuser", temperature=0.25, max_tokens=64, seed=7)
    for _ in chat("in a stream", stream=True, stream_options={"include_usage": True}):
        pass
    chat("use the tool on lamps", tools=[TOOL])
    with contextlib.suppress(OpenAIError):
        chat("fail 429 please")
    answered = {"role": "assistant", "content": "Green."}
    turns = [{"role": "user", "content": "What is moss?"}, answered, {"role": "user", "content": "And fern?"}]
    openai.chat.completions.create(model="house-large", messages=turns)
    openai.embeddings.create(model="house-vectors", input="no words")
    if BY != "opentelemetry":
        anthropic = Anthropic(
            base_url=f"http://127.0.0.1:{PORT}", api_key="sk-not-to-be-logged", max_retries=0
        )
        said = [{"role": "user", "content": "a message to a claude"}]
        anthropic.messages.create(model="claude-house", max_tokens=32, system="Be kind.", messages=said)
    provider.shutdown()


main()
