"""Messages of the GenAI conventions: structures and texts of JSON, results of tools under either name, media."""

from __future__ import annotations

import json

import pytest

from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.bodies.otel_messages import BODY

REQUEST = {
    "system_instructions": [{"type": "text", "content": "Be brief."}],
    "input_messages": [
        {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
        {
            "role": "user",
            "parts": [
                {"type": "text", "content": "Look at these."},
                {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AA=="},
                {"type": "uri", "modality": "video", "uri": "gs://bucket/film.mp4"},
            ],
        },
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "A lamp, I think."},
                {"type": "tool_call", "id": "t1", "name": "look_up", "arguments": {"what": "lamp"}},
            ],
        },
        {
            "role": "tool",
            "parts": [
                {"type": "tool_call_response", "id": "t1", "response": "It costs 12."},
                {"type": "file", "modality": "document", "file_id": "file-1"},
            ],
        },
    ],
    "tool_definitions": [
        {"type": "function", "name": "look_up", "parameters": {}},
        {"type": "function", "function": {"name": "buy"}},
        {"type": "web_search"},
    ],
}
RESPONSE = {
    "output_messages": [
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "A chair."}],
            "finish_reason": "stop",
        },
        {"role": "assistant", "parts": [{"type": "text", "content": "A stool."}], "finish_reason": "length"},
    ]
}
TOLD = {
    "system_prompt": "Be brief.\nBe kind.",
    "prompt": "It costs 12.",
    "turns": 3,
    "images": 3,
    "tools": ["look_up", "buy", "web_search"],
    "response": "A chair.\nA stool.",
    "stop_reason": "stop",
}


def asking(**values):
    return said(values, None, dialect="otel_messages")


def message(role, *parts):
    return {"role": role, "parts": list(parts)}


def test_structures_are_told_in_full():
    assert said(REQUEST, RESPONSE, dialect="otel_messages") == TOLD


def test_texts_of_json_tell_the_same():
    request = {name: json.dumps(value) for name, value in REQUEST.items()}
    response = {name: json.dumps(value) for name, value in RESPONSE.items()}
    assert said(request, response, dialect="otel_messages") == TOLD


def test_what_a_tool_gave_back_is_read_under_its_older_name_too():
    part = {"type": "tool_call_response", "id": "t1"}
    assert asking(input_messages=[message("tool", {**part, "result": "12"})])["prompt"] == "12"
    assert (
        asking(input_messages=[message("tool", {**part, "response": {"price": 12}})])["prompt"]
        == '{"price":12}'
    )


def test_messages_in_the_form_of_chat_completions_are_read():
    told = asking(
        input_messages=[
            {"role": "developer", "content": "Be brief."},
            {
                "role": "user",
                "content": [{"type": "text", "text": "Hello"}, {"type": "image_url", "image_url": {}}],
            },
        ]
    )
    assert told == {"system_prompt": "Be brief.", "prompt": "Hello", "turns": 1, "images": 1}
    assert BODY.response({"output_messages": [{"role": "assistant", "content": "Hi"}]}) == {"response": "Hi"}


def test_instructions_may_be_a_text_or_whole_messages():
    assert asking(system_instructions="Be brief.")["system_prompt"] == "Be brief."
    whole = [
        {"role": "system", "content": "Be brief."},
        message("system", {"type": "text", "content": "Be kind."}),
    ]
    assert asking(system_instructions=whole)["system_prompt"] == "Be brief.\nBe kind."


def test_a_text_that_is_no_json_is_one_message_and_one_that_was_cut_tells_nothing():
    assert asking(input_messages="Tell me a joke") == {"prompt": "Tell me a joke", "turns": 1, "images": 0}
    cut = json.dumps(REQUEST["input_messages"])[:80]
    assert asking(input_messages=cut) == {"content_state": "absent"}
    assert asking(input_messages=cut, tool_definitions="[]") == {"tools": [], "content_state": "absent"}


def test_a_single_message_may_stand_without_a_list():
    assert asking(input_messages=message("user", {"type": "text", "content": "Hello"}))["turns"] == 1


def test_answers_without_a_finish_reason_tell_none():
    assert BODY.response({"output_messages": [message("assistant", {"type": "text", "content": "Hi"})]}) == {
        "response": "Hi"
    }


def test_calls_of_tools_are_no_answer():
    call = {"type": "tool_call", "name": "look_up", "arguments": {}}
    told = BODY.response({"output_messages": [{**message("assistant", call), "finish_reason": "tool_call"}]})
    assert told == {"stop_reason": "tool_call"}


def test_no_tools_and_an_empty_list_of_tools_differ():
    assert "tools" not in asking(input_messages=[])
    assert asking(tool_definitions=[])["tools"] == []


def test_messages_of_several_records_are_joined():
    assert BODY.response(BODY.joined([RESPONSE, RESPONSE]))["response"] == "\n".join([TOLD["response"]] * 2)


def test_it_is_told_apart_from_other_dialects():
    assert {name for name, body in bodies().items() if body.asks(REQUEST)} == {"otel_messages"}
    assert {name for name, body in bodies().items() if body.answers(RESPONSE)} == {"otel_messages"}
    assert not BODY.asks({"messages": [{"role": "user", "content": "Hello"}]})


ODD = (
    None,
    5,
    "x",
    True,
    [],
    [None],
    ["x"],
    [[]],
    {},
    {"type": []},
    [{"type": {}}],
    [{"parts": 5}],
    "[",
    "{}",
    "[5]",
)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_odd_values_do_not_break_it(odd):
    for name in REQUEST:
        BODY.request({**REQUEST, name: odd})
    for name in ("type", "content", "response", "text"):
        part = {"type": "text", "content": "a", name: odd}
        BODY.request(
            {"input_messages": [message(odd, part), message("tool", {**part, "type": "tool_call_response"})]}
        )
    BODY.request({"tool_definitions": [{"name": odd, "function": odd, "type": odd}]})
    BODY.response({"output_messages": odd})
    BODY.response({"output_messages": [{"parts": odd, "finish_reason": odd}]})
    BODY.joined([{"output_messages": odd}])
