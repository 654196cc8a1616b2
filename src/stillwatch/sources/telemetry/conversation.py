"""What was said in a call, from whichever attributes and events tell it, in the form of today's conventions.

Looked for in this order: whole conversations as a text of JSON or a structure (`gen_ai.input.messages`; in older releases
`gen_ai.prompt`, on the span or on an event in it), one event a message within the span (before v1.37:
`gen_ai.user.message`, `gen_ai.choice`), and numbered attributes (`gen_ai.prompt.0.content` of OpenLLMetry,
`llm.input_messages.0.message.content` of OpenInference). Content is off by default nearly everywhere; then nothing is found.

Programs cut long attributes at a limit of their own; a text of JSON that was cut cannot be read, and `cut` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillwatch.sources.nested.values import first, items, loaded, mapping, without_nones
from stillwatch.sources.telemetry.aliases import NUMBERED, Found, aliases, found
from stillwatch.sources.telemetry.spans import Attributes, Span

REQUEST = ("system_instructions", "input_messages", "tool_definitions")
RESPONSE = ("output_messages",)

_OLD_EVENTS = ("gen_ai.content.prompt", "gen_ai.content.completion")
_CHOICE = "gen_ai.choice"
_ROLES = {"input_messages": "user", "output_messages": "assistant"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """Request and answer as objects, without what was not told; `cut` where a text of JSON breaks off."""

    asked: dict[str, Any]
    answered: dict[str, Any]
    cut: bool


def conversation(span: Span, told: Found) -> Conversation:
    """What was said in this call; `told` is what was found among its attributes."""
    if span.messages:
        told = _with_events(span, told)
    held: dict[str, Any] = {}
    for kind in (*REQUEST, *RESPONSE):
        if kind in told:
            held[kind] = _stated(kind, opened(told[kind].value))
        elif span.messages or NUMBERED in told:
            held[kind] = _spread(kind, span)
    cut = [kind for kind, value in held.items() if _is_json(value)]
    for kind in cut:
        del held[kind]
    asked = {kind: held.get(kind) for kind in REQUEST}
    answered = {kind: held.get(kind) for kind in RESPONSE}
    return Conversation(without_nones(asked), without_nones(answered), bool(cut))


def numbered(attributes: Attributes, prefix: str) -> list[dict[str, Any]]:
    """The objects that are spread over names such as `prefix.0.content`, in the order of their numbers."""
    held: dict[int, dict[str, Any]] = {}
    start = f"{prefix}."
    for name, value in attributes.items():
        if name.startswith(start):
            index, _, rest = name[len(start) :].partition(".")
            if rest and index.isdecimal() and len(index) < 7:
                held.setdefault(int(index), {})[rest] = value
    return [held[index] for index in sorted(held)]


def _is_json(value: object) -> bool:
    """Whether this is a text that begins as a structure in JSON does."""
    return isinstance(value, str) and value.startswith(("[", "{"))


def opened(value: object) -> Any:
    """The structure of which this is the text; a text that is none, or is cut, as it is."""
    return loaded(value) if _is_json(value) else value


def _stated(kind: str, value: object) -> Any:
    """A plain text as the one message that it is; all else as it stands."""
    if not isinstance(value, str) or _is_json(value) or kind == "tool_definitions":
        return value
    return (
        [{"type": "text", "content": value}]
        if kind == "system_instructions"
        else [_message(_ROLES[kind], value)]
    )


def _with_events(span: Span, told: Found) -> Found:
    """What was found, and what the events within the span tell that stand for the call as a whole."""
    for name, more in span.messages:
        if name == aliases().event or name in _OLD_EVENTS:
            told = found(more) | told
    return told


def _spread(kind: str, span: Span) -> list[dict[str, Any]] | None:
    """What is told piece by piece."""
    if span.messages and (messages := _of_events(span.messages, kind)):
        return messages
    for prefix in aliases().numbered.get(kind, ()):
        if pieces := numbered(span.attributes, prefix):
            return [_tool(one) if kind == "tool_definitions" else _gathered(one, kind) for one in pieces]
    return None


def _of_events(events: Sequence[tuple[str, Attributes]], kind: str) -> list[dict[str, Any]]:
    """Messages told by one event each: the answers are choices, all others belong to the request."""
    messages = []
    for name, attributes in events:
        fields = {**mapping(attributes.get("gen_ai.event.content")), **attributes}
        if kind == "output_messages" and name == _CHOICE:
            inside = opened(fields.get("message"))
            content = inside.get("content") if isinstance(inside, dict) else inside
            messages.append(_message("assistant", content, fields.get("finish_reason")))
        elif kind == "input_messages" and name.endswith(".message"):
            role = name.removeprefix("gen_ai.").removesuffix(".message")
            messages.append(_message(role, fields.get("content")))
    return messages


def _gathered(fields: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A message of which the fields stood under numbered names."""
    role = first(fields, "role", "message.role") or _ROLES[kind]
    pieces = numbered(fields, "message.contents")
    content = [_piece(one) for one in pieces] if pieces else first(fields, "content", "message.content")
    return _message(role, content, fields.get("finish_reason"))


def _message(role: object, content: object, finish_reason: object = None) -> dict[str, Any]:
    """A message; its content may be a text of JSON that lists parts, as an API took them."""
    if isinstance(content, str) and content.startswith("[{"):
        listed = items(content)
        if listed and all(
            isinstance(part, dict) and not {"type", "text"}.isdisjoint(part) for part in listed
        ):
            content = listed
    return {"role": role, "parts": content, "finish_reason": finish_reason}


def _piece(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": fields.get("message_content.type"), "content": fields.get("message_content.text")}


def _tool(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A tool by its name, which OpenInference wraps in the schema that the API took."""
    schema = mapping(fields.get("tool.json_schema"))
    within = mapping(schema.get("function")) or schema
    return {"name": first(fields, "name", "tool.name") or within.get("name")}
