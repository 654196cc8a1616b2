"""Anthropic's dialect: blocks, thinking that was brought along, the cache in the counts, streams, and who it is."""

from __future__ import annotations

import pytest

from stillwatch.sources.bodies._base import hashed
from stillwatch.sources.bodies.anthropic_messages import BODY
from stillwatch.sources.bodies.openai_chat import BODY as CHAT

AGENT = {
    "model": "house-large",
    "max_tokens": 4000,
    "temperature": 1.0,
    "top_p": 0.9,
    "system": [{"type": "text", "text": "You mend code."}, {"type": "text", "text": "Be brief."}],
    "messages": [
        {"role": "user", "content": "Why does the door test fail?"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Look at it.", "signature": "c2lnbmF0dXJl"},
                {"type": "redacted_thinking", "data": "aGlkZGVu"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "door.py"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t1",
                    "content": [
                        {"type": "text", "text": "def door(): ..."},
                        {"type": "image", "source": {"type": "base64", "data": "AAAA"}},
                    ],
                },
                {"type": "tool_result", "tool_use_id": "t2", "content": "no such file"},
                {"type": "document", "source": {"type": "text", "data": "A long report."}},
                {"type": "text", "text": "Go on."},
            ],
        },
    ],
    "tools": [
        {"name": "read", "input_schema": {"type": "object"}},
        {"type": "web_search_20250305", "name": "web_search"},
        {"type": "computer_toolset_20260801"},
    ],
    "tool_choice": {"type": "any"},
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {}}},
    "metadata": {"user_id": "visitor-5"},
}
ANSWER = {
    "type": "message",
    "role": "assistant",
    "content": [
        {"type": "thinking", "thinking": "It is the hinge.", "signature": "eA=="},
        {"type": "text", "text": "The hinge is missing."},
        {"type": "tool_use", "id": "t3", "name": "write", "input": {"path": "hinge.py"}},
        {"type": "text", "text": "I add it."},
    ],
    "stop_reason": "tool_use",
    "usage": {
        "input_tokens": 7,
        "cache_read_input_tokens": 500,
        "cache_creation_input_tokens": 20,
        "output_tokens": 40,
        "output_tokens_details": {"thinking_tokens": 12},
    },
}
STREAM = [
    {
        "type": "message_start",
        "message": {
            "type": "message",
            "content": [],
            "stop_reason": None,
            "usage": {
                "input_tokens": 7,
                "cache_read_input_tokens": 500,
                "cache_creation_input_tokens": 20,
                "output_tokens": 1,
            },
        },
    },
    {"type": "ping"},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "thinking_delta", "thinking": "It is the hinge."},
    },
    {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "eA=="}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "The hinge "}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "is missing."}},
    {"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "name": "write"}},
    {
        "type": "content_block_delta",
        "index": 2,
        "delta": {"type": "input_json_delta", "partial_json": '{"path": "hinge.py"}'},
    },
    {"type": "content_block_start", "index": 3, "content_block": {"type": "text", "text": "I "}},
    {"type": "content_block_delta", "index": 3, "delta": {"type": "text_delta", "text": "add it."}},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "tool_use", "stop_sequence": None},
        "usage": {"output_tokens": 40, "output_tokens_details": {"thinking_tokens": 12}},
    },
    {"type": "message_stop"},
]
HELLO = {"role": "user", "content": "Hello"}


def test_a_request_is_told_in_full():
    assert BODY.request(AGENT) == {
        "model": "house-large",
        "system_prompt": "You mend code.\nBe brief.",
        "prompt": "def door(): ...\nno such file\nGo on.",
        "turns": 3,
        "images": 2,
        "tools": ["read", "web_search", "computer_toolset_20260801"],
        "tool_choice": "required",
        "response_format": "json_schema",
        "temperature": 1.0,
        "top_p": 0.9,
        "max_tokens": 4000,
        "reasoning": True,
        "reasoning_token": hashed("c2lnbmF0dXJl"),
        "end_user_id": "visitor-5",
    }


def test_an_answer_is_told_in_full():
    assert BODY.response(ANSWER) == {
        "response": "The hinge is missing.\nI add it.",
        "stop_reason": "tool_use",
        "input_tokens": 527,
        "cached_input_tokens": 500,
        "output_tokens": 40,
        "reasoning_tokens": 12,
    }


def test_a_stream_gives_what_the_whole_answer_gives():
    assert BODY.response(BODY.joined(STREAM)) == BODY.response(ANSWER)


def test_a_stream_that_broke_off_tells_what_it_got_to():
    told = BODY.response(BODY.joined(STREAM[:8]))
    assert (told["response"], told["input_tokens"], "stop_reason" in told) == ("The hinge ", 527, False)
    assert BODY.response(BODY.joined(STREAM[7:9]))["response"] == "The hinge is missing."


def test_counts_in_a_stream_are_totals_and_a_later_zero_says_nothing():
    events = [
        {"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}},
        {"type": "message_delta", "delta": {}, "usage": {"input_tokens": 0, "output_tokens": 30}},
    ]
    assert BODY.response(BODY.joined(events)) == {"input_tokens": 9, "output_tokens": 30}


def test_an_answer_in_one_piece_inside_a_stream_is_kept():
    message = {"content": [{"type": "text", "text": "All at once."}]}
    assert BODY.response(BODY.joined([{"type": "message_start", "message": message}])) == {
        "response": "All at once."
    }


def test_redacted_thinking_is_known_by_its_data():
    blocks = [{"type": "thinking", "signature": ""}, {"type": "redacted_thinking", "data": "aGlkZGVu"}]
    told = BODY.request({"messages": [HELLO, {"role": "assistant", "content": blocks}, HELLO]})
    assert told["reasoning_token"] == hashed("aGlkZGVu")


def test_the_prompt_is_what_came_before_an_answer_that_the_caller_began():
    told = BODY.request({"messages": [HELLO, {"role": "assistant", "content": "Dear"}]})
    assert (told["prompt"], told["turns"]) == ("Hello", 2)


def test_messages_of_the_system_are_no_turns():
    told = BODY.request({"system": "A", "messages": [HELLO, {"role": "system", "content": "B"}, HELLO]})
    assert (told["system_prompt"], told["prompt"], told["turns"]) == ("A\nB", "Hello", 2)


@pytest.mark.parametrize(
    ("asked", "reasoning"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, True),
        ({"thinking": {"type": "adaptive"}}, True),
        ({"thinking": {"type": "disabled"}, "output_config": {"effort": "high"}}, False),
        ({"output_config": {"effort": "low"}}, True),
        ({"output_config": {}}, None),
        ({}, None),
    ],
)
def test_thinking_is_asked_for_by_its_type_or_by_an_effort(asked, reasoning):
    assert BODY.request(asked).get("reasoning") is reasoning


@pytest.mark.parametrize(
    ("kind", "choice"), [("auto", "auto"), ("any", "required"), ("tool", "named"), ("none", "none")]
)
def test_the_choice_of_tools_has_the_contracts_words(kind, choice):
    assert BODY.request({"tool_choice": {"type": kind}})["tool_choice"] == choice


@pytest.mark.parametrize(
    "mark",
    [
        {"system": "Be brief."},
        {"system": [{"type": "text", "text": "Be brief."}]},
        {"anthropic_version": "bedrock-2023-05-31"},
        {"anthropic_version": "vertex-2023-10-16", "n": 1},
        {"tools": [{"name": "read", "input_schema": {}}]},
        {"messages": AGENT["messages"]},
        {
            "messages": [
                {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "x"}}]}
            ]
        },
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        {"thinking": {"type": "adaptive"}},
        {"stop_sequences": ["END"]},
        {"output_config": {"effort": "low"}},
        {"metadata": {"user_id": "visitor-5"}},
    ],
)
def test_a_request_is_recognised_by_what_only_this_dialect_has(mark):
    assert BODY.asks({"model": "house-large", "max_tokens": 9, "messages": [HELLO], **mark})


@pytest.mark.parametrize(
    "other",
    [
        {"messages": [HELLO], "max_tokens": 9},
        {"messages": [{"role": "system", "content": "Be brief."}, HELLO]},
        {"messages": [HELLO], "tools": [{"type": "function", "function": {"name": "read"}}]},
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "about:blank"}}]}
            ]
        },
        {"messages": [HELLO], "thinking": {"type": "enabled"}},
        {
            "messages": [HELLO],
            "thinking": {"type": "enabled", "budget_tokens": 99},
            "reasoning_effort": "low",
        },
        {"messages": [HELLO], "metadata": {"user_id": "visitor-5", "team": "a"}, "max_tokens": 9},
        {"messages": [{"role": "user", "content": [{"text": "Hello"}]}], "system": [{"text": "Be brief."}]},
        {"messages": [HELLO], "system": [], "inferenceConfig": {"maxTokens": 9}},
        {"input": "Hello", "instructions": "Be brief."},
        {"contents": [{"parts": [{"text": "Hello"}]}], "systemInstruction": {}},
    ],
)
def test_a_request_of_another_dialect_is_left_to_it(other):
    assert not BODY.asks(other)


def test_a_request_without_a_mark_says_the_same_in_openais_dialect():
    plain = {"model": "house-large", "max_tokens": 9, "temperature": 0.5, "messages": [HELLO]}
    assert BODY.request(plain) == CHAT.request(plain)


def test_answers_and_first_events_are_recognised():
    assert BODY.answers(ANSWER)
    assert BODY.answers(STREAM[0])
    assert not BODY.answers({"choices": []})
    assert not BODY.answers({"type": "message", "text": "Hello"})
