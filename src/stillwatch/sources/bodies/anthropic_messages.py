"""Anthropic Messages, as its own API, Bedrock and Vertex speak it.

The system prompt stands beside the messages. The text of a message is that of its blocks, and of what tools gave back
inside them; documents count as files, and what is written in them is not read. Thinking is no part of the answer. A block
of thinking that the request brings along is known again by its signature, or by its data where it was redacted.

`input_tokens` of this API leaves out what was read from the cache and what was written to it; the column holds all three.
The counts in a stream are totals so far, so the last one holds. An effort asks for thinking, unless thinking is disabled.

A request is recognised by `anthropic_version`, by `system`, by tools with an `input_schema`, by blocks that only this
dialect has, or by a parameter of its own. One without any of these is left to OpenAI's dialect, where it says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stillwatch.sources.bodies._base import Body, filled, hashed, joined_texts, tool_names
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import NOTHING, at, items, whole, without_nones

_MEDIA = ("image", "document", "container_upload")
_CHOICES = {"auto": "auto", "any": "required", "required": "required", "tool": "named", "none": "none"}
_COUNTS_IN = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_BLOCKS = ("tool_use", "tool_result", "thinking", "redacted_thinking")
_ENCRYPTED = {"thinking": "signature", "redacted_thinking": "data"}
_EVENTS = ("message_start", "content_block_start", "content_block_delta", "message_delta")
_CONVERSE = frozenset({"inferenceConfig", "toolConfig", "additionalModelRequestFields", "modelId"})
_CHAT = frozenset(
    {"n", "seed", "user", "stop", "logprobs", "response_format", "reasoning_effort", "max_completion_tokens"}
)


def _request(body: Mapping[str, Any]) -> Row:
    messages = _objects(body.get("messages"))
    blocks = [block for one in messages for block in _blocks(one.get("content"))]
    asked = [one for one in messages if one.get("role") not in ("assistant", "system")]
    later = (_text(one.get("content")) for one in messages if one.get("role") == "system")
    told: Row = {
        "system_prompt": joined_texts((_text(body.get("system")), *later)),
        "prompt": _text(asked[-1].get("content")) if asked else None,
        "turns": sum(one.get("role") != "system" for one in messages) or None,
        "images": sum(block.get("type") in _MEDIA for block in blocks) if messages else None,
        "tools": tool_names(body.get("tools")),
        "tool_choice": _tool_choice(body.get("tool_choice")),
        "response_format": _format(body),
        "reasoning": _reasoning(body),
        "reasoning_token": next((token for block in blocks if (token := _token(block))), None),
        "end_user_id": at(body, "metadata", "user_id"),
    }
    for name in ("model", "max_tokens", "temperature", "top_p"):
        told[name] = body.get(name)
    return without_nones(told)


def _response(body: Mapping[str, Any]) -> Row:
    usage = body.get("usage")
    counts = [count for name in _COUNTS_IN if (count := whole(at(usage, name))) is not None]
    told: Row = {
        "response": _text(body.get("content")),
        "stop_reason": body.get("stop_reason"),
        "input_tokens": sum(counts) if counts else None,
        "output_tokens": at(usage, "output_tokens"),
        "cached_input_tokens": at(usage, "cache_read_input_tokens"),
        "reasoning_tokens": at(usage, "output_tokens_details", "thinking_tokens"),
    }
    return without_nones(told)


def _joined(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The answer of which the events are pieces: its texts block by block, the last stop reason, the highest counts."""
    told: dict[str, Any] = {}
    usage: Mapping[str, Any] = {}
    pieces: dict[int, list[str]] = {}
    for event in events:
        delta = event.get("delta") if event.get("type") == "message_delta" else None
        for more in (event.get("message"), delta):
            told |= without_nones(more) if isinstance(more, dict) else NOTHING
        for counts in (at(event, "message", "usage"), event.get("usage")):
            usage = _grown(usage, counts)
        if piece := _piece(event):
            index = event.get("index")
            pieces.setdefault(index if isinstance(index, int) else 0, []).append(piece)
    content = [{"type": "text", "text": "".join(some)} for _, some in sorted(pieces.items())]
    return {**told, "type": "message", "content": content or told.get("content"), "usage": usage}


def _grown(usage: Mapping[str, Any], more: object) -> Mapping[str, Any]:
    """The counts with later ones in their place, unless those are nothing: some gateways fill in a zero."""
    if not isinstance(more, dict):
        return usage
    return {**usage, **{name: count for name, count in more.items() if count or name not in usage}}


def _piece(event: Mapping[str, Any]) -> str | None:
    text = at(event.get("delta"), "text") or at(event.get("content_block"), "text")
    return text if isinstance(text, str) else None


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in items(value) if isinstance(one, dict)]


def _blocks(content: object) -> Iterator[Mapping[str, Any]]:
    """The blocks of a message, and those inside of what a tool gave back."""
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict):
            yield block
            if block.get("type") == "tool_result" and isinstance(block.get("content"), list):
                yield from _objects(block["content"])


def _text(content: object) -> str | None:
    if isinstance(content, str):
        return content or None
    return joined_texts(_text_of(block) for block in _blocks(content))


def _text_of(block: Mapping[str, Any]) -> str | None:
    said = block.get("content" if block.get("type") == "tool_result" else "text")
    return said if isinstance(said, str) else None


def _token(block: Mapping[str, Any]) -> str | None:
    kind = block.get("type")
    return hashed(block.get(_ENCRYPTED[kind])) if isinstance(kind, str) and kind in _ENCRYPTED else None


def _tool_choice(choice: object) -> str | None:
    kind = at(choice, "type") if isinstance(choice, dict) else choice
    return _CHOICES.get(kind) if isinstance(kind, str) else None


def _format(body: Mapping[str, Any]) -> str | None:
    wanted = at(body, "output_config", "format") or body.get("output_format")
    return "json_schema" if at(wanted, "type") == "json_schema" else None


def _reasoning(body: Mapping[str, Any]) -> bool | None:
    thinking = at(body, "thinking", "type")
    if thinking is not None:
        return bool(thinking != "disabled")
    return True if at(body, "output_config", "effort") else None


def _asks(body: Mapping[str, Any]) -> bool:
    if not _CONVERSE.isdisjoint(body):
        return False
    if body.get("anthropic_version"):
        return True
    if not isinstance(body.get("messages"), list):
        return False
    if system := body.get("system"):
        return isinstance(system, str) or (isinstance(system, list) and at(system[0], "type") == "text")
    return _has_own_parts(body) or (_CHAT.isdisjoint(body) and _has_own_parameters(body))


def _has_own_parts(body: Mapping[str, Any]) -> bool:
    """Whether tools or blocks are such as only this dialect has."""
    offered = body.get("tools")
    for tool in offered if isinstance(offered, list) else ():
        if isinstance(tool, dict) and "input_schema" in tool:
            return True
    for message in body["messages"]:
        if isinstance(message, dict) and isinstance(content := message.get("content"), list):
            for block in _blocks(content):
                kind = block.get("type")
                if kind in _BLOCKS or ("source" in block and kind in _MEDIA):
                    return True
    return False


def _has_own_parameters(body: Mapping[str, Any]) -> bool:
    thinking, metadata = body.get("thinking"), body.get("metadata")
    return (
        (isinstance(thinking, dict) and _is_own_thinking(thinking))
        or body.get("output_config") is not None
        or body.get("stop_sequences") is not None
        or (isinstance(metadata, dict) and metadata.keys() == {"user_id"} and "max_tokens" in body)
    )


def _is_own_thinking(thinking: Mapping[str, Any]) -> bool:
    return thinking.get("budget_tokens") is not None or thinking.get("type") == "adaptive"


def _answers(body: Mapping[str, Any]) -> bool:
    kind = body.get("type")
    return kind in _EVENTS or (kind == "message" and isinstance(body.get("content"), list))


def _as_request(row: Row) -> dict[str, Any]:
    body = {name: row.get(name) for name in ("model", "max_tokens", "temperature", "top_p")}
    body["system"] = row.get("system_prompt") or None
    if filled(row, "prompt", "system_prompt", "turns", "images"):
        body["messages"] = _messages(row)
    if (tools := row.get("tools")) is not None:
        body["tools"] = [{"name": name, "input_schema": {"type": "object"}} for name in tools]
    if (choice := row.get("tool_choice")) is not None:
        kind = {"required": "any", "named": "tool"}.get(choice, choice)
        body["tool_choice"] = {"type": kind, "name": "x"} if kind == "tool" else {"type": kind}
    if row.get("response_format") == "json_schema":
        body["output_config"] = {"format": {"type": "json_schema", "schema": {"type": "object"}}}
    if (reasoning := row.get("reasoning")) is not None:
        body["thinking"] = {"type": "adaptive" if reasoning else "disabled"}
    if (user := row.get("end_user_id")) is not None:
        body["metadata"] = {"user_id": user}
    told = without_nones(body)
    return {"anthropic_version": "bedrock-2023-05-31", **told} if told else told


def _messages(row: Row) -> list[dict[str, Any]]:
    """As many messages as the row tells of, the earlier ones empty, the last with its text and its media."""
    prompt, images = row.get("prompt") or "", row.get("images") or 0
    media = [{"type": "image", "source": {"type": "url", "url": "about:blank"}}] * images
    content = [{"type": "text", "text": prompt}, *media] if media else prompt
    earlier = [{"role": "assistant", "content": ""}] * ((row.get("turns") or 1) - 1)
    return [*earlier, {"role": "user", "content": content}]


def _as_response(row: Row) -> dict[str, Any]:
    read, cached = row.get("input_tokens"), row.get("cached_input_tokens")
    thought = row.get("reasoning_tokens")
    usage = {
        "input_tokens": None if read is None else max(0, read - (cached or 0)),
        "cache_read_input_tokens": cached,
        "output_tokens": row.get("output_tokens"),
        "output_tokens_details": None if thought is None else {"thinking_tokens": thought},
    }
    response = row.get("response")
    body = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": response}] if response else [],
        "stop_reason": row.get("stop_reason"),
        "usage": without_nones(usage) or None,
    }
    return without_nones(body)


BODY = Body(
    name="anthropic_messages",
    asks=_asks,
    answers=_answers,
    request=_request,
    response=_response,
    joined=_joined,
    as_request=_as_request,
    as_response=_as_response,
)
