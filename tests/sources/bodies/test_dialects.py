"""Request and answer in dialects of their own: gateways translate."""

from __future__ import annotations

from stillwatch.sources.bodies.dialects import said

HELLO = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 9}


def test_an_answer_in_another_dialect_than_the_request_is_read() -> None:
    told = said(
        HELLO, {"type": "message", "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"}
    )
    assert (told["prompt"], told["response"]) == ("Hello", "Hi")
    answer = {"choices": [{"message": {"content": "Hi"}}]}
    assert said({"input": "Hello"}, answer, dialect="openai_responses")["response"] == "Hi"


def test_a_stream_in_another_dialect_is_put_together() -> None:
    events = [
        {"type": "message_start", "message": {}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
    ]
    assert said(HELLO, events, dialect="openai_chat")["response"] == "Hi"


def test_where_nothing_was_said_the_text_is_said_to_be_absent() -> None:
    assert said(None, None) == {"content_state": "absent"}
    assert said("{}", "") == {"content_state": "absent"}


def test_what_the_request_names_is_not_overwritten_by_the_answer() -> None:
    asked = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}], "model": "asked-for"}
    answer = {"candidates": [{"content": {"parts": [{"text": "Hi"}]}}], "modelVersion": "served"}
    assert said(asked, answer)["model"] == "asked-for"


def test_events_in_a_text_are_read() -> None:
    stream = 'data: {"choices":[{"index":0,"delta":{"content":"H"}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":"i"}}]}\n\ndata: [DONE]\n'
    assert said(HELLO, stream)["response"] == "Hi"
