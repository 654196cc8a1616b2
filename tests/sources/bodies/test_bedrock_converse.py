"""Bedrock Converse: blocks without a type, counts apart from the cache, events of a stream."""

from __future__ import annotations

import pytest

from stillwatch.sources.bodies._base import hashed
from stillwatch.sources.bodies.bedrock_converse import BODY
from stillwatch.sources.bodies.dialects import bodies, said

IMAGE = {"image": {"format": "png", "source": {"bytes": "AA=="}}}
REQUEST = {
    "modelId": "maker.model-large-v1:0",
    "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}, {"text": "Be kind."}],
    "messages": [
        {"role": "user", "content": [{"text": "Look at these."}, IMAGE, {"video": {"format": "mp4"}}]},
        {
            "role": "assistant",
            "content": [
                {
                    "reasoningContent": {
                        "reasoningText": {"text": "A lamp, I think.", "signature": "signed-1"}
                    }
                },
                {"toolUse": {"toolUseId": "t1", "name": "look_up", "input": {"what": "lamp"}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "toolResult": {
                        "toolUseId": "t1",
                        "content": [{"text": "It costs 12."}, {"json": {"in": "EUR"}}, IMAGE],
                    }
                },
                {"document": {"format": "pdf", "name": "offer"}},
                {"guardContent": {"text": {"text": "And this one?"}}},
                {"cachePoint": {"type": "default"}},
            ],
        },
    ],
    "inferenceConfig": {"maxTokens": 512, "temperature": 0.7, "topP": 0.9, "stopSequences": []},
    "toolConfig": {
        "tools": [
            {"toolSpec": {"name": "look_up"}},
            {"systemTool": {"name": "grounding"}},
            {"cachePoint": {}},
        ],
        "toolChoice": {"tool": {"name": "look_up"}},
    },
    "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 2048}, "top_k": 40},
    "outputConfig": {"textFormat": {"type": "json_schema", "structure": {}}},
    "requestMetadata": {"team": "red", "userId": "visitor-5"},
}
RESPONSE = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "signed-2"}}},
                {"text": "A chair."},
                {"citationsContent": {"content": [{"text": "Chairs have legs."}], "citations": []}},
                {"toolResult": {"content": [{"text": "found by the server"}]}},
            ],
        }
    },
    "stopReason": "end_turn",
    "usage": {
        "inputTokens": 4,
        "outputTokens": 38,
        "totalTokens": 42,
        "cacheReadInputTokens": 30,
        "cacheWriteInputTokens": 6,
    },
    "metrics": {"latencyMs": 302},
}


def test_a_request_is_told_in_full():
    assert BODY.request(REQUEST) == {
        "model": "maker.model-large-v1:0",
        "system_prompt": "Be brief.\nBe kind.",
        "prompt": 'It costs 12.\n{"in":"EUR"}\nAnd this one?',
        "turns": 3,
        "images": 4,
        "tools": ["look_up", "grounding"],
        "tool_choice": "named",
        "response_format": "json_schema",
        "max_tokens": 512,
        "temperature": 0.7,
        "top_p": 0.9,
        "reasoning": True,
        "reasoning_token": hashed("signed-1"),
        "end_user_id": "visitor-5",
    }


def test_an_answer_is_told_in_full_and_the_cache_is_added_to_what_was_read():
    assert BODY.response(RESPONSE) == {
        "response": "A chair.\nChairs have legs.",
        "stop_reason": "end_turn",
        "input_tokens": 40,
        "output_tokens": 38,
        "cached_input_tokens": 30,
    }


def test_nova_s_own_names_are_read():
    asked = {
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
        "inferenceConfig": {"max_new_tokens": 9, "top_p": 1},
    }
    told = said(
        asked,
        {
            "usage": {
                "inputTokens": 4,
                "outputTokens": 2,
                "cacheReadInputTokenCount": 3,
                "cacheWriteInputTokenCount": 1,
            }
        },
    )
    assert (told["max_tokens"], told["top_p"]) == (9, 1)
    assert (told["input_tokens"], told["cached_input_tokens"]) == (8, 3)


def test_a_stream_is_joined_by_block():
    def delta(index, **told):
        return {"contentBlockDelta": {"contentBlockIndex": index, "delta": told}}

    events = [
        {"messageStart": {"role": "assistant"}},
        delta(0, reasoningContent={"text": "Hm."}),
        delta(0, reasoningContent={"signature": "signed-3"}),
        {"contentBlockStop": {"contentBlockIndex": 0}},
        delta(1, text="A ch"),
        delta(1, text="air."),
        {
            "contentBlockStart": {
                "contentBlockIndex": 2,
                "start": {"toolUse": {"toolUseId": "t1", "name": "buy"}},
            }
        },
        delta(2, toolUse={"input": "{}"}),
        delta(3, text="Bought."),
        {"messageStop": {"stopReason": "end_turn"}},
        {"metadata": {"usage": RESPONSE["usage"], "metrics": {"latencyMs": 302}}},
    ]
    assert said(None, events) == {
        "response": "A chair.\nBought.",
        "stop_reason": "end_turn",
        "input_tokens": 40,
        "output_tokens": 38,
        "cached_input_tokens": 30,
    }
    assert BODY.joined(events)["metrics"] == {"latencyMs": 302}


def test_a_stream_that_broke_off_tells_what_came():
    events = [
        {"messageStart": {}},
        {"contentBlockDelta": {"delta": {"text": "A ch"}}},
        {"modelStreamErrorException": {}},
    ]
    assert said(None, events) == {"response": "A ch"}


def test_messages_of_the_system_are_no_turns():
    told = BODY.request(
        {
            "messages": [
                {"role": "user", "content": [{"text": "Hello"}]},
                {
                    "role": "system",
                    "content": [{"text": "Be short."}, {"toolAddition": {"tool": {"name": "buy"}}}],
                },
            ]
        }
    )
    assert told == {"system_prompt": "Be short.", "prompt": "Hello", "turns": 1, "images": 0}


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"thinking": {"type": "adaptive"}}, True),
        ({"thinking": {"type": "disabled"}}, False),
        ({"reasoning_config": {"type": "enabled", "budget_tokens": 1024}}, True),
        ({"reasoningConfig": {"type": "disabled"}}, False),
        ({"reasoning_effort": "low"}, True),
        ({"reasoning_effort": "none"}, False),
        ({"top_k": 40}, None),
        ({}, None),
    ],
)
def test_each_family_of_models_asks_for_thinking_in_its_own_way(extra, told):
    assert BODY.request({"additionalModelRequestFields": extra}).get("reasoning") is told


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"auto": {}}, "auto"),
        ({"any": {}}, "required"),
        ({"auto": None, "tool": {"name": "a"}}, "named"),
        ({}, None),
    ],
)
def test_the_choice_of_tools_is_the_key_that_is_there(choice, told):
    assert BODY.request({"toolConfig": {"toolChoice": choice}}).get("tool_choice") == told


def test_redacted_reasoning_is_a_token_too():
    block = {"reasoningContent": {"redactedContent": "c2VjcmV0"}}
    told = BODY.request({"messages": [{"role": "assistant", "content": [block]}]})
    assert told["reasoning_token"] == hashed("c2VjcmV0")


def test_no_tools_and_an_empty_list_of_tools_differ():
    assert "tools" not in BODY.request({"toolConfig": {}})
    assert BODY.request({"toolConfig": {"tools": []}})["tools"] == []


def test_it_is_told_apart_from_other_dialects():
    assert next(name for name, body in bodies().items() if body.asks(REQUEST)) == "bedrock_converse"
    bare = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
    assert next(name for name, body in bodies().items() if body.asks(bare)) == "bedrock_converse"
    assert {name for name, body in bodies().items() if body.answers(RESPONSE)} == {"bedrock_converse"}
    assert {name for name, body in bodies().items() if body.answers({"messageStart": {}})} == {
        "bedrock_converse"
    }


@pytest.mark.parametrize(
    "other",
    [
        {"messages": [{"role": "user", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]},
        {"messages": [{"role": "user", "content": "Hello"}], "system": "Be brief.", "max_tokens": 9},
        {"messages": [], "tools": []},
        {"input": [{"role": "user", "content": "Hello"}]},
        {"contents": [{"parts": [{"text": "Hello"}]}], "toolConfig": {"functionCallingConfig": {}}},
        {"input_messages": [{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}]},
        {},
    ],
    ids=str,
)
def test_requests_of_other_dialects_are_not_taken_for_it(other):
    assert not BODY.asks(other)


def test_answers_of_other_dialects_are_not_taken_for_it():
    assert not BODY.answers({"output": [{"type": "message"}], "usage": {"input_tokens": 4}})
    assert not BODY.answers({"type": "message_start", "message": {}})
    assert not BODY.answers({"choices": [], "usage": {"prompt_tokens": 4}})


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
    {"text": 5},
    [{"text": 5, "json": 5}],
    [{"content": "x"}],
    {"type": []},
)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_odd_values_do_not_break_it(odd):
    for name in REQUEST:
        BODY.request({**REQUEST, name: odd})
        BODY.asks({**REQUEST, name: odd})
    for name in ("text", "image", "toolResult", "guardContent", "reasoningContent", "citationsContent"):
        BODY.request({"messages": [{"role": odd, "content": [{name: odd}]}]})
        BODY.request({"messages": [{"content": [{"toolResult": {"content": [{name: odd}]}}]}]})
        BODY.response({"output": {"message": {"content": [{name: odd}]}}})
    BODY.request(
        {"toolConfig": {"tools": odd, "toolChoice": odd}, "outputConfig": {"textFormat": {"type": odd}}}
    )
    BODY.request({"additionalModelRequestFields": {"thinking": {"type": odd}, "reasoning_effort": odd}})
    for name in RESPONSE:
        BODY.response({**RESPONSE, name: odd})
        BODY.answers({**RESPONSE, name: odd})
    BODY.response({"usage": {"inputTokens": odd, "cacheReadInputTokens": odd}})
    BODY.joined([{"contentBlockDelta": odd, "metadata": odd, "messageStop": odd}])
    BODY.joined([{"contentBlockDelta": {"contentBlockIndex": odd, "delta": {"text": "a"}}}])
