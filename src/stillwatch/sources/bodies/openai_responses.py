"""OpenAI Responses: `input` in place of messages, which is a text or a list of items.

Items are messages, the calls of tools and what they gave back, and reasoning. What the model said, thought and called in
one go counts as one turn; each answer of a tool counts as one, as in Chat Completions. A request that names an earlier
response or a conversation holds only what is new, since the server keeps the rest: `turns` is left out, and the
conversation is the session. A block of reasoning that was sent along encrypted is known again by its hash.

The prompt is the last text that is not the model's: a short one says nothing of the task where the server keeps the rest.
The answer is the text of the messages in `output` and refusals; reasoning is none of it. The stop reason is why the
answer is incomplete, else its status. `input_tokens` holds what was cached.

A stream ends with an event that holds the whole answer; one that broke off before is put together from its pieces, and
has no stop reason. Requests for embeddings, moderation and speech have an `input` as well: those that cannot be told by
their parameters must be kept away by whoever knows the address that was called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.sources.bodies._base import Body, filled, hashed, joined_texts, tool_names
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import at, first, items, text, whole, without_nones

_SYSTEM = ("system", "developer")
_MEDIA = ("input_image", "input_file", "input_audio", "input_video", "image_url", "computer_screenshot")
_FORMATS = ("text", "json_object", "json_schema")
_CHOICES = ("auto", "none", "required")
_EFFORTS_OFF = ("none", "minimal")
_STATUSES = ("completed", "failed", "incomplete", "cancelled", "in_progress", "queued")
_LAST = (
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
    "response.done",
)
_LOGPROBS = "message.output_text.logprobs"
_OTHERS = frozenset(
    {"messages", "contents", "encoding_format", "dimensions", "voice", "input_type", "generation_config"}
)


def _request(body: Mapping[str, Any]) -> Row:
    given = _items(body.get("input"))
    said = [one for one in given if one.get("role") not in _SYSTEM]
    asked = [one for one in said if not _is_of_model(one)]
    system = (_text(one.get("content")) for one in given if one.get("role") in _SYSTEM)
    conversation = body.get("conversation")
    told: Row = {
        "system_prompt": joined_texts((_text(body.get("instructions")), *system)),
        "prompt": _text(_content(asked[-1])) if asked else None,
        "turns": None if conversation or body.get("previous_response_id") else _turns(said),
        "images": sum(_media(_content(one)) for one in given) if given else None,
        "tools": tool_names(body.get("tools")),
        "tool_choice": _tool_choice(body.get("tool_choice")),
        "response_format": _format(at(body, "text", "format", "type")),
        "max_tokens": body.get("max_output_tokens"),
        "logprobs": _logprobs(body),
        "reasoning": _reasoning(body.get("reasoning")),
        "reasoning_token": next(
            (key for one in given if (key := hashed(one.get("encrypted_content")))), None
        ),
        "end_user_id": first(body, "safety_identifier", "user"),
        "session_id": text(at(conversation, "id") if isinstance(conversation, dict) else conversation),
    }
    for name in ("model", "temperature", "top_p"):
        told[name] = body.get(name)
    return without_nones(told)


def _response(body: Mapping[str, Any]) -> Row:
    inside = body.get("response")
    answer: Mapping[str, Any] = inside if isinstance(inside, dict) else body
    usage = answer.get("usage")
    read, made = (f"{kind}_tokens_details" for kind in ("input", "output"))
    told: Row = {
        "response": joined_texts(_answer(one) for one in items(answer.get("output")))
        or _text(answer.get("output_text")),
        "stop_reason": at(answer, "incomplete_details", "reason") or answer.get("status"),
        "input_tokens": first(usage, "input_tokens", "prompt_tokens"),
        "output_tokens": first(usage, "output_tokens", "completion_tokens"),
        "cached_input_tokens": at(first(usage, read, "prompt_tokens_details"), "cached_tokens"),
        "reasoning_tokens": at(first(usage, made, "completion_tokens_details"), "reasoning_tokens"),
    }
    return without_nones(told)


def _answer(item: object) -> str | None:
    """What a message of the answer says, or its refusal; None for all else that the model put out."""
    if at(item, "type") not in ("message", None):
        return None
    content = at(item, "content")
    if isinstance(content, str):
        return content
    said = (first(part, "text", "refusal") for part in items(content))
    return joined_texts(one for one in said if isinstance(one, str))


def _joined(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The answer in the last event; if none holds it, what the pieces give."""
    told: dict[str, Any] = {}
    pieces: dict[tuple[int, int], list[str]] = {}
    for event in events:
        if isinstance(answer := event.get("response"), dict):
            told = dict(answer) if event.get("type") in _LAST else {**answer, "status": None}
        elif (piece := _piece(event)) is not None:
            place = _number(event.get("output_index")), _number(event.get("content_index"))
            if str(event.get("type")).endswith(".done"):
                pieces.pop(place, None)
            pieces.setdefault(place, []).append(piece)
    if not told.get("output"):
        content = [{"type": "output_text", "text": "".join(some)} for _, some in sorted(pieces.items())]
        told["output"] = [{"type": "message", "role": "assistant", "content": content}]
    return told


def _piece(event: Mapping[str, Any]) -> str | None:
    """The text that an event adds, or the whole of it at its end."""
    kind = event.get("type")
    names = {"response.output_text": ("delta", "text"), "response.refusal": ("delta", "refusal")}
    stem = str(kind).rpartition(".")[0]
    said = first(event, *names[stem]) if stem in names else None
    return said if isinstance(said, str) else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _items(given: object) -> list[Mapping[str, Any]]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    return [one for one in items(given) if isinstance(one, dict)]


def _is_of_model(item: Mapping[str, Any]) -> bool:
    """Whether the model made it: its messages, reasoning and calls, which are often sent by reference."""
    role, kind = item.get("role"), item.get("type")
    if role is not None:
        return bool(role == "assistant")
    return not (isinstance(kind, str) and kind.endswith(("_output", "_response")))


def _content(item: Mapping[str, Any]) -> object:
    return first(item, "content", "output")


def _turns(said: Sequence[Mapping[str, Any]]) -> int | None:
    """Messages and what tools gave back; all that the model made in one go is one."""
    count, was_of_model = 0, False
    for item in said:
        is_of_model = _is_of_model(item)
        count += not (is_of_model and was_of_model)
        was_of_model = is_of_model
    return count or None


def _text(content: object) -> str | None:
    if isinstance(content, str):
        return content or None
    parts = (at(part, "text") for part in content) if isinstance(content, list) else ()
    return joined_texts(part for part in parts if isinstance(part, str))


def _media(content: object) -> int:
    return sum(at(part, "type") in _MEDIA for part in (content if isinstance(content, list) else [content]))


def _tool_choice(choice: object) -> str | None:
    if isinstance(choice, dict):
        if choice.get("type") != "allowed_tools":
            return "named"
        choice = choice.get("mode")
    return choice if isinstance(choice, str) and choice in _CHOICES else None


def _format(kind: object) -> str | None:
    return kind if isinstance(kind, str) and kind in _FORMATS else None


def _logprobs(body: Mapping[str, Any]) -> bool | None:
    included, top = body.get("include"), whole(body.get("top_logprobs"))
    if isinstance(included, list) and _LOGPROBS in included:
        return True
    return None if top is None else top > 0


def _reasoning(wanted: object) -> bool | None:
    if (effort := at(wanted, "effort")) is not None:
        return effort not in _EFFORTS_OFF
    return True if first(wanted, "summary", "generate_summary") else None


def _asks(body: Mapping[str, Any]) -> bool:
    if _OTHERS & body.keys():
        return False
    given = body.get("input")
    if isinstance(given, list) and given:
        return isinstance(given[0], dict)
    return isinstance(given, str) or any(
        body.get(name) is not None for name in ("max_output_tokens", "previous_response_id")
    )


def _answers(body: Mapping[str, Any]) -> bool:
    kind = body.get("type")
    return (
        body.get("object") == "response"
        or isinstance(body.get("output"), list)
        or (isinstance(kind, str) and kind.startswith("response."))
    )


def _as_request(row: Row) -> dict[str, Any]:
    body = {name: row.get(name) for name in ("model", "temperature", "top_p")}
    body["instructions"] = row.get("system_prompt") or None
    body["max_output_tokens"] = row.get("max_tokens")
    body["safety_identifier"] = row.get("end_user_id")
    body["conversation"] = row.get("session_id") if row.get("turns") is None else None
    if filled(row, "prompt", "turns", "images"):
        body["input"] = _input(row)
    if (tools := row.get("tools")) is not None:
        body["tools"] = [{"type": "function", "name": name} for name in tools]
    if (choice := row.get("tool_choice")) is not None:
        body["tool_choice"] = {"type": "function", "name": "x"} if choice == "named" else choice
    if (kind := row.get("response_format")) is not None:
        body["text"] = {"format": {"type": kind}}
    if (reasoning := row.get("reasoning")) is not None:
        body["reasoning"] = {"effort": "medium" if reasoning else "none"}
    if (logprobs := row.get("logprobs")) is not None:
        body |= {"include": [_LOGPROBS]} if logprobs else {"top_logprobs": 0}
    return without_nones(body)


def _input(row: Row) -> list[dict[str, Any]]:
    """As many messages as the row tells of, the earlier ones empty, the last with its text and its media."""
    media = [{"type": "input_image", "image_url": "about:blank"}] * (row.get("images") or 0)
    content = [{"type": "input_text", "text": row.get("prompt") or ""}, *media]
    earlier = [{"role": "user", "content": ""}] * ((row.get("turns") or 1) - 1)
    return [*earlier, {"role": "user", "content": content}]


def _as_response(row: Row) -> dict[str, Any]:
    cached, thought = row.get("cached_input_tokens"), row.get("reasoning_tokens")
    usage = {
        "input_tokens": row.get("input_tokens"),
        "input_tokens_details": None if cached is None else {"cached_tokens": cached},
        "output_tokens": row.get("output_tokens"),
        "output_tokens_details": None if thought is None else {"reasoning_tokens": thought},
    }
    response, reason = row.get("response"), row.get("stop_reason")
    content = [{"type": "output_text", "text": response}]
    body = {
        "object": "response",
        "status": reason if reason is None or reason in _STATUSES else "incomplete",
        "incomplete_details": None if reason is None or reason in _STATUSES else {"reason": reason},
        "output": [{"type": "message", "role": "assistant", "content": content}] if response else [],
        "usage": without_nones(usage) or None,
    }
    return without_nones(body)


BODY = Body(
    name="openai_responses",
    asks=_asks,
    answers=_answers,
    request=_request,
    response=_response,
    joined=_joined,
    as_request=_as_request,
    as_response=_as_response,
)
