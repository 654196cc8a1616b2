"""A call's columns of the contract, out of its attributes.

Whoever pays is named by the first of a list of attributes that is there, on the span, on the HTTP server span of the
trace or on the resource; an end user is never told by the same attribute. The answer's status is the HTTP status where
it is told, else the number or the error's name in `error.type`, or of the exception, of a call that failed, else 200 if it did not fail.
"""

from __future__ import annotations

from typing import Any

from stillwatch.sources.bodies.dialects import said
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import items, loaded, text, whole, without_nones
from stillwatch.sources.telemetry.aliases import Found, aliases, found, joined
from stillwatch.sources.telemetry.conversation import conversation
from stillwatch.sources.telemetry.spans import Span

_NUMBERS = (
    *("temperature", "top_p", "max_tokens", "n", "seed"),
    *("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens"),
)
TEXTS = ("exchange_id", "account_id", "model", "api_key_id", "session_id", "client_ip", "user_agent", "ja4")
WORDS = ("system_prompt", "prompt", "response")
FORMATS = {"text": "text", "json": "json_object", "json_object": "json_object", "json_schema": "json_schema"}
_EFFORTS_OFF = ("none", "off", "disabled", "minimal")


def row_of(span: Span, edge: Found) -> Row:
    """The row of a call; `edge` is what the span tells that served its trace."""
    told = _found(span, edge)
    row = _words(span, told)
    row |= {name: told[name].value for name in _NUMBERS if name in told}
    columns: Row = {name: text(told[name].value) for name in TEXTS if name in told}
    columns |= {
        "ts": span.start,
        "channel": "api",
        "end_user_id": _end_user(span, told),
        "status": _status(span, _value(told, "status")),
        "stop_reason": stop_reason(_value(told, "stop_reason")),
        "reasoning": reasons(_value(told, "reasoning")),
        "response_format": FORMATS.get(str(_value(told, "response_format"))),
    }
    row |= without_nones(columns)
    if "exchange_id" not in row and span.trace and span.id:
        row["exchange_id"] = f"{span.trace}-{span.id}"
    return row


def _found(span: Span, edge: Found) -> Found:
    """What the span tells, and of some columns what its surroundings tell under a more trusted name."""
    known, told = aliases(), found(span.attributes)
    if edge:
        joined(told, edge, known.edge)
    if span.resource:
        joined(told, found(span.resource), known.resource)
    return told


def _value(told: Found, column: str) -> Any:
    return told[column].value if column in told else None


def _words(span: Span, told: Found) -> Row:
    """What was said, and what became of it; parameters as one text, which OpenInference writes, are read as well."""
    hiding, spoken = aliases().redacted, conversation(span, told)
    row = said(spoken.asked, spoken.answered, dialect="otel_messages")
    hidden = [name for name in WORDS if row.get(name) == hiding]
    for name in hidden:
        del row[name]
    if hidden or any(span.attributes.get(name) == hiding for name in aliases().redactable):
        row["content_state"] = "redacted"
    if spoken.cut:
        row["content_state"] = "truncated"
    return parameters(told["parameters"].value) | row if "parameters" in told else row


def parameters(given: object) -> Row:
    """What parameters say that are one text or object, as APIs take them."""
    asked = said(given, None, dialect="openai_chat")
    return {name: value for name, value in asked.items() if name not in ("content_state", *WORDS)}


def _end_user(span: Span, told: Found) -> str | None:
    """The customer's own user, under another name than that which tells who pays."""
    payer = told["account_id"].name if "account_id" in told else ""
    names = (name for name in aliases().columns["end_user_id"] if name != payer)
    return next(filter(None, (text(span.attributes.get(name)) for name in names)), None)


def _status(span: Span, code: object) -> int | None:
    told = whole(code)
    if told is None:
        told = status_of_error(span.error) if span.failed else 200
    return told if told is not None and 100 <= told <= 599 else None


def status_of_error(error: str) -> int | None:
    """The status that an error stands for."""
    code = whole(error)
    return aliases().statuses.get(error) if code is None else code


def stop_reason(value: object) -> str | None:
    """The reason of the first choice; a single reason is also read."""
    listed = items(value)
    return text(listed[0] if listed else None if isinstance(loaded(value), list) else value)


def reasons(level: object) -> bool | None:
    """Whether a call asked for reasoning at this level."""
    return None if level is None else str(level).lower() not in _EFFORTS_OFF
