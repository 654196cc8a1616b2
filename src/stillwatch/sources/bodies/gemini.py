"""Gemini generateContent, as the Gemini API and Vertex AI speak it.

Every key is read in the spelling of the REST API (`generationConfig`) and in that of logs (`generation_config`).

- `contents` hold the messages. One of the role `model` is the model's own, every other one is the customer's, also one
  without a role. A function's result is the text under `output`, `result` or `error`, or else the whole result as JSON.
- `systemInstruction` is the system prompt. With `cachedContent` the server keeps a part of the messages, and `turns` is
  left out.
- Tools are the declared functions by name, and built-in tools by their key as logs spell it (`google_search`).
- `toolConfig` with the mode ANY means required, with one allowed name named. VALIDATED leaves the choice to the model, as
  AUTO does.
- Thinking is asked for by a budget other than 0, by a level above minimal, or by asking for summaries of the thoughts.
- `labels` name the customer's own user under `end_user_id`, `user_id` or `user`; other labels are not read.
- The first `thoughtSignature` in the request is the reasoning token, but not the two fixed texts that Google lets clients
  send where they have none: everybody sends the same.
- The answer is the text of all candidates without thoughts. A prompt that was blocked has no candidate, and the reason of
  the block is the stop reason.
- `promptTokenCount` includes what was cached, but not what tools gave back: that is added. `candidatesTokenCount` is
  without the thoughts, which are added too. It is missing where all tokens went into thoughts.
- A stream is a list of partial answers: texts are joined, the last finish reason and usage count.

The model is the last part of a path such as `publishers/google/models/NAME`. In REST calls it stands in the address and
not in the body; the answer's `modelVersion` is told as the model.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from stillwatch.sources.bodies._base import Body, filled, hashed, joined_texts
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import at, first, text, whole, without_nones

_CHOICES = {"AUTO": "auto", "VALIDATED": "auto", "ANY": "required", "NONE": "none"}
_MODES = {"auto": "AUTO", "required": "ANY", "named": "ANY", "none": "NONE"}
_LEVELS = {"MINIMAL": False, "LOW": True, "MEDIUM": True, "HIGH": True, "XHIGH": True}
FORMATS = {"text/plain": "text", "application/json": "json_object"}
_MIME_TYPES = {"text": "text/plain", "json_object": "application/json", "json_schema": "application/json"}
_MEDIA = frozenset({"inlineData", "inline_data", "fileData", "file_data"})
USERS = ("end_user_id", "user_id", "user")
_NO_SIGNATURES = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
_SIGNED_BY_NOBODY = frozenset(
    {*_NO_SIGNATURES, *(b64encode(one.encode()).decode() for one in _NO_SIGNATURES)}
)
_json = msgspec.json.Encoder().encode


@lru_cache(256)
def _in_logs(name: str) -> str:
    """The name as logs spell it: `maxOutputTokens` is `max_output_tokens` there."""
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)


def get(value: object, *names: str) -> Any:
    """What stands at a path of keys, each in either spelling."""
    for name in names:
        if not isinstance(value, dict):
            return None
        found = value.get(name)
        value = value.get(_in_logs(name)) if found is None else found
    return value


def _request(body: Mapping[str, Any]) -> Row:
    contents = body.get("contents")
    messages = [contents] if isinstance(contents, str) else _list(contents)
    said = [one for one in messages if not isinstance(one, dict) or one.get("role") != "model"]
    parts = [part for one in messages for part in _parts(one) if isinstance(part, dict)]
    told: Row = {
        "model": _model(body.get("model")),
        "system_prompt": _text(get(body, "systemInstruction")),
        "prompt": _text(said[-1]) if said else None,
        "turns": len(messages) or None if get(body, "cachedContent") is None else None,
        "images": sum(map(_media, parts)) if messages else None,
        "tools": tools_of(body.get("tools")),
        "tool_choice": choice_of(get(body, "toolConfig", "functionCallingConfig")),
        "reasoning_token": _reasoning_token(parts),
        "end_user_id": text(first(body.get("labels"), *USERS)),
    }
    return without_nones(told | _settings(get(body, "generationConfig")))


def _settings(config: object) -> Row:
    return {
        "max_tokens": get(config, "maxOutputTokens"),
        "temperature": get(config, "temperature"),
        "top_p": get(config, "topP"),
        "n": get(config, "candidateCount"),
        "seed": get(config, "seed"),
        "logprobs": get(config, "responseLogprobs"),
        "reasoning": thinks(get(config, "thinkingConfig")),
        "response_format": _format(config),
    }


def _response(body: Mapping[str, Any]) -> Row:
    candidates = [one for one in _list(body.get("candidates")) if isinstance(one, dict)]
    usage = get(body, "usageMetadata")
    stopped = get(candidates[0], "finishReason") if candidates else None
    told: Row = {
        "model": _model(get(body, "modelVersion")),
        "response": joined_texts(_text(one.get("content")) for one in candidates),
        "stop_reason": get(body, "promptFeedback", "blockReason") if stopped is None else stopped,
        "input_tokens": read(usage),
        "output_tokens": made(usage),
        "cached_input_tokens": get(usage, "cachedContentTokenCount"),
        "reasoning_tokens": get(usage, "thoughtsTokenCount"),
    }
    return without_nones(told)


def read(usage: object) -> int | None:
    """All that was read, with what tools gave back."""
    prompt = whole(get(usage, "promptTokenCount"))
    return None if prompt is None else prompt + (whole(get(usage, "toolUsePromptTokenCount")) or 0)


def made(usage: object) -> int | None:
    """Answer and thoughts; thoughts alone are the whole only where a total says that everything was counted."""
    answer, thoughts = whole(get(usage, "candidatesTokenCount")), whole(get(usage, "thoughtsTokenCount"))
    if answer is None and (thoughts is None or get(usage, "totalTokenCount") is None):
        return None
    return (answer or 0) + (thoughts or 0)


def _joined(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The answer of which the events are parts: texts by candidate, what else was told last."""
    answer: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for event in events:
        answer |= {name: told for name, told in event.items() if name != "candidates" and told is not None}
        for piece in _list(event.get("candidates")):
            candidate = candidates.setdefault(whole(at(piece, "index")) or 0, {"pieces": []})
            candidate["pieces"] += [_said(part) or "" for part in _parts(at(piece, "content"))]
            candidate["finishReason"] = get(piece, "finishReason") or candidate.get("finishReason")
    answer["candidates"] = [
        {"content": {"parts": [{"text": "".join(one["pieces"])}]}, "finishReason": one["finishReason"]}
        for _, one in sorted(candidates.items())
    ]
    return answer


def _parts(content: object) -> list[Any]:
    """The parts of a message; client libraries take a bare text or part as well."""
    if isinstance(content, dict) and "parts" in content:
        content = content["parts"]
    return content if isinstance(content, list) else [content] if isinstance(content, str | dict) else []


def _text(content: object) -> str | None:
    return joined_texts(map(_said, _parts(content)))


def _said(part: object) -> str | None:
    """The text of a part, or of what a function gave back; of a thought none."""
    if not isinstance(part, dict):
        return part if isinstance(part, str) else None
    if part.get("thought"):
        return None
    if isinstance(told := part.get("text"), str):
        return told
    result = get(part, "functionResponse", "response")
    told = first(result, "output", "result", "error")
    told = result if told is None else told
    return told if told is None or isinstance(told, str) else _json(told).decode()


def _media(part: Mapping[str, Any]) -> int:
    """Images, audio, video and files of a part, those that a function gave back among them."""
    return _is_media(part) + sum(map(_is_media, _given_back(part)))


def _is_media(part: object) -> bool:
    if not isinstance(part, dict) or _MEDIA.isdisjoint(part):
        return False
    return get(part, "inlineData") is not None or get(part, "fileData") is not None


def _given_back(part: Mapping[str, Any]) -> list[Any]:
    return [] if isinstance(part.get("text"), str) else _list(get(part, "functionResponse", "parts"))


def _reasoning_token(parts: Sequence[Mapping[str, Any]]) -> str | None:
    for part in parts:
        one = part.get("thoughtSignature") or part.get("thought_signature")
        if isinstance(one, str) and one and one not in _SIGNED_BY_NOBODY:
            return hashed(one)
    return None


def tools_of(offered: object) -> list[str] | None:
    """The names of the tools offered."""
    if not isinstance(offered, list | dict):
        return None
    names: list[str] = []
    for tool in _list(offered):
        for key, inside in tool.items() if isinstance(tool, dict) else ():
            if key in ("functionDeclarations", "function_declarations"):
                declared = (at(one, "name") for one in _list(inside))
                names += [name for name in declared if isinstance(name, str)]
            elif inside is not None:
                names.append(_in_logs(key))
    return names


def choice_of(config: object) -> str | None:
    """Which function the model may call."""
    mode = get(config, "mode")
    choice = _CHOICES.get(mode.upper()) if isinstance(mode, str) else None
    only_one = choice == "required" and len(_list(get(config, "allowedFunctionNames"))) == 1
    return "named" if only_one else choice


def _format(config: object) -> str | None:
    """The form of the answer, asked for in the configuration itself or in its newer list of formats."""
    newer = (at(one, "text") for one in _list(get(config, "responseFormat")))
    wanted = next((one for one in newer if isinstance(one, dict)), None)
    kind = get(config, "responseMimeType") if wanted is None else get(wanted, "mimeType")
    schemas = (get(config, "responseSchema"), get(config, "responseJsonSchema"), at(wanted, "schema"))
    if any(schema is not None for schema in schemas):
        return "json_schema"
    return FORMATS.get(kind) if isinstance(kind, str) else None


def thinks(config: object) -> bool | None:
    """Whether thinking was asked for."""
    budget, level = whole(get(config, "thinkingBudget")), get(config, "thinkingLevel")
    if budget is not None:
        return budget != 0
    asked = _LEVELS.get(level.upper()) if isinstance(level, str) else None
    if asked is not None:
        return asked
    return True if get(config, "includeThoughts") is True else None


def _model(name: object) -> str | None:
    told = text(name)
    return None if told is None else f"/{told}".rpartition("/models/")[2].removeprefix("/")


def _list(value: object) -> list[Any]:
    """The list, also of one value that stands alone."""
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def _as_request(row: Row) -> dict[str, Any]:
    system, tools, user = row.get("system_prompt"), row.get("tools"), row.get("end_user_id")
    choice = row.get("tool_choice")
    body = {
        "model": row.get("model"),
        "systemInstruction": {"parts": [{"text": system}]} if system else None,
        "contents": _messages(row) if filled(row, "prompt", "turns", "images") else None,
        "generationConfig": without_nones(_as_config(row)) or None,
        "labels": None if user is None else {"end_user_id": user},
    }
    if tools is not None:
        body["tools"] = [{"functionDeclarations": [{"name": name} for name in tools]}] if tools else []
    if choice in _MODES:
        only = {"allowedFunctionNames": ["x"]} if choice == "named" else {}
        body["toolConfig"] = {"functionCallingConfig": {"mode": _MODES[choice], **only}}
    return without_nones(body)


def _as_config(row: Row) -> dict[str, Any]:
    wanted, reasoning = row.get("response_format"), row.get("reasoning")
    return {
        "maxOutputTokens": row.get("max_tokens"),
        "temperature": row.get("temperature"),
        "topP": row.get("top_p"),
        "candidateCount": row.get("n"),
        "seed": row.get("seed"),
        "responseLogprobs": row.get("logprobs"),
        "responseMimeType": None if wanted is None else _MIME_TYPES.get(wanted),
        "responseSchema": {"type": "OBJECT"} if wanted == "json_schema" else None,
        "thinkingConfig": None if reasoning is None else {"thinkingBudget": -1 if reasoning else 0},
    }


def _messages(row: Row) -> list[dict[str, Any]]:
    """As many messages as the row tells of, the earlier ones empty, the last with its text and its media."""
    earlier = [{"role": "model", "parts": [{"text": ""}]}] * ((row.get("turns") or 1) - 1)
    media = [{"inlineData": {"mimeType": "image/png", "data": ""}}] * (row.get("images") or 0)
    return [*earlier, {"role": "user", "parts": [{"text": row.get("prompt") or ""}, *media]}]


def _as_response(row: Row) -> dict[str, Any]:
    made, thoughts = row.get("output_tokens"), row.get("reasoning_tokens")
    usage = {
        "promptTokenCount": row.get("input_tokens"),
        "candidatesTokenCount": None if made is None else made - (thoughts or 0),
        "thoughtsTokenCount": thoughts,
        "cachedContentTokenCount": row.get("cached_input_tokens"),
    }
    body = {"usageMetadata": without_nones(usage) or None, "modelVersion": row.get("model")}
    if filled(row, "response", "stop_reason"):
        content = {"role": "model", "parts": [{"text": row.get("response") or ""}]}
        candidate = {"content": content, "finishReason": row.get("stop_reason"), "index": 0}
        body["candidates"] = [without_nones(candidate)]
    return without_nones(body)


def _asks(body: Mapping[str, Any]) -> bool:
    is_conversation = isinstance(body.get("contents"), list | dict) and "messages" not in body
    if is_conversation:
        return True
    config = body.get("generationConfig")
    return isinstance(body.get("generation_config") if config is None else config, dict)


def _answers(body: Mapping[str, Any]) -> bool:
    told = get(body, "promptFeedback"), get(body, "usageMetadata")
    is_told = any(isinstance(one, dict) for one in told) and get(body, "modelVersion") is not None
    return isinstance(body.get("candidates"), list) or is_told


BODY = Body(
    name="gemini",
    asks=_asks,
    answers=_answers,
    request=_request,
    response=_response,
    joined=_joined,
    as_request=_as_request,
    as_response=_as_response,
)
