"""Requests and answers of Amazon Bedrock's Converse whose blocks are texts or calls of tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stillwatch.sources.bodies._base import joined_texts
from stillwatch.sources.bodies.bedrock_converse import FORMATS, cached, choice_of, read, thinks, tools_of
from stillwatch.sources.lanes.columns import turned
from stillwatch.sources.lanes.lane import Columns
from stillwatch.sources.lanes.shapes import ANY, TEXT, Needed, any_of, inside, none_of
from stillwatch.sources.nested.values import at

_BLOCK = {
    "text": TEXT,
    **none_of("image", "video", "audio", "document", "toolResult", "guardContent"),
    **none_of("citationsContent", "reasoningContent"),
}

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
    "output": Needed({"message": Needed({"content": Needed([_BLOCK])})}),
    **any_of("stopReason", "usage"),
}
"""An answer."""


def told(asked: Sequence[Any], answered: Sequence[Any]) -> Columns:
    """What requests and their answers say, as `bodies.dialects.said` says it of each."""
    talks = [_talk(one.messages, one.system) for one in asked]
    names = ("system_prompt", "prompt", "images", "turns")
    columns: Columns = dict(zip(names, zip(*talks, strict=True), strict=True))
    usage = inside(answered, "usage")
    columns |= {
        "tools": list(map(tools_of, inside(asked, "toolConfig/tools"))),
        "tool_choice": list(map(choice_of, inside(asked, "toolConfig/toolChoice"))),
        "response_format": turned(_format, inside(asked, "outputConfig/textFormat/type")),
        "max_tokens": inside(asked, "inferenceConfig/maxTokens"),
        "temperature": inside(asked, "inferenceConfig/temperature"),
        "top_p": inside(asked, "inferenceConfig/topP"),
        "reasoning": list(map(thinks, inside(asked, "additionalModelRequestFields"))),
        "response": [_text(blocks) for blocks in inside(answered, "output/message/content")],
        "stop_reason": inside(answered, "stopReason"),
        "input_tokens": list(map(read, usage)),
        "output_tokens": [at(one, "outputTokens") for one in usage],
        "cached_input_tokens": [cached(one, "Read") for one in usage],
    }
    columns["content_state"] = [
        None if prompt or response else "absent"
        for prompt, response in zip(columns["prompt"], columns["response"], strict=True)
    ]
    return columns


def _talk(
    messages: Sequence[Any], system: Sequence[Any] | None
) -> tuple[str | None, str | None, int | None, int | None]:
    """System prompt, prompt, images and turns."""
    before, last, turns = list(system or ()), None, 0
    for one in messages:
        role = one.role
        if role == "system":
            before += one.content
            continue
        turns += 1
        if role != "assistant":
            last = one.content
    prompt = _text(last) if last else None
    return _text(before) if before else None, prompt, 0 if messages else None, turns or None


def _text(blocks: Sequence[Any]) -> str | None:
    if len(blocks) == 1:
        return blocks[0].text or None
    return joined_texts([block.text for block in blocks])


def _format(wanted: object) -> object:
    return wanted if wanted in FORMATS else None
