"""Gemini generateContent: both spellings, thoughts, what counts as read and made, streams of partial answers."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from stillwatch.sources.bodies._base import hashed
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.bodies.gemini import BODY

REQUEST = {
    "model": "projects/shop-1/locations/europe-west4/publishers/google/models/gemini-large",
    "systemInstruction": {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]},
    "contents": [
        {
            "role": "user",
            "parts": [{"text": "Look at these."}, {"inlineData": {"mimeType": "image/png", "data": "AA"}}],
        },
        {
            "role": "model",
            "parts": [
                {"text": "A lamp, I think.", "thought": True},
                {
                    "functionCall": {"name": "look_up", "args": {"what": "lamp"}},
                    "thoughtSignature": "c2lnbmVk",
                },
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "look_up", "response": {"output": "It costs 12."}}},
                {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://bucket/film.mp4"}},
                {"text": "And this one?"},
            ],
        },
    ],
    "generationConfig": {
        "maxOutputTokens": 300,
        "temperature": 0.2,
        "topP": 0.9,
        "candidateCount": 2,
        "seed": 7,
        "responseLogprobs": True,
        "responseMimeType": "application/json",
        "responseJsonSchema": {"type": "object"},
        "thinkingConfig": {"thinkingBudget": -1, "includeThoughts": True},
    },
    "tools": [{"functionDeclarations": [{"name": "look_up"}, {"name": "buy"}]}, {"googleSearch": {}}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look_up"]}},
    "labels": {"team": "red", "user_id": "visitor-5"},
}
RESPONSE = {
    "candidates": [
        {
            "content": {"role": "model", "parts": [{"text": "Hm.", "thought": True}, {"text": "A chair."}]},
            "finishReason": "STOP",
            "index": 0,
        },
        {
            "content": {"role": "model", "parts": [{"text": "A stool."}]},
            "finishReason": "MAX_TOKENS",
            "index": 1,
        },
    ],
    "usageMetadata": {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 40,
        "toolUsePromptTokenCount": 11,
        "candidatesTokenCount": 29,
        "thoughtsTokenCount": 901,
        "totalTokenCount": 1041,
    },
    "modelVersion": "gemini-large-001",
}


def in_logs(value):
    """The same with every key as Vertex logs spell it."""
    if isinstance(value, list):
        return [in_logs(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name): in_logs(inside)
        for name, inside in value.items()
    }


def asking(**config):
    return BODY.request({"contents": [{"parts": [{"text": "Hello"}]}], "generationConfig": config})


def made(**usage):
    return BODY.response({"candidates": [], "usageMetadata": usage})


def test_a_request_is_told_in_full():
    assert BODY.request(REQUEST) == {
        "model": "gemini-large",
        "system_prompt": "Be brief.\nBe kind.",
        "prompt": "It costs 12.\nAnd this one?",
        "turns": 3,
        "images": 2,
        "tools": ["look_up", "buy", "google_search"],
        "tool_choice": "named",
        "reasoning_token": hashed("c2lnbmVk"),
        "end_user_id": "visitor-5",
        "max_tokens": 300,
        "temperature": 0.2,
        "top_p": 0.9,
        "n": 2,
        "seed": 7,
        "logprobs": True,
        "reasoning": True,
        "response_format": "json_schema",
    }


def test_an_answer_is_told_in_full_and_thoughts_are_counted_but_not_shown():
    assert BODY.response(RESPONSE) == {
        "model": "gemini-large-001",
        "response": "A chair.\nA stool.",
        "stop_reason": "STOP",
        "input_tokens": 111,
        "output_tokens": 930,
        "cached_input_tokens": 40,
        "reasoning_tokens": 901,
    }


def test_the_spelling_of_logs_tells_the_same():
    assert BODY.request(in_logs(REQUEST)) == BODY.request(REQUEST)
    assert BODY.response(in_logs(RESPONSE)) == BODY.response(RESPONSE)


def test_answers_that_are_all_thoughts_are_counted_where_a_total_stands_beside():
    assert made(thoughtsTokenCount=50, totalTokenCount=60)["output_tokens"] == 50
    assert "output_tokens" not in made(thoughtsTokenCount=50)
    assert "output_tokens" not in made(promptTokenCount=9, totalTokenCount=9)


def test_a_stream_is_joined_and_its_last_usage_counts():
    first = {"candidates": [{"content": {"parts": [{"text": "Hm.", "thought": True}]}}], "usageMetadata": {}}
    second = {
        "candidates": [{"content": {"parts": [{"text": "A ch"}]}, "index": 0}],
        "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 1},
    }
    last = {
        "candidates": [
            {"content": {"parts": [{"text": "air."}]}, "finishReason": "STOP"},
            {"content": {"parts": [{"text": "Two."}]}, "index": 1},
        ],
        "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 3, "totalTokenCount": 7},
    }
    end = {"candidates": [{"index": 0}], "modelVersion": "gemini-small"}
    for stream in ([first, second, last, end], [in_logs(one) for one in (first, second, last, end)]):
        assert said({"contents": []}, stream) == {
            "model": "gemini-small",
            "response": "A chair.\nTwo.",
            "stop_reason": "STOP",
            "input_tokens": 4,
            "output_tokens": 3,
        }


def test_a_stream_of_server_sent_events_is_read_from_its_text():
    events = "".join(
        f"data: {json.dumps({'candidates': [{'content': {'parts': [{'text': t}]}}]})}\n\n" for t in "ab"
    )
    assert said({}, events)["response"] == "ab"


def test_a_blocked_prompt_stops_with_the_reason_of_the_block():
    blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": "gemini-small"}
    assert BODY.answers(blocked)
    assert BODY.response(blocked) == {"model": "gemini-small", "stop_reason": "PROHIBITED_CONTENT"}


@pytest.mark.parametrize(
    ("thinking", "told"),
    [
        ({"thinkingBudget": 0, "includeThoughts": True}, False),
        ({"thinkingBudget": "1024"}, True),
        ({"thinkingLevel": "high"}, True),
        ({"thinkingLevel": "MINIMAL"}, False),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, None),
        ({"includeThoughts": True}, True),
        ({"includeThoughts": False}, None),
        ({}, None),
    ],
)
def test_thinking_is_asked_for_by_budget_level_or_summaries(thinking, told):
    assert asking(thinkingConfig=thinking).get("reasoning") is told


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"responseMimeType": "application/json"}, "json_object"),
        ({"responseMimeType": "text/plain"}, "text"),
        ({"responseMimeType": "application/json", "responseSchema": {}}, "json_schema"),
        ({"responseFormat": [{"text": {"mimeType": "application/json", "schema": {}}}]}, "json_schema"),
        ({"responseFormat": [{"audio": {}}, {"text": {"mimeType": "application/json"}}]}, "json_object"),
        ({"responseMimeType": "audio/wav"}, None),
    ],
)
def test_the_form_of_the_answer_is_told_by_mime_type_and_schema(config, told):
    assert asking(**config).get("response_format") == told


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"mode": "AUTO"}, "auto"),
        ({"mode": "validated", "allowedFunctionNames": ["a"]}, "auto"),
        ({"mode": "ANY"}, "required"),
        ({"mode": "ANY", "allowedFunctionNames": ["a", "b"]}, "required"),
        ({"mode": "ANY", "allowedFunctionNames": ["a"]}, "named"),
        ({"mode": "NONE"}, "none"),
        ({"mode": "MODE_UNSPECIFIED"}, None),
    ],
)
def test_the_mode_of_function_calling_is_the_choice_of_tools(config, told):
    assert BODY.request({"toolConfig": {"functionCallingConfig": config}}).get("tool_choice") == told


def test_results_of_functions_are_the_prompt_also_where_they_are_structures():
    def prompt(response):
        part = {"function_response": {"name": "look_up", "response": response}}
        return BODY.request({"contents": [{"role": "function", "parts": [part]}]})["prompt"]

    assert prompt({"result": "12"}) == "12"
    assert prompt({"error": "no such lamp"}) == "no such lamp"
    assert prompt({"price": 12, "in": ["EUR"]}) == '{"price":12,"in":["EUR"]}'
    assert prompt({"output": {"price": 12}}) == '{"price":12}'


def test_media_that_a_function_gave_back_count():
    part = {"functionResponse": {"response": {}, "parts": [{"inlineData": {}}, {"fileData": {}}]}}
    assert BODY.request({"contents": [{"parts": [part, {"inlineData": {}}]}]})["images"] == 3


def test_signatures_that_google_lets_everybody_send_are_no_token():
    fixed = "skip_thought_signature_validator"
    signed = [{"thoughtSignature": one} for one in (fixed, b64encode(fixed.encode()).decode(), "", "mine")]
    assert BODY.request({"contents": [{"parts": signed[:3]}]}).get("reasoning_token") is None
    assert BODY.request({"contents": [{"parts": signed}]})["reasoning_token"] == hashed("mine")


def test_turns_are_left_out_where_the_server_keeps_a_part_of_the_messages():
    told = BODY.request({"contents": [{"parts": [{"text": "Go on"}]}], "cachedContent": "cachedContents/1"})
    assert told == {"prompt": "Go on", "images": 0}


def test_bare_texts_and_single_values_are_read_as_client_libraries_send_them():
    told = BODY.request({"system_instruction": "Be brief.", "contents": ["Hello", "Again"]})
    assert (told["system_prompt"], told["prompt"], told["turns"]) == ("Be brief.", "Again", 2)
    told = BODY.request(
        {"systemInstruction": {"parts": {"text": "Be kind."}}, "contents": {"parts": {"text": "Hi"}}}
    )
    assert (told["system_prompt"], told["prompt"], told["turns"]) == ("Be kind.", "Hi", 1)
    assert BODY.request({"contents": "Hello"})["prompt"] == "Hello"


def test_no_tools_and_an_empty_list_of_tools_differ():
    assert "tools" not in BODY.request({"contents": []})
    assert BODY.request({"tools": []})["tools"] == []
    assert BODY.request({"tools": [{"google_search": {}, "code_execution": None}]})["tools"] == [
        "google_search"
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gemini-small", "gemini-small"),
        ("models/gemini-small", "gemini-small"),
        ("publishers/google/models/gemini-small", "gemini-small"),
        ("projects/p/locations/l/endpoints/12", "projects/p/locations/l/endpoints/12"),
        ("tunedModels/mine", "tunedModels/mine"),
    ],
)
def test_a_model_is_called_by_the_last_part_of_its_path(name, told):
    assert BODY.request({"model": name})["model"] == told


def test_it_is_told_apart_from_other_dialects():
    assert {name for name, body in bodies().items() if body.asks(REQUEST)} == {"gemini"}
    assert {name for name, body in bodies().items() if body.asks(in_logs(REQUEST))} == {"gemini"}
    assert {name for name, body in bodies().items() if body.answers(RESPONSE)} == {"gemini"}
    assert not BODY.asks({"messages": [{"role": "user", "content": "Hello"}]})
    assert not BODY.asks({"input": "Hello"})
    assert not BODY.answers({"content": "Hello", "usage_metadata": {"input_tokens": 4}})


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
    {"parts": 5},
    {"parts": [None, 5, {"text": 5}]},
    [{"parts": "x"}],
)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_odd_values_do_not_break_it(odd):
    for name in REQUEST:
        BODY.request({**REQUEST, name: odd})
    for name in REQUEST["generationConfig"]:
        asking(**{name: odd})
    BODY.request({"contents": [{"parts": [{"functionResponse": odd, "text": odd, "inlineData": odd}]}]})
    BODY.request({"tools": [{"functionDeclarations": odd}], "toolConfig": {"functionCallingConfig": odd}})
    for name in RESPONSE:
        BODY.response({**RESPONSE, name: odd})
        BODY.response(BODY.joined([{**RESPONSE, name: odd}, RESPONSE]))
    BODY.joined([{"candidates": [{"index": odd, "content": odd, "finishReason": odd}]}])
    made(promptTokenCount=odd, candidatesTokenCount=odd, thoughtsTokenCount=odd)
