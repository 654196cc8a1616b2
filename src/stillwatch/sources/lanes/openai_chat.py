"""Requests and answers of OpenAI's Chat Completions whose messages are texts or parts.

The keys by which a request could be one of another dialect make it odd.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.bodies.bedrock_converse import EVENTS
from stillwatch.sources.bodies.openai_chat import EFFORTS_OFF, FORMATS, MEDIA, SYSTEM
from stillwatch.sources.lanes.columns import (
    LONG,
    NAMES,
    ODD,
    Columns,
    always,
    as_written,
    flags,
    reals,
    turned,
    turned_slots,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.shapes import ANY, NEVER, NULL_ONLY, TEXT, Needed, any_of, none_of
from stillwatch.sources.lanes.talks import (
    ANYBODY,
    MODEL,
    OPERATOR,
    all_texts,
    first_of,
    media,
    of_contents,
    talk,
)

_OTHER = (
    *("anthropic_version", "system", "thinking", "metadata", "output_config", "stop_sequences"),
    *("inferenceConfig", "toolConfig", "additionalModelRequestFields", "modelId"),
    *("generationConfig", "generation_config", "functions", "function_call"),
)
_AS_THEY_ARE = ("model", "temperature", "top_p", "n", "seed", "logprobs")
_TURNED = (
    *("tools", "tool_choice", "max_completion_tokens", "max_tokens", "reasoning_effort"),
    *("reasoning", "safety_identifier", "user"),
)
_PARTS = ("text", "image_url", "input_audio", "video_url", "file", "refusal")
"""Kinds of parts that no other dialect has, or that are the same in all."""
_OBJECTS = (None, "chat.completion", "chat.completion.chunk", "text_completion")

_CONTENT = (TEXT, [{"type": ANY, "text": ANY}])

MESSAGES = [{"role": TEXT, "content": _CONTENT}]
"""Messages."""

PARAMETERS = {
    "response_format": {"type": ANY},
    **any_of(*_AS_THEY_ARE, *_TURNED),
    **none_of(*_OTHER),
}
"""What a request holds beside its messages."""

REQUEST = {"messages": Needed(MESSAGES), **PARAMETERS}
"""A request."""

_ANSWER = {"content": _CONTENT, "refusal": NULL_ONLY}

ANSWERS = [_ANSWER]
"""Answers that stand by themselves."""

CHOICES = [
    {
        "message": Needed(_ANSWER),
        "finish_reason": ANY,
        "text": NEVER,
    }
]
"""Choices."""

RESPONSE = {
    "object": ANY,
    "choices": CHOICES,
    "usage": {
        **any_of("prompt_tokens", "completion_tokens"),
        **none_of("inputTokens"),
        "prompt_tokens_details": any_of("cached_tokens"),
        "completion_tokens_details": any_of("reasoning_tokens"),
    },
    **none_of("type", "output", "output_messages", "candidates"),
    **none_of("promptFeedback", "prompt_feedback", "usageMetadata", "usage_metadata"),
    **none_of(*EVENTS),
}
"""An answer."""


def told(asked: Found, answered: Found, among: Found | None = None) -> Columns:
    """What requests and their answers say, as `bodies.dialects.said` says it of each; the messages may stand among something else."""
    columns = {**requested(asked, among or asked), **_answers(answered)}
    says_nothing = columns["prompt"].is_null(), columns["response"].is_null()
    columns["content_state"] = always(asked, "absent", np.logical_and(*map(np.asarray, says_nothing)))
    return columns


def requested(asked: Found, among: Found) -> Columns:
    """What requests say whose messages stand among something."""
    return {
        "model": as_written(asked, "model"),
        "temperature": reals(asked, "temperature"),
        "top_p": reals(asked, "top_p"),
        "n": wholes(asked, "n"),
        "seed": wholes(asked, "seed", most=LONG),
        "logprobs": flags(asked, "logprobs"),
        **conversed(among),
        "tools": turned(_names, NAMES, asked, "tools"),
        "tool_choice": turned(_tool_choice, pa.string(), asked, "tool_choice"),
        "response_format": turned(_format, pa.string(), asked, "response_format/type"),
        "max_tokens": wholes(asked, "max_completion_tokens", "max_tokens"),
        "reasoning": turned(_reasoning, pa.bool_(), asked, "reasoning_effort", "reasoning"),
        "end_user_id": as_written(asked, "safety_identifier", "user"),
    }


def conversed(among: Found, path: str = "messages") -> Columns:
    """What messages at a path say."""
    _other_parts(among, path)
    return {
        **talk(among, path, of_contents(among, f"{path}/*/content"), _role),
        "images": media(among, path, "content", _are_media),
    }


def _answers(answered: Found) -> Columns:
    turned(_is_answer, pa.bool_(), answered, "object")
    return {
        "response": all_texts(answered, "choices", of_contents(answered, "choices/*/message/content")),
        "stop_reason": first_of(answered, "choices", "finish_reason"),
        "input_tokens": wholes(answered, "usage/prompt_tokens"),
        "output_tokens": wholes(answered, "usage/completion_tokens"),
        "cached_input_tokens": wholes(answered, "usage/prompt_tokens_details/cached_tokens"),
        "reasoning_tokens": wholes(answered, "usage/completion_tokens_details/reasoning_tokens"),
    }


def _other_parts(among: Found, path: str) -> None:
    """Leave requests to the full reading of which a part may be another dialect's."""
    parts = among.inside(f"{path}/*/content/*")
    are_known = turned_slots(lambda kind: kind in _PARTS, pa.bool_(), parts, parts.slots("type"))
    among.without_elements(f"{path}/*/content", ~np.asarray(are_known, np.bool_))


def _are_media(parts: Found) -> NDArray[np.bool_]:
    told = turned_slots(lambda kind: kind in MEDIA, pa.bool_(), parts, parts.slots("type"))
    return np.asarray(told)


def _is_answer(kind: object) -> Any:
    return None if kind in _OBJECTS else ODD


def _role(role: object) -> int:
    return OPERATOR if role in SYSTEM else MODEL if role == "assistant" else ANYBODY


def _names(tools: Any) -> Any:
    if tools is None:
        return None
    if not isinstance(tools, list) or not all(isinstance(one, dict) for one in tools):
        return ODD
    if any("input_schema" in one or not isinstance(one.get("function", {}), dict) for one in tools):
        return ODD
    names = ((one.get("function") or {}).get("name") or one.get("name") or one.get("type") for one in tools)
    return [name for name in names if isinstance(name, str)]


def _tool_choice(choice: object) -> str | None:
    if isinstance(choice, str):
        return "required" if choice == "any" else choice
    return "named" if isinstance(choice, dict) else None


def _format(wanted: object) -> object:
    return wanted if wanted in FORMATS else None


def _reasoning(effort: object) -> bool | None:
    effort = effort.get("effort") if isinstance(effort, dict) else effort
    return None if effort is None else effort not in EFFORTS_OFF
