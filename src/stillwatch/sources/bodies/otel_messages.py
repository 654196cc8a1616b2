"""Messages of the GenAI conventions of OpenTelemetry, whatever API they were translated from.

The request is `system_instructions`, `input_messages` and `tool_definitions`, the answer `output_messages`: the values of
the attributes `gen_ai.system_instructions`, `gen_ai.input.messages`, `gen_ai.tool.definitions` and
`gen_ai.output.messages`. Each may be a structure, as on events, or a text of JSON, as on spans.

- A message is a role and `parts`; programs that put an API's own messages there write `content` instead, which is read too.
- Messages of the roles system and developer belong to the system prompt and are no turns. Those of assistant and model are
  the model's own.
- A text that is no JSON is one message of a person, or the system prompt. A text of JSON that was cut tells nothing.
- What a tool gave back stands under `response`, in older records under `result`; a structure is told as its JSON.
- Parts of the types blob, file and uri are images, audio, video or files; so are the types that APIs use for them.
- Tools are told by name, also in the form of Chat Completions, where the name stands under `function`.
- The answer is the text parts of all messages; reasoning and calls of tools are not part of it. The stop reason is that of
  the first message; newer programs write it into another attribute only.

Model, sampling parameters and token counts stand in attributes beside and are not told here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stillwatch.sources.bodies._base import Body, filled, joined_texts, tool_names
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import at, first, loaded, without_nones

SYSTEM = ("system", "developer")
MODEL_ROLES = ("assistant", "model")
MEDIA = frozenset(
    {
        *("blob", "file", "uri", "image", "audio", "video", "document", "binary"),
        *("image_url", "input_image", "input_audio", "video_url", "input_file"),
        *("image-url", "audio-url", "video-url", "document-url"),
    }
)
TEXTS = ("text", "input_text", "output_text", "refusal")
RESULTS = ("tool_call_response", "tool_result", "function_call_output")
_REQUEST = frozenset({"system_instructions", "input_messages", "tool_definitions"})
_json = msgspec.json.Encoder().encode


def _request(body: Mapping[str, Any]) -> Row:
    told: Row = {}
    system = [_text(_parts(_whole(body.get("system_instructions"))))]
    messages = _messages(body.get("input_messages"))
    turns, images, last = 0, 0, None
    for one in messages:
        role, parts = one.get("role"), _of(one)
        images += sum(map(_is_media, parts))
        if role in SYSTEM:
            system.append(_text(parts))
            continue
        turns += 1
        if role not in MODEL_ROLES:
            last = parts
    told["system_prompt"] = joined_texts(system)
    told["prompt"] = _text(last) if last else None
    told["turns"] = turns or None
    told["images"] = images if messages else None
    told["tools"] = tool_names(loaded(body.get("tool_definitions")))
    return without_nones(told)


def _response(body: Mapping[str, Any]) -> Row:
    messages = _messages(body.get("output_messages"))
    told: Row = {
        "response": joined_texts(_text(_of(one)) for one in messages),
        "stop_reason": at(messages[0], "finish_reason") if messages else None,
    }
    return without_nones(told)


def _joined(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The messages of all records, one after the other; the conventions know no events of a stream."""
    return {"output_messages": [one for event in events for one in _messages(event.get("output_messages"))]}


def _messages(value: object) -> list[dict[str, Any]]:
    told = _whole(value)
    if isinstance(told, str):
        return [{"parts": told}]
    return [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, dict)]


def _whole(value: object) -> Any:
    """The value, parsed where it is a text of JSON; nothing of one that was cut."""
    told = loaded(value)
    return None if isinstance(told, str) and told.startswith(("[", "{")) else told


def _of(message: Mapping[str, Any]) -> list[Any]:
    return _parts(first(message, "parts", "content"))


def _parts(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str | dict) else []


def _text(parts: list[Any]) -> str | None:
    return joined_texts(map(_said, parts))


def _said(part: object) -> str | None:
    """The text of a part, or of what a tool gave back; of another one none."""
    if not isinstance(part, dict):
        return part if isinstance(part, str) else None
    kind = part.get("type")
    if kind is None and "role" in part:
        return joined_texts(_plain(one) for one in _of(part))
    if kind in RESULTS:
        told = first(part, "response", "result", "content", "output")
        return told if told is None or isinstance(told, str) else _json(told).decode()
    return _plain(part) if kind is None or kind in TEXTS else None


def _plain(part: object) -> str | None:
    told = part if isinstance(part, str) else first(part, "content", "text", "refusal")
    return told if isinstance(told, str) else None


def _is_media(part: object) -> bool:
    kind = part.get("type") if isinstance(part, dict) else None
    return isinstance(kind, str) and kind in MEDIA


def _as_request(row: Row) -> dict[str, Any]:
    system, tools = row.get("system_prompt"), row.get("tools")
    body = {
        "system_instructions": [_part(system)] if system else None,
        "input_messages": _as_messages(row) if filled(row, "prompt", "turns", "images") else None,
        "tool_definitions": None if tools is None else [{"type": "function", "name": name} for name in tools],
    }
    return without_nones(body)


def _as_messages(row: Row) -> list[dict[str, Any]]:
    """As many messages as the row tells of, the earlier ones empty, the last with its text and its media."""
    earlier = [{"role": "assistant", "parts": [_part("")]}] * ((row.get("turns") or 1) - 1)
    media = [{"type": "uri", "modality": "image", "uri": "about:blank"}] * (row.get("images") or 0)
    return [*earlier, {"role": "user", "parts": [_part(row.get("prompt") or ""), *media]}]


def _as_response(row: Row) -> dict[str, Any]:
    if not filled(row, "response", "stop_reason"):
        return {}
    answer = row.get("response")
    message = {
        "role": "assistant",
        "parts": [_part(answer)] if answer else [],
        "finish_reason": row.get("stop_reason"),
    }
    return {"output_messages": [without_nones(message)]}


def _part(content: str) -> dict[str, str]:
    return {"type": "text", "content": content}


BODY = Body(
    name="otel_messages",
    asks=lambda body: not _REQUEST.isdisjoint(body),
    answers=lambda body: "output_messages" in body,
    request=_request,
    response=_response,
    joined=_joined,
    as_request=_as_request,
    as_response=_as_response,
)
