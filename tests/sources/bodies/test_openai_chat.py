"""OpenAI's Chat Completions as a stream: choices, refusals, counts in the last event, and a stream that broke off."""

from __future__ import annotations

from stillwatch.sources.bodies.openai_chat import BODY

ANSWER = {
    "object": "chat.completion",
    "choices": [
        {"index": 0, "message": {"content": "The hinge is missing."}, "finish_reason": "stop"},
        {
            "index": 1,
            "message": {"content": None, "refusal": "I cannot add it."},
            "finish_reason": "content_filter",
        },
    ],
    "usage": {
        "prompt_tokens": 527,
        "completion_tokens": 40,
        "prompt_tokens_details": {"cached_tokens": 500},
        "completion_tokens_details": {"reasoning_tokens": 12},
    },
}
STREAM = [
    {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}],
    },
    {"choices": [{"index": 0, "delta": {"content": "The hinge "}, "finish_reason": None}], "usage": None},
    {"choices": [{"index": 1, "delta": {"refusal": "I cannot "}}]},
    {"choices": [{"index": 0, "delta": {"content": "is missing."}}]},
    {"choices": [{"index": 1, "delta": {"refusal": "add it."}, "finish_reason": "content_filter"}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": ANSWER["usage"]},
]


def test_a_stream_gives_what_the_whole_answer_gives():
    assert BODY.response(BODY.joined(STREAM)) == BODY.response(ANSWER)


def test_a_stream_that_broke_off_tells_what_it_got_to():
    assert BODY.response(BODY.joined(STREAM[:2])) == {"response": "The hinge "}


def test_the_first_event_of_a_stream_is_recognised():
    assert BODY.answers(STREAM[0])
    assert BODY.answers(ANSWER)
