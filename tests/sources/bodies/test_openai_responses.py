"""OpenAI's Responses: items, state that the server keeps, reasoning that was brought along, streams, and who it is."""

from __future__ import annotations

import pytest

from stillwatch.sources.bodies._base import hashed
from stillwatch.sources.bodies.openai_responses import BODY

AGENT = {
    "model": "house-large",
    "instructions": "You mend code.",
    "input": [
        {"role": "developer", "content": "Be brief."},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Why does the door test fail?"},
                {"type": "input_image", "image_url": "about:blank"},
                {"type": "input_file", "file_id": "file-1"},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
            ],
        },
        {"type": "reasoning", "summary": [], "encrypted_content": "c2VhbGVk"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
        {"type": "function_call", "call_id": "c1", "name": "read", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "def door(): ..."},
        {
            "type": "function_call_output",
            "call_id": "c2",
            "output": [
                {"type": "input_text", "text": "a picture"},
                {"type": "input_image", "image_url": "about:blank"},
            ],
        },
    ],
    "max_output_tokens": 4000,
    "temperature": 1.0,
    "top_p": 0.9,
    "tools": [
        {"type": "function", "name": "read", "parameters": {}},
        {"type": "custom", "name": "patch"},
        {"type": "web_search"},
        {"type": "mcp", "server_label": "shelf"},
    ],
    "tool_choice": "required",
    "text": {"format": {"type": "json_schema", "name": "a", "schema": {}}, "verbosity": "low"},
    "reasoning": {"effort": "high", "summary": "auto"},
    "include": ["reasoning.encrypted_content", "message.output_text.logprobs"],
    "safety_identifier": "visitor-5",
    "user": "old-5",
}
ANSWER = {
    "object": "response",
    "status": "incomplete",
    "incomplete_details": {"reason": "max_output_tokens"},
    "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "It is the hinge."}]},
        {
            "type": "message",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "The hinge is missing."},
                {"type": "refusal", "refusal": "I cannot add it."},
            ],
        },
        {"type": "function_call", "name": "write", "arguments": '{"text": "no answer"}'},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Or so."}]},
    ],
    "usage": {
        "input_tokens": 527,
        "input_tokens_details": {"cached_tokens": 500},
        "output_tokens": 40,
        "output_tokens_details": {"reasoning_tokens": 12},
    },
}
PIECES = [
    {"type": "response.created", "response": {"object": "response", "status": "in_progress", "output": []}},
    {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning"}},
    {"type": "response.reasoning_summary_text.delta", "output_index": 0, "delta": "It is the hinge."},
    {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "The hinge "},
    {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "is missing."},
    {
        "type": "response.output_text.done",
        "output_index": 1,
        "content_index": 0,
        "text": "The hinge is missing.",
    },
    {"type": "response.refusal.delta", "output_index": 1, "content_index": 1, "delta": "I cannot add it."},
    {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": '{"text"'},
    {"type": "response.output_text.delta", "output_index": 3, "content_index": 0, "delta": "Or "},
    {"type": "response.output_text.delta", "output_index": 3, "content_index": 0, "delta": "so."},
]
STREAM = [*PIECES, {"type": "response.incomplete", "response": ANSWER}]


def test_a_request_is_told_in_full():
    assert BODY.request(AGENT) == {
        "model": "house-large",
        "system_prompt": "You mend code.\nBe brief.",
        "prompt": "a picture",
        "turns": 4,
        "images": 4,
        "tools": ["read", "patch", "web_search", "mcp"],
        "tool_choice": "required",
        "response_format": "json_schema",
        "temperature": 1.0,
        "top_p": 0.9,
        "max_tokens": 4000,
        "logprobs": True,
        "reasoning": True,
        "reasoning_token": hashed("c2VhbGVk"),
        "end_user_id": "visitor-5",
    }


def test_an_answer_is_told_in_full():
    assert BODY.response(ANSWER) == {
        "response": "The hinge is missing.\nI cannot add it.\nOr so.",
        "stop_reason": "max_output_tokens",
        "input_tokens": 527,
        "cached_input_tokens": 500,
        "output_tokens": 40,
        "reasoning_tokens": 12,
    }


def test_an_input_may_be_one_text():
    told = BODY.request({"model": "house-large", "input": "Hello"})
    assert told == {"model": "house-large", "prompt": "Hello", "turns": 1, "images": 0}


@pytest.mark.parametrize("conversation", ["conv-7", {"id": "conv-7"}])
def test_a_request_in_a_conversation_holds_only_what_is_new(conversation):
    told = BODY.request({"input": "And then?", "conversation": conversation})
    assert told == {"prompt": "And then?", "images": 0, "session_id": "conv-7"}


def test_a_request_that_follows_a_response_tells_no_turns_and_no_session():
    told = BODY.request({"input": "And then?", "previous_response_id": "resp-1", "conversation": None})
    assert told == {"prompt": "And then?", "images": 0}


def test_what_the_model_did_in_one_go_is_one_turn():
    call, output = {"type": "function_call"}, {"type": "function_call_output", "output": "x"}
    said = [{"role": "user", "content": "Hello"}, {"type": "reasoning"}, call, call, output, output, call]
    assert BODY.request({"input": said})["turns"] == 5


def test_a_screenshot_is_an_image():
    shot = {"type": "computer_call_output", "output": {"type": "computer_screenshot", "image_url": "x"}}
    assert BODY.request({"input": [{"role": "user", "content": "Click."}, shot]})["images"] == 1


@pytest.mark.parametrize(
    ("wanted", "reasoning"),
    [
        ({"effort": "low"}, True),
        ({"effort": "xhigh"}, True),
        ({"effort": "minimal"}, False),
        ({"effort": "none", "summary": "auto"}, False),
        ({"summary": "auto"}, True),
        ({"effort": None}, None),
        (None, None),
    ],
)
def test_reasoning_is_asked_for_by_effort_or_summary(wanted, reasoning):
    assert BODY.request({"reasoning": wanted}).get("reasoning") is reasoning


@pytest.mark.parametrize(
    ("asked", "logprobs"),
    [
        ({"top_logprobs": 5}, True),
        ({"top_logprobs": 0}, False),
        ({"include": ["message.output_text.logprobs"]}, True),
        ({"include": ["reasoning.encrypted_content"]}, None),
    ],
)
def test_probabilities_are_asked_for_by_number_or_by_name(asked, logprobs):
    assert BODY.request(asked).get("logprobs") is logprobs


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ({"type": "function", "name": "read"}, "named"),
        ({"type": "web_search"}, "named"),
        ({"type": "allowed_tools", "mode": "required", "tools": []}, "required"),
    ],
)
def test_the_choice_of_tools_has_the_contracts_words(choice, told):
    assert BODY.request({"tool_choice": choice})["tool_choice"] == told


def test_a_complete_answer_stops_by_its_status():
    assert BODY.response({"status": "completed", "incomplete_details": None, "output": []}) == {
        "stop_reason": "completed"
    }


def test_an_answer_may_stand_inside_of_its_last_event():
    assert BODY.response(STREAM[-1]) == BODY.response(ANSWER)


def test_counts_under_the_names_of_chat_completions_are_read():
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 1},
    }
    assert BODY.response({"output": [], "usage": usage}) == {
        "input_tokens": 9,
        "output_tokens": 4,
        "cached_input_tokens": 2,
        "reasoning_tokens": 1,
    }


def test_a_stream_gives_what_the_whole_answer_gives():
    assert BODY.response(BODY.joined(STREAM)) == BODY.response(ANSWER)


def test_a_stream_that_broke_off_is_put_together_from_its_pieces():
    assert BODY.response(BODY.joined(PIECES)) == {"response": BODY.response(ANSWER)["response"]}
    assert BODY.response(BODY.joined(PIECES[:4])) == {"response": "The hinge "}


def test_an_answer_without_output_at_the_end_of_its_stream_takes_the_pieces():
    told = BODY.response(
        BODY.joined([*PIECES, {"type": "response.incomplete", "response": ANSWER | {"output": []}}])
    )
    assert told == BODY.response(ANSWER)


@pytest.mark.parametrize(
    "asked",
    [
        {"model": "house-large", "input": "Hello"},
        {"input": [{"role": "user", "content": "Hello"}]},
        {"input": [], "previous_response_id": "resp-1"},
        {"prompt": {"id": "pmpt-1"}, "max_output_tokens": 9},
    ],
)
def test_a_request_is_recognised(asked):
    assert BODY.asks(asked)


@pytest.mark.parametrize(
    "other",
    [
        {"messages": [], "input": "Hello"},
        {"input": ["one", "two"]},
        {"input": [[1, 2, 3]]},
        {"input": "Hello", "encoding_format": "float"},
        {"input": "Hello", "dimensions": 256},
        {"input": "Hello", "voice": "plain"},
        {"input": {"text": "Hello"}},
        {"contents": []},
        {},
    ],
)
def test_embeddings_speech_and_other_dialects_are_left_alone(other):
    assert not BODY.asks(other)


def test_answers_and_first_events_are_recognised():
    assert BODY.answers(ANSWER)
    assert BODY.answers(STREAM[0])
    assert not BODY.answers({"choices": []})
    assert not BODY.answers({"output": {"message": {}}})
