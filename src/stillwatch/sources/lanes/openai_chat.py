"""Requests and answers of OpenAI's Chat Completions whose messages are plain texts.

The keys by which a request could be one of another dialect make it odd.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from stillwatch.sources.bodies._base import joined_texts
from stillwatch.sources.bodies.bedrock_converse import EVENTS
from stillwatch.sources.bodies.openai_chat import EFFORTS_OFF, FORMATS, SYSTEM
from stillwatch.sources.lanes.columns import turned
from stillwatch.sources.lanes.lane import Columns
from stillwatch.sources.lanes.shapes import ANY, NEVER, NULL, TEXT, Needed, any_of, inside, none_of

_OTHER = (
    *("anthropic_version", "system", "thinking", "metadata", "output_config", "stop_sequences"),
    *("inferenceConfig", "toolConfig", "additionalModelRequestFields", "modelId"),
    *("generationConfig", "generation_config", "functions", "function_call"),
)
_AS_THEY_ARE = ("model", "temperature", "top_p", "n", "seed", "logprobs")
_TURNED = (
    *("tool_choice", "max_completion_tokens", "max_tokens", "reasoning_effort"),
    *("reasoning", "safety_identifier", "user"),
)

MESSAGES = [{"role": TEXT, "content": TEXT}]
"""Messages."""

PARAMETERS = {
    "tools": [{"function": {"name": ANY}, "name": ANY, "type": ANY, "input_schema": NEVER}],
    "response_format": {"type": ANY},
    **any_of(*_AS_THEY_ARE, *_TURNED),
    **none_of(*_OTHER),
}
"""What a request holds beside its messages."""

REQUEST = {"messages": Needed(MESSAGES), **PARAMETERS}
"""A request."""

CHOICES = [
    {
        "message": Needed({"content": TEXT, "refusal": NULL}),
        "finish_reason": ANY,
        "text": NEVER,
    }
]
"""Choices."""

RESPONSE = {
    "object": Literal["chat.completion", "chat.completion.chunk", "text_completion"] | None,
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


def told(
    asked: Sequence[Any], answered: Sequence[Any], messages: Sequence[Sequence[Any] | None] | None = None
) -> Columns:
    """What requests and their answers say, as `bodies.dialects.said` says it of each; the messages may stand elsewhere."""
    columns: Columns = {name: inside(asked, name) for name in _AS_THEY_ARE}
    talks = list(map(_talk, inside(asked, "messages") if messages is None else messages))
    columns |= zip(("system_prompt", "prompt", "images", "turns"), zip(*talks, strict=True), strict=True)
    columns["tools"] = [None if one.tools is None else _names(one.tools) for one in asked]
    columns["tool_choice"] = turned(_tool_choice, inside(asked, "tool_choice"))
    columns["response_format"] = turned(_format, inside(asked, "response_format/type"))
    columns["max_tokens"] = _first(asked, "max_completion_tokens", "max_tokens")
    columns["reasoning"] = turned(_reasoning, _first(asked, "reasoning_effort", "reasoning"))
    columns["end_user_id"] = _first(asked, "safety_identifier", "user")
    columns |= _answers(answered)
    columns["content_state"] = [
        None if prompt or response else "absent"
        for prompt, response in zip(columns["prompt"], columns["response"], strict=True)
    ]
    return columns


def _answers(answered: Sequence[Any]) -> Columns:
    usage = inside(answered, "usage")
    choices = [one.choices or () for one in answered]
    return {
        "response": [_answer(some) for some in choices],
        "stop_reason": [some[0].finish_reason if some else None for some in choices],
        "input_tokens": inside(usage, "prompt_tokens"),
        "output_tokens": inside(usage, "completion_tokens"),
        "cached_input_tokens": inside(usage, "prompt_tokens_details/cached_tokens"),
        "reasoning_tokens": inside(usage, "completion_tokens_details/reasoning_tokens"),
    }


def _answer(choices: Sequence[Any]) -> str | None:
    if len(choices) == 1:
        return choices[0].message.content or None
    return joined_texts(one.message.content for one in choices)


def _talk(messages: Sequence[Any] | None) -> tuple[str | None, str | None, int | None, int | None]:
    """System prompt, prompt, images and turns."""
    system, last, turns = [], None, 0
    for one in messages or ():
        role = one.role
        if role in SYSTEM:
            system.append(one.content)
        else:
            turns += 1
            if role != "assistant":
                last = one.content
    return joined_texts(system) if system else None, last or None, 0 if messages else None, turns or None


def _names(tools: Sequence[Any]) -> list[str]:
    if not tools:
        return []
    names = ((one.function and one.function.name) or one.name or one.type for one in tools)
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


def _first(objects: Sequence[Any], name: str, other: str) -> Sequence[Any]:
    return [
        second if first is None else first
        for first, second in zip(inside(objects, name), inside(objects, other), strict=True)
    ]
