"""Requests and answers of Amazon Bedrock's Converse whose blocks are texts, media or calls of tools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.bodies.bedrock_converse import FORMATS, choice_of, thinks, tools_of
from stillwatch.sources.lanes import syntax
from stillwatch.sources.lanes.columns import (
    NAMES,
    Columns,
    added,
    always,
    as_written,
    either,
    reals,
    turned,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.shapes import ANY, INSIDE, TEXT, Needed, any_of, none_of
from stillwatch.sources.lanes.talks import ANYBODY, MODEL, OPERATOR, media, of_parts, talk, texts_of

_MEDIA = ("image", "video", "audio", "document")
_BLOCK = {
    "text": TEXT,
    **dict.fromkeys(_MEDIA, INSIDE),
    **none_of("toolResult", "guardContent", "citationsContent", "reasoningContent"),
}
_CACHED = tuple(tuple(f"cache{way}InputToken{end}" for end in ("s", "Count")) for way in ("Read", "Write"))

REQUEST = {
    "messages": Needed([{"role": TEXT, "content": Needed([_BLOCK])}]),
    "system": [_BLOCK],
    "inferenceConfig": {
        **any_of("maxTokens", "temperature", "topP"),
        **none_of("max_new_tokens", "top_p"),
    },
    "additionalModelRequestFields": ANY,
    "toolConfig": any_of("tools", "toolChoice"),
    "outputConfig": {"textFormat": any_of("type")},
    **none_of("modelId", "model", "requestMetadata", "prompt", "inputText", "message"),
}
"""A request."""

RESPONSE = {
    "output": {"message": {"content": [_BLOCK]}},
    "usage": any_of("inputTokens", "outputTokens", *(name for names in _CACHED for name in names)),
    **any_of("stopReason"),
    **none_of("type", "object", "choices", "candidates", "output_messages", "modelVersion"),
}
"""An answer."""


def told(asked: Found, answered: Found) -> Columns:
    """What requests and their answers say, as `bodies.dialects.said` says it of each."""
    talk_told = talk(asked, "messages", of_parts(asked, "messages/*/content"), _role)
    before = texts_of(asked, "system")
    asked.without(
        np.logical_and(*(np.asarray(one.is_valid()) for one in (before, talk_told["system_prompt"])))
    )
    usage = answered.inside("usage")
    cached, stored = (wholes(usage, *names) for names in _CACHED)
    columns: Columns = {
        **talk_told,
        "images": media(asked, "messages", "content", _are_media),
        "system_prompt": either(before, talk_told["system_prompt"]),
        "tools": turned(tools_of, NAMES, asked, "toolConfig/tools"),
        "tool_choice": turned(choice_of, pa.string(), asked, "toolConfig/toolChoice"),
        "response_format": turned(_format, pa.string(), asked, "outputConfig/textFormat/type"),
        "max_tokens": wholes(asked, "inferenceConfig/maxTokens"),
        "temperature": reals(asked, "inferenceConfig/temperature"),
        "top_p": reals(asked, "inferenceConfig/topP"),
        "reasoning": turned(thinks, pa.bool_(), asked, "additionalModelRequestFields"),
        "response": texts_of(answered, "output/message/content"),
        "stop_reason": as_written(answered, "stopReason"),
        "input_tokens": added(usage, wholes(usage, "inputTokens"), cached, stored),
        "output_tokens": wholes(usage, "outputTokens"),
        "cached_input_tokens": cached,
    }
    says_nothing = columns["prompt"].is_null(), columns["response"].is_null()
    columns["content_state"] = always(asked, "absent", np.logical_and(*map(np.asarray, says_nothing)))
    return columns


def _are_media(blocks: Found) -> NDArray[np.bool_]:
    are: NDArray[np.bool_] = np.any([blocks.has(name) for name in _MEDIA], axis=0)
    return are & (blocks.slots("text").kinds < syntax.TEXT)


def _role(role: object) -> int:
    return OPERATOR if role == "system" else MODEL if role == "assistant" else ANYBODY


def _format(wanted: object) -> Any:
    return wanted if wanted in FORMATS else None
