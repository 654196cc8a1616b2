"""Requests and answers of Gemini's generateContent, in the spelling of the REST API, whose parts are texts or calls of functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stillwatch.sources.bodies._base import joined_texts
from stillwatch.sources.bodies.gemini import FORMATS, USERS, choice_of, get, made, read, thinks, tools_of
from stillwatch.sources.lanes.columns import turned
from stillwatch.sources.lanes.lane import Columns
from stillwatch.sources.lanes.shapes import ANY, TEXT, Needed, any_of, inside, none_of
from stillwatch.sources.nested.values import first, text

_PART = {
    "text": TEXT,
    **none_of("thought", "functionResponse", "function_response", "thoughtSignature", "thought_signature"),
    **none_of("inlineData", "inline_data", "fileData", "file_data"),
}
_CONFIG = {
    "max_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "n": "candidateCount",
    "seed": "seed",
    "logprobs": "responseLogprobs",
}
_OTHER_CONFIG = (
    *("max_output_tokens", "top_p", "candidate_count", "response_logprobs", "thinking_config"),
    *("response_mime_type", "responseSchema", "response_schema", "responseJsonSchema"),
    *("response_json_schema", "responseFormat", "response_format"),
)

REQUEST = {
    "contents": Needed([{"role": TEXT, "parts": Needed([_PART])}]),
    "systemInstruction": {"parts": Needed([_PART])},
    "generationConfig": {
        **any_of(*_CONFIG.values(), "thinkingConfig", "responseMimeType"),
        **none_of(*_OTHER_CONFIG),
    },
    "toolConfig": {"functionCallingConfig": ANY, **none_of("function_calling_config")},
    **any_of("tools", "labels"),
    **none_of("system_instruction", "generation_config", "tool_config", "cachedContent", "cached_content"),
}
"""A request."""

RESPONSE = {
    "candidates": Needed(
        [{"content": {"parts": Needed([_PART])}, **any_of("finishReason"), **none_of("finish_reason")}]
    ),
    "usageMetadata": ANY,
    **none_of("promptFeedback", "prompt_feedback", "usage_metadata"),
}
"""An answer."""


def told(asked: Sequence[Any], answered: Sequence[Any]) -> Columns:
    """What requests and their answers say, as `bodies.dialects.said` says it of each, but for the model."""
    contents, usage = inside(asked, "contents"), inside(answered, "usageMetadata")
    candidates = inside(answered, "candidates")
    columns: Columns = {column: inside(asked, f"generationConfig/{name}") for column, name in _CONFIG.items()}
    columns |= {
        "system_prompt": list(map(_text, inside(asked, "systemInstruction/parts"))),
        "prompt": list(map(_prompt, contents)),
        "turns": [len(messages) or None for messages in contents],
        "images": [0 if messages else None for messages in contents],
        "tools": list(map(tools_of, inside(asked, "tools"))),
        "tool_choice": list(map(choice_of, inside(asked, "toolConfig/functionCallingConfig"))),
        "end_user_id": [text(first(labels, *USERS)) for labels in inside(asked, "labels")],
        "reasoning": list(map(thinks, inside(asked, "generationConfig/thinkingConfig"))),
        "response_format": turned(_format, inside(asked, "generationConfig/responseMimeType")),
        "response": list(map(_answer, candidates)),
        "stop_reason": [some[0].finishReason if some else None for some in candidates],
        "input_tokens": list(map(read, usage)),
        "output_tokens": list(map(made, usage)),
        "cached_input_tokens": [get(one, "cachedContentTokenCount") for one in usage],
        "reasoning_tokens": [get(one, "thoughtsTokenCount") for one in usage],
    }
    columns["content_state"] = [
        None if prompt or response else "absent"
        for prompt, response in zip(columns["prompt"], columns["response"], strict=True)
    ]
    return columns


def _prompt(messages: Sequence[Any]) -> str | None:
    for one in reversed(messages):
        if one.role != "model":
            return _text(one.parts)
    return None


def _answer(candidates: Sequence[Any]) -> str | None:
    texts = [None if one.content is None else _text(one.content.parts) for one in candidates]
    return texts[0] if len(texts) == 1 else joined_texts(texts)


def _text(parts: Sequence[Any] | None) -> str | None:
    if parts is not None and len(parts) == 1:
        return parts[0].text or None
    return joined_texts([part.text for part in parts or ()])


def _format(kind: object) -> str | None:
    return FORMATS.get(kind) if isinstance(kind, str) else None
