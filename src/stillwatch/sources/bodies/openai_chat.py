"""OpenAI Chat Completions, which many gateways and servers speak whatever model stands behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.sources.bodies._base import Body, filled, joined_texts
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import at, first, without_nones

_SYSTEM = ("system", "developer")
_MEDIA = ("image_url", "input_image", "image", "input_audio", "video_url", "file")
_FORMATS = ("text", "json_object", "json_schema")
_EFFORTS_OFF = (None, "none", "minimal")


def _request(body: Mapping[str, Any]) -> Row:
    messages = [one for one in _list(body.get("messages")) if isinstance(one, dict)]
    system = joined_texts(_text(one.get("content")) for one in messages if one.get("role") in _SYSTEM)
    said = [one for one in messages if one.get("role") not in (*_SYSTEM, "assistant")]
    told: Row = {
        "system_prompt": system,
        "prompt": _text(said[-1].get("content")) if said else None,
        "turns": sum(one.get("role") not in _SYSTEM for one in messages) or None,
        "images": sum(_media(one.get("content")) for one in messages) if messages else None,
        "tools": _tools(body),
        "tool_choice": _tool_choice(body),
        "response_format": _format(body.get("response_format")),
        "max_tokens": first(body, "max_completion_tokens", "max_tokens"),
        "logprobs": body.get("logprobs"),
        "reasoning": _reasoning(body),
        "end_user_id": first(body, "safety_identifier", "user"),
    }
    for name in ("model", "temperature", "top_p", "n", "seed"):
        told[name] = body.get(name)
    return without_nones(told)


def _response(body: Mapping[str, Any]) -> Row:
    choices = [one for one in _list(body.get("choices")) if isinstance(one, dict)]
    usage = body.get("usage")
    told: Row = {
        "response": joined_texts(_answer(one) for one in choices),
        "stop_reason": at(choices[0], "finish_reason") if choices else None,
        "input_tokens": at(usage, "prompt_tokens"),
        "output_tokens": at(usage, "completion_tokens"),
        "cached_input_tokens": at(usage, "prompt_tokens_details", "cached_tokens"),
        "reasoning_tokens": at(usage, "completion_tokens_details", "reasoning_tokens"),
    }
    return without_nones(told)


def _answer(choice: Mapping[str, Any]) -> str | None:
    message = first(choice, "message", "delta")
    return joined_texts((_text(at(message, "content")), at(message, "refusal"))) or _text(choice.get("text"))


def _joined(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The answer of which the events are pieces: texts by choice, the last stop reason and usage that was told."""
    choices: dict[int, dict[str, Any]] = {}
    whole: dict[str, Any] = {}
    for event in events:
        whole |= {name: value for name, value in event.items() if name != "choices" and value is not None}
        for piece in _list(event.get("choices")):
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
    return joined_texts(
        part if isinstance(part, str) else at(part, "text")
        for part in _list(content)
        if isinstance(part, str) or isinstance(at(part, "text"), str)
    )


def _media(content: object) -> int:
    return sum(at(part, "type") in _MEDIA for part in _list(content))


def _tools(body: Mapping[str, Any]) -> list[str] | None:
    offered = body.get("tools") if body.get("tools") is not None else body.get("functions")
    if not isinstance(offered, list):
        return None
    names = (first(at(one, "function"), "name") or at(one, "name") or at(one, "type") for one in offered)
    return [name for name in names if isinstance(name, str)]


def _tool_choice(body: Mapping[str, Any]) -> str | None:
    choice = first(body, "tool_choice", "function_call")
    if isinstance(choice, dict):
        return "named"
    return {"any": "required"}.get(choice, choice) if isinstance(choice, str) else None


def _format(wanted: object) -> str | None:
    kind = at(wanted, "type") if isinstance(wanted, dict) else wanted
    return kind if kind in _FORMATS else None


def _reasoning(body: Mapping[str, Any]) -> bool | None:
    """Whether thinking was asked for: by effort, or in the ways in which gateways pass it on."""
    thinking = at(body, "thinking", "type")
    if thinking is not None:
        return bool(thinking != "disabled")
    effort = first(body, "reasoning_effort", "reasoning")
    effort = at(effort, "effort") if isinstance(effort, dict) else effort
    return None if effort is None else effort not in _EFFORTS_OFF


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


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
