"""Requests and answers of Gemini's generateContent, in the spelling of the REST API, whose parts are texts, media or calls of functions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.sources.bodies.bedrock_converse import EVENTS
from stillwatch.sources.bodies.gemini import FORMATS, USERS, choice_of, thinks, tools_of
from stillwatch.sources.lanes.columns import (
    LONG,
    NAMES,
    Columns,
    added,
    always,
    flags,
    reals,
    texts,
    turned,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.shapes import ANY, TEXT, Needed, any_of, none_of
from stillwatch.sources.lanes.talks import (
    ANYBODY,
    MODEL,
    all_texts,
    first_of,
    media,
    of_parts,
    talk,
    texts_of,
)

_PART = {
    "text": TEXT,
    **none_of("thought", "functionResponse", "function_response", "thoughtSignature", "thought_signature"),
    **any_of("inlineData", "fileData"),
    **none_of("inline_data", "file_data"),
}
_CONFIG = (
    *("maxOutputTokens", "temperature", "topP", "candidateCount", "seed", "responseLogprobs"),
    *("thinkingConfig", "responseMimeType", "responseSchema", "responseJsonSchema"),
)
_OTHER_CONFIG = (
    *("max_output_tokens", "top_p", "candidate_count", "response_logprobs", "thinking_config"),
    *("response_mime_type", "response_schema"),
    *("response_json_schema", "responseFormat", "response_format"),
)
_USAGE = (
    *("promptTokenCount", "toolUsePromptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"),
    *("totalTokenCount", "cachedContentTokenCount"),
)
_OTHER_USAGE = (
    *("prompt_token_count", "tool_use_prompt_token_count", "candidates_token_count"),
    *("thoughts_token_count", "total_token_count", "cached_content_token_count"),
)

REQUEST = {
    "contents": Needed([{"role": TEXT, "parts": Needed([_PART])}]),
    "systemInstruction": {"parts": Needed([_PART])},
    "generationConfig": {**any_of(*_CONFIG), **none_of(*_OTHER_CONFIG)},
    "toolConfig": {"functionCallingConfig": ANY, **none_of("function_calling_config")},
    "labels": any_of(*USERS),
    **any_of("tools"),
    **none_of("system_instruction", "generation_config", "tool_config", "cachedContent", "cached_content"),
}
"""A request."""

RESPONSE = {
    "candidates": [
        {"content": {"parts": Needed([_PART])}, **any_of("finishReason"), **none_of("finish_reason")}
    ],
    "usageMetadata": {**any_of(*_USAGE), **none_of(*_OTHER_USAGE)},
    **none_of("promptFeedback", "prompt_feedback", "usage_metadata"),
    **none_of("type", "object", "choices", "usage", "output", "output_messages", *EVENTS),
}
"""An answer."""


def told(asked: Found, answered: Found) -> Columns:
    """What requests and their answers say, as `bodies.dialects.said` says it of each, but for the model."""
    config = asked.inside("generationConfig")
    columns: Columns = {
        **talk(asked, "contents", of_parts(asked, "contents/*/parts"), _role),
        "images": media(asked, "contents", "parts", _are_media),
        "system_prompt": texts_of(asked, "systemInstruction/parts"),
        "max_tokens": wholes(config, "maxOutputTokens"),
        "temperature": reals(config, "temperature"),
        "top_p": reals(config, "topP"),
        "n": wholes(config, "candidateCount"),
        "seed": wholes(config, "seed", most=LONG),
        "logprobs": flags(config, "responseLogprobs"),
        "reasoning": turned(thinks, pa.bool_(), config, "thinkingConfig"),
        "response_format": _format_of(config),
        "tools": turned(tools_of, NAMES, asked, "tools"),
        "tool_choice": turned(choice_of, pa.string(), asked, "toolConfig/functionCallingConfig"),
        "end_user_id": texts(asked, *(f"labels/{name}" for name in USERS)),
        "response": all_texts(answered, "candidates", of_parts(answered, "candidates/*/content/parts")),
        "stop_reason": first_of(answered, "candidates", "finishReason"),
        **_used(answered.inside("usageMetadata")),
    }
    says_nothing = columns["prompt"].is_null(), columns["response"].is_null()
    columns["content_state"] = always(asked, "absent", np.logical_and(*map(np.asarray, says_nothing)))
    return columns


def _are_media(parts: Found) -> NDArray[np.bool_]:
    return parts.has("inlineData") | parts.has("fileData")


def _used(usage: Found) -> Columns:
    prompt, inserted, made, thoughts, total, cached = (wholes(usage, name) for name in _USAGE)
    is_counted = pc.or_(made.is_valid(), pc.and_(thoughts.is_valid(), total.is_valid()))
    return {
        "input_tokens": added(usage, prompt, inserted),
        "output_tokens": added(usage, pc.if_else(is_counted, pc.fill_null(made, 0), None), thoughts),
        "cached_input_tokens": cached,
        "reasoning_tokens": thoughts,
    }


def _role(role: object) -> int:
    return MODEL if role == "model" else ANYBODY


def _format_of(config: Found) -> pa.Array:
    has_schema = config.has("responseSchema") | config.has("responseJsonSchema")
    told = turned(_format, pa.string(), config, "responseMimeType")
    return pc.if_else(has_schema, "json_schema", told)


def _format(kind: object) -> str | None:
    return FORMATS.get(kind) if isinstance(kind, str) else None
