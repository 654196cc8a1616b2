"""Amazon Bedrock's Converse and ConverseStream, and the native requests of Amazon Nova, which have the same shape.

- A content block has no `type`, but one key that names its kind: `{"text": ...}`, `{"image": ...}`.
- `messages` hold the conversation; a message of the role `system` belongs to the system prompt and is no turn. The prompt
  is text, text that a guardrail must look at, and what tools gave back, JSON as its text.
- Images, video, audio and documents that tools gave back count like those of a person.
- Tools are `toolSpec` and `systemTool` by name; cache points among them are none.
- `toolChoice` is auto, any or a tool. The API knows no way to forbid tools; `{"none": {}}` is
  read and written where a row says so.
- Thinking is asked for in `additionalModelRequestFields`, by each family of models in its own way: `thinking`,
  `reasoning_config` or `reasoningConfig` with a type other than disabled, or `reasoning_effort`.
- The first signature of a reasoning text, or the first redacted reasoning, is the reasoning token.
- `requestMetadata` names the customer's own user under `end_user_id`, `user_id`, `userId` or `user`; the rest is not read.
- The answer is its text blocks and texts with citations. Reasoning and what tools of the server gave back are not part of
  it.
- `inputTokens` is without what was read from and written into the cache: both are added.
- A stream is a list of events `messageStart`, `contentBlockDelta`, `messageStop`, `metadata`. Texts are joined by block.
- Count of answers, seed and log probabilities have no place in this API.

The model (`modelId`) stands in the address of a call and mostly not in the body; it may be the ARN of a profile and is
told as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from stillwatch.sources.bodies._base import Body, filled, hashed, joined_texts
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import at, first, listed, text, whole, without_nones

_MEDIA = frozenset({"image", "video", "audio", "document"})
_KINDS = _MEDIA | {
    *("text", "toolUse", "toolResult", "guardContent", "cachePoint", "reasoningContent"),
    *("citationsContent", "searchResult"),
}
_OWN = frozenset({"inferenceConfig", "additionalModelRequestFields"})
EVENTS = frozenset(
    {
        *("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop"),
        *("internalServerException", "modelStreamErrorException", "throttlingException"),
    }
)
_CHOICES = {"auto": "auto", "any": "required", "tool": "named", "none": "none"}
_CHOSEN = {
    "auto": {"auto": {}},
    "required": {"any": {}},
    "named": {"tool": {"name": "x"}},
    "none": {"none": {}},
}
_SETTINGS = {"maxTokens": "max_tokens", "temperature": "temperature", "topP": "top_p"}
FORMATS = ("text", "json_object", "json_schema")
_EFFORTS_OFF = ("none", "minimal")
_USERS = ("end_user_id", "user_id", "userId", "user")
_json = msgspec.json.Encoder().encode


def _request(body: Mapping[str, Any]) -> Row:
    messages = [one for one in listed(body.get("messages")) if isinstance(one, dict)]
    turns = [one for one in messages if one.get("role") != "system"]
    said = [one for one in turns if one.get("role") != "assistant"]
    blocks = [block for one in messages for block in _of(one)]
    inside = [block for one in messages if one.get("role") == "system" for block in _of(one)]
    system = [*_blocks(body.get("system")), *inside]
    settings, extra = body.get("inferenceConfig"), body.get("additionalModelRequestFields")
    wanted = at(body, "outputConfig", "textFormat", "type")
    told: Row = {
        "model": text(first(body, "modelId", "model")),
        "system_prompt": joined_texts(map(_written, system)),
        "prompt": joined_texts(map(_said, _of(said[-1]))) if said else None,
        "turns": len(turns) or None,
        "images": sum(map(_media, blocks)) if messages else None,
        "tools": tools_of(at(body, "toolConfig", "tools")),
        "tool_choice": choice_of(at(body, "toolConfig", "toolChoice")),
        "response_format": wanted if wanted in FORMATS else None,
        "max_tokens": first(settings, "maxTokens", "max_new_tokens"),
        "temperature": at(settings, "temperature"),
        "top_p": first(settings, "topP", "top_p"),
        "reasoning": thinks(extra),
        "reasoning_token": hashed(next(_signatures(blocks), None)),
        "end_user_id": text(first(body.get("requestMetadata"), *_USERS)),
    }
    return without_nones(told)


def _response(body: Mapping[str, Any]) -> Row:
    usage = body.get("usage")
    told: Row = {
        "response": joined_texts(_written(block) for block in _of(at(body, "output", "message"))),
        "stop_reason": body.get("stopReason"),
        "input_tokens": read(usage),
        "output_tokens": at(usage, "outputTokens"),
        "cached_input_tokens": cached(usage, "Read"),
    }
    return without_nones(told)


def read(usage: object) -> int | None:
    """All that was read, with what came out of the cache and what went into it."""
    fresh = whole(at(usage, "inputTokens"))
    if fresh is None:
        return None
    return fresh + (whole(cached(usage, "Read")) or 0) + (whole(cached(usage, "Write")) or 0)


def cached(usage: object, way: str) -> Any:
    """A count of the cache, under its name in Converse or in Nova's own answers."""
    return first(usage, f"cache{way}InputTokens", f"cache{way}InputTokenCount")


def _joined(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The answer of which the events are pieces."""
    answer: dict[str, Any] = {}
    blocks: dict[int, list[str]] = {}
    for event in events:
        delta = event.get("contentBlockDelta")
        if isinstance(piece := at(delta, "delta", "text"), str):
            blocks.setdefault(whole(at(delta, "contentBlockIndex")) or 0, []).append(piece)
        answer["stopReason"] = at(event, "messageStop", "stopReason") or answer.get("stopReason")
        answer["usage"] = at(event, "metadata", "usage") or answer.get("usage")
        answer["metrics"] = at(event, "metadata", "metrics") or answer.get("metrics")
    content = [{"text": "".join(pieces)} for _, pieces in sorted(blocks.items())]
    return {**without_nones(answer), "output": {"message": {"role": "assistant", "content": content}}}


def _of(message: object) -> list[Any]:
    return _blocks(message.get("content")) if isinstance(message, dict) else []


def _blocks(content: object) -> list[Any]:
    return content if isinstance(content, list) else [{"text": content}] if isinstance(content, str) else []


def _written(block: object) -> str | None:
    """The text of a block that a person or the model wrote."""
    told = first(block, "text")
    if isinstance(told, str):
        return told
    if told is None:
        told = at(block, "guardContent", "text", "text")
    if told is None:
        cited = listed(at(block, "citationsContent", "content"))
        return joined_texts(one for one in (at(part, "text") for part in cited) if isinstance(one, str))
    return told if isinstance(told, str) else None


def _said(block: object) -> str | None:
    """The same, or what a tool gave back."""
    if not isinstance(block, dict) or "toolResult" not in block:
        return _written(block)
    results = listed(at(block, "toolResult", "content"))
    return joined_texts(map(_result, results)) if results else _written(block)


def _result(one: object) -> str | None:
    told = at(one, "json")
    return _written(one) if told is None else told if isinstance(told, str) else _json(told).decode()


def _media(block: object) -> int:
    """Images, video, audio and documents in a block, those that a tool gave back among them."""
    if not isinstance(block, dict) or isinstance(block.get("text"), str):
        return 0
    inside = listed(at(block, "toolResult", "content"))
    guarded = at(block, "guardContent", "image") is not None
    return sum(not _MEDIA.isdisjoint(one) for one in (block, *inside) if isinstance(one, dict)) + guarded


def _signatures(blocks: list[Any]) -> Iterator[Any]:
    for block in blocks:
        if isinstance(block, dict) and "reasoningContent" in block:
            reasoning = block["reasoningContent"]
            signature = at(reasoning, "reasoningText", "signature") or at(reasoning, "redactedContent")
            if signature:
                yield signature


def tools_of(offered: object) -> list[str] | None:
    """The names of the tools offered."""
    if not isinstance(offered, list):
        return None
    names = (at(first(one, "toolSpec", "systemTool"), "name") for one in offered)
    return [name for name in names if isinstance(name, str)]


def choice_of(choice: object) -> str | None:
    """Which tool the model may call."""
    return next((told for key, told in _CHOICES.items() if at(choice, key) is not None), None)


def thinks(extra: object) -> bool | None:
    """Whether thinking was asked for."""
    kinds = (at(extra, name, "type") for name in ("thinking", "reasoning_config", "reasoningConfig"))
    kind = next((one for one in kinds if one is not None), None)
    if kind is not None:
        return bool(kind != "disabled")
    effort = at(extra, "reasoning_effort")
    return None if effort is None else effort not in _EFFORTS_OFF


def _as_request(row: Row) -> dict[str, Any]:
    system, tools, user = row.get("system_prompt"), row.get("tools"), row.get("end_user_id")
    reasoning, wanted = row.get("reasoning"), row.get("response_format")
    settings = {name: row.get(column) for name, column in _SETTINGS.items()}
    offered = {
        "tools": None if tools is None else [{"toolSpec": {"name": name}} for name in tools],
        "toolChoice": _CHOSEN.get(row.get("tool_choice") or ""),
    }
    thinking = {"type": "enabled" if reasoning else "disabled"}
    body = {
        "modelId": row.get("model"),
        "system": [{"text": system}] if system else None,
        "messages": _messages(row) if filled(row, "prompt", "turns", "images") else None,
        "inferenceConfig": without_nones(settings) or None,
        "toolConfig": without_nones(offered) or None,
        "additionalModelRequestFields": None if reasoning is None else {"thinking": thinking},
        "outputConfig": None if wanted is None else {"textFormat": {"type": wanted}},
        "requestMetadata": None if user is None else {"end_user_id": user},
    }
    return without_nones(body)


def _messages(row: Row) -> list[dict[str, Any]]:
    """As many messages as the row tells of, the earlier ones empty, the last with its text and its media."""
    earlier = [{"role": "assistant", "content": [{"text": ""}]}] * ((row.get("turns") or 1) - 1)
    media = [{"image": {"format": "png", "source": {"bytes": ""}}}] * (row.get("images") or 0)
    return [*earlier, {"role": "user", "content": [{"text": row.get("prompt") or ""}, *media]}]


def _as_response(row: Row) -> dict[str, Any]:
    read, cached = row.get("input_tokens"), row.get("cached_input_tokens")
    usage = {
        "inputTokens": None if read is None else read - (cached or 0),
        "outputTokens": row.get("output_tokens"),
        "cacheReadInputTokens": cached,
    }
    answer = row.get("response")
    message = {"role": "assistant", "content": [{"text": answer}] if answer else []}
    body = {
        "output": {"message": message} if filled(row, "response", "stop_reason") else None,
        "stopReason": row.get("stop_reason"),
        "usage": without_nones(usage) or None,
    }
    return without_nones(body)


def _asks(body: Mapping[str, Any]) -> bool:
    """By the first content block, which names its kind by a key; where there is none, by keys of the request."""
    for message in listed(body.get("messages")):
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list) and content:
            block = content[0]
            return (
                not _OWN.isdisjoint(body)
                if block is None
                else isinstance(block, dict) and "type" not in block and not _KINDS.isdisjoint(block)
            )
    return not _OWN.isdisjoint(body)


def _answers(body: Mapping[str, Any]) -> bool:
    is_whole = at(body, "output", "message") is not None or at(body, "usage", "inputTokens") is not None
    return is_whole or not EVENTS.isdisjoint(body)


BODY = Body(
    name="bedrock_converse",
    asks=_asks,
    answers=_answers,
    request=_request,
    response=_response,
    joined=_joined,
    as_request=_as_request,
    as_response=_as_response,
)
