"""OpenAI Chat Completions, which many gateways and servers speak whatever model stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stillwatch.sources.bodies._base import Body, filled, joined_texts
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import at, first, listed, without_nones

SYSTEM = ("system", "developer")
MEDIA = ("image_url", "input_image", "image", "input_audio", "video_url", "file")
FORMATS = ("text", "json_object", "json_schema")
_AS_THEY_ARE = ("model", "temperature", "top_p", "n", "seed", "logprobs")
_COUNTS = (("input_tokens", "prompt_tokens"), ("output_tokens", "completion_tokens"))
_PARTS = (
    ("cached_input_tokens", "prompt_tokens_details", "cached_tokens"),
    ("reasoning_tokens", "completion_tokens_details", "reasoning_tokens"),
)
EFFORTS_OFF = (None, "none", "minimal")


def _request(body: Mapping[str, Any]) -> Row:
    messages = body.get("messages")
    told = _conversation(messages) if isinstance(messages, list) else {}
    for name in _AS_THEY_ARE:
        if (value := body.get(name)) is not None:
            told[name] = value
    for column, turn in _TURNED:
        if (value := turn(body)) is not None:
            told[column] = value
    return told


def _conversation(messages: list[Any]) -> Row:
    """What all messages tell: the system's text, the last one that is not the model's, how many, and their media."""
    told: Row = {}
    system, last, turns, images = [], None, 0, None
    for one in messages:
        if not isinstance(one, dict):
            continue
        role, content = one.get("role"), one.get("content")
        images = (images or 0) + (_media(content) if isinstance(content, list) else 0)
        if role in SYSTEM:
            system.append(_text(content))
            continue
        turns += 1
        if role != "assistant":
            last = content
    if system and (text := joined_texts(system)):
        told["system_prompt"] = text
    if text := _text(last):
        told["prompt"] = text
    if images is not None:
        told["images"] = images
    if turns:
        told["turns"] = turns
    return told


def _response(body: Mapping[str, Any]) -> Row:
    told: Row = {}
    choices = [one for one in listed(body.get("choices")) if isinstance(one, dict)]
    if choices:
        answer = _answer(choices[0]) if len(choices) == 1 else joined_texts(map(_answer, choices))
        if answer is not None:
            told["response"] = answer
        if (reason := choices[0].get("finish_reason")) is not None:
            told["stop_reason"] = reason
    usage = body.get("usage")
    if isinstance(usage, dict):
        for column, name in _COUNTS:
            if (count := usage.get(name)) is not None:
                told[column] = count
        for column, name, part in _PARTS:
            inside = usage.get(name)
            if isinstance(inside, dict) and (count := inside.get(part)) is not None:
                told[column] = count
    return told


def _answer(choice: Mapping[str, Any]) -> str | None:
    message = first(choice, "message", "delta")
    if isinstance(message, dict):
        text, refusal = _text(message.get("content")), message.get("refusal")
        if refusal is not None:
            text = joined_texts((text, refusal))
        if text:
            return text
    return _text(choice.get("text"))


def _joined(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The answer of which the events are pieces: texts by choice, the last stop reason and usage that was told."""
    choices: dict[int, dict[str, Any]] = {}
    whole: dict[str, Any] = {}
    for event in events:
        whole |= {name: value for name, value in event.items() if name != "choices" and value is not None}
        for piece in listed(event.get("choices")):
            if not isinstance(piece, dict):
                continue
            index = piece.get("index")
            choice = choices.setdefault(index if isinstance(index, int) else 0, {"pieces": [], "refused": []})
            content, refusal = at(piece, "delta", "content"), at(piece, "delta", "refusal")
            choice["pieces"] += [content] if isinstance(content, str) else []
            choice["refused"] += [refusal] if isinstance(refusal, str) else []
            choice["finish_reason"] = piece.get("finish_reason") or choice.get("finish_reason")
    whole["choices"] = [
        {
            "index": index,
            "message": {"content": "".join(one["pieces"]), "refusal": "".join(one["refused"]) or None},
            "finish_reason": one.get("finish_reason"),
        }
        for index, one in sorted(choices.items())
    ]
    return whole


def _text(content: object) -> str | None:
    if isinstance(content, str):
        return content or None
    if not isinstance(content, list):
        return None
    return joined_texts([part if isinstance(part, str) else at(part, "text") for part in content])


def _media(content: object) -> int:
    return sum(at(part, "type") in MEDIA for part in listed(content))


def _tools(body: Mapping[str, Any]) -> list[str] | None:
    offered = body.get("tools")
    if offered is None:
        offered = body.get("functions")
    if not isinstance(offered, list):
        return None
    names = map(_tool, offered)
    return [name for name in names if isinstance(name, str)]


def _tool(one: object) -> Any:
    if not isinstance(one, dict):
        return None
    inside = one.get("function")
    return (isinstance(inside, dict) and inside.get("name")) or one.get("name") or one.get("type")


def _tool_choice(body: Mapping[str, Any]) -> str | None:
    choice = body.get("tool_choice")
    if choice is None and (choice := body.get("function_call")) is None:
        return None
    if isinstance(choice, dict):
        return "named"
    return ("required" if choice == "any" else choice) if isinstance(choice, str) else None


def _format(body: Mapping[str, Any]) -> str | None:
    wanted = body.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else wanted
    return kind if kind in FORMATS else None


def _most(body: Mapping[str, Any]) -> Any:
    most = body.get("max_completion_tokens")
    return body.get("max_tokens") if most is None else most


def _user(body: Mapping[str, Any]) -> Any:
    user = body.get("safety_identifier")
    return body.get("user") if user is None else user


def _reasoning(body: Mapping[str, Any]) -> bool | None:
    """Whether thinking was asked for: by effort, or in the ways in which gateways pass it on."""
    thinking = body.get("thinking")
    if isinstance(thinking, dict) and (kind := thinking.get("type")) is not None:
        return bool(kind != "disabled")
    effort = body.get("reasoning_effort")
    effort = body.get("reasoning") if effort is None else effort
    effort = effort.get("effort") if isinstance(effort, dict) else effort
    return None if effort is None else effort not in EFFORTS_OFF


_TURNED: tuple[tuple[str, Callable[[Mapping[str, Any]], Any]], ...] = (
    ("tools", _tools),
    ("tool_choice", _tool_choice),
    ("response_format", _format),
    ("max_tokens", _most),
    ("reasoning", _reasoning),
    ("end_user_id", _user),
)


def _as_request(row: Row) -> dict[str, Any]:
    body = {name: row.get(name) for name in ("model", "temperature", "top_p", "n", "seed", "logprobs")}
    body["max_completion_tokens"] = row.get("max_tokens")
    body["user"] = row.get("end_user_id")
    if filled(row, "prompt", "system_prompt", "turns", "images"):
        body["messages"] = _messages(row)
    if (tools := row.get("tools")) is not None:
        body["tools"] = [{"type": "function", "function": {"name": name}} for name in tools]
    if (choice := row.get("tool_choice")) is not None:
        body["tool_choice"] = {"type": "function", "function": {"name": "x"}} if choice == "named" else choice
    if (kind := row.get("response_format")) is not None:
        body["response_format"] = {"type": kind}
    if (reasoning := row.get("reasoning")) is not None:
        body["reasoning_effort"] = "medium" if reasoning else "none"
    return without_nones(body)


def _messages(row: Row) -> list[dict[str, Any]]:
    """As many messages as the row tells of, the earlier ones empty, the last with its text and its media."""
    system = [{"role": "system", "content": text}] if (text := row.get("system_prompt")) else []
    prompt, images = row.get("prompt"), row.get("images") or 0
    media = [{"type": "image_url", "image_url": {"url": "about:blank"}}] * images
    content = [{"type": "text", "text": prompt or ""}, *media] if media else prompt or ""
    earlier = [{"role": "assistant", "content": ""}] * ((row.get("turns") or 1) - 1)
    return [*system, *earlier, {"role": "user", "content": content}]


def _as_response(row: Row) -> dict[str, Any]:
    details = {"cached_tokens": row.get("cached_input_tokens")}
    made = {"reasoning_tokens": row.get("reasoning_tokens")}
    usage = {
        "prompt_tokens": row.get("input_tokens"),
        "completion_tokens": row.get("output_tokens"),
        "prompt_tokens_details": without_nones(details) or None,
        "completion_tokens_details": without_nones(made) or None,
    }
    body: dict[str, Any] = {"object": "chat.completion", "usage": without_nones(usage) or None}
    if filled(row, "response", "stop_reason"):
        message = {"role": "assistant", "content": row.get("response")}
        body["choices"] = [{"index": 0, "message": message, "finish_reason": row.get("stop_reason")}]
    return without_nones(body)


BODY = Body(
    name="openai_chat",
    asks=lambda body: (
        isinstance(body.get("messages"), list) and not body.get("system") and "anthropic_version" not in body
    ),
    answers=lambda body: isinstance(body.get("choices"), list),
    request=_request,
    response=_response,
    joined=_joined,
    as_request=_as_request,
    as_response=_as_response,
)
