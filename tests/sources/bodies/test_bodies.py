"""What holds of every dialect: it gives back what it was made of, and no value, however odd, makes it raise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.bodies._base import REQUEST, RESPONSE
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.nested.values import without_nones
from stillwatch.testing import plain
from tests.sources.bodies.test_anthropic_messages import AGENT as ANTHROPIC_AGENT
from tests.sources.bodies.test_anthropic_messages import STREAM as ANTHROPIC_STREAM
from tests.sources.bodies.test_openai_chat import STREAM as CHAT_STREAM
from tests.sources.bodies.test_openai_responses import AGENT as RESPONSES_AGENT
from tests.sources.bodies.test_openai_responses import PIECES as RESPONSES_PIECES

BODIES = bodies()
ROWS = [without_nones(row) for row in plain.logged().to_pylist()]
GAPS = [without_nones(row) for row in plain.with_gaps(plain.logged(), EXCHANGE, every=3).to_pylist()]
ODD = (None, True, 0, -1.5, "", "x", "[1]", [], [None], [[]], ["x", 1], {}, {"x": {}}, [{}], [{"type": []}])
SAMPLES = (ANTHROPIC_AGENT, RESPONSES_AGENT, *ANTHROPIC_STREAM, *CHAT_STREAM, *RESPONSES_PIECES)
HELD = {
    "otel_messages": {"system_prompt", "prompt", "turns", "tools", "images", "response", "stop_reason"},
}
"""The columns that a dialect can hold, where they are fewer than most can: the rest stands in attributes beside."""

TEXTS = ("system_prompt", "prompt", "response")


def words_of(value: object) -> Iterator[str]:
    """Every name and every short text in a value: what a body may look for."""
    if isinstance(value, dict):
        yield from value
    elif isinstance(value, str) and len(value) < 40:
        yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        yield from words_of(one)


WRITTEN = [
    made(row) for body in BODIES.values() for made in (body.as_request, body.as_response) for row in ROWS[:2]
]
WORDS = st.sampled_from(sorted({word for value in (*SAMPLES, *WRITTEN) for word in words_of(value)}))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(WORDS, inside, max_size=5),
    max_leaves=15,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=8)


def held(body, columns: frozenset[str]) -> frozenset[str]:
    return columns & HELD.get(body.name, REQUEST | RESPONSE)


def read_in_every_way(body, something: dict) -> None:
    body.asks(something)
    body.answers(something)
    for told in (
        body.request(something),
        body.response(something),
        body.response(body.joined([something] * 2)),
    ):
        assert told.keys() <= set(EXCHANGE.arrow.names)
        assert all(isinstance(told.get(name, ""), str) for name in TEXTS)
        assert all(isinstance(name, str) for name in told.get("tools", ()))


def bent(value: object) -> Iterator[object]:
    """The value with one odd value in the place of each part, one after the other."""
    yield from ODD
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from ({**value, name: other} for other in bent(inside))
    if isinstance(value, list):
        for place, inside in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in bent(inside))


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_request_gives_back_the_columns_it_was_made_of(body):
    for row in ROWS:
        told = body.request(body.as_request(row))
        assert told == {name: row[name] for name in told}
        assert told.keys() >= held(body, REQUEST)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_an_answer_gives_back_the_columns_it_was_made_of(body):
    for row in ROWS:
        told = body.response(body.as_response(row))
        assert told == {name: row[name] for name in told}
        assert told.keys() >= held(body, RESPONSE)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_what_was_read_is_written_and_read_again_equal_however_little_it_is(body):
    for row in ({}, *GAPS):
        asked, answered = body.request(body.as_request(row)), body.response(body.as_response(row))
        assert body.request(body.as_request(asked)) == asked
        assert body.response(body.as_response(answered)) == answered


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_dialect_recognises_its_own_and_no_other_takes_it_first(body):
    for row in ROWS[:12]:
        asked, answered = body.as_request(row), body.as_response(row)
        assert next(one.name for one in BODIES.values() if one.asks(asked)) == body.name
        assert next(one.name for one in BODIES.values() if one.answers(answered)) == body.name


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_request_and_answer_are_read_without_being_told_the_dialect(body):
    row = ROWS[7]
    told = said(body.as_request(row), body.as_response(row))
    assert told == {name: row[name] for name in told}
    assert told.keys() >= held(body, REQUEST | RESPONSE)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_an_empty_list_of_tools_is_told_and_none_is_not(body):
    with_none, with_empty = ({"prompt": "Hello", "tools": tools} for tools in (None, []))
    assert "tools" not in body.request(body.as_request(with_none))
    assert body.request(body.as_request(with_empty))["tools"] == []


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_an_odd_value_in_any_place_of_a_body_does_not_raise(body):
    for sample in (*SAMPLES, body.as_request(ROWS[7]), body.as_response(ROWS[7])):
        for something in bent(sample):
            if isinstance(something, dict):
                read_in_every_way(body, something)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@settings(deadline=None, max_examples=50)
@given(something=OBJECTS)
def test_any_object_is_read_without_raising(body, something):
    read_in_every_way(body, something)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@settings(deadline=None, max_examples=50)
@given(events=st.lists(OBJECTS, max_size=4))
def test_any_events_are_joined_without_raising(body, events):
    body.response(body.joined(events))


@settings(deadline=None, max_examples=50)
@given(asked=VALUES, answered=VALUES)
def test_whatever_was_said_is_told_without_raising(asked, answered):
    said(asked, answered)


def chat_events(pieces: list[str]) -> list[dict]:
    return [
        *({"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}},
    ]


def anthropic_events(pieces: list[str]) -> list[dict]:
    deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
    return [
        {"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "message_delta", "delta": {"stop_reason": "stop"}, "usage": {"output_tokens": 4}},
        {"type": "message_stop"},
    ]


def responses_events(pieces: list[str]) -> list[dict]:
    usage = {"input_tokens": 9, "output_tokens": 4}
    last = {"incomplete_details": {"reason": "stop"}, "output": [], "usage": usage}
    return [
        {"type": "response.created", "response": {"object": "response", "status": "in_progress"}},
        *({"type": "response.output_text.delta", "output_index": 0, "delta": piece} for piece in pieces),
        {"type": "response.incomplete", "response": last},
    ]


EVENTS = {
    "openai_chat": chat_events,
    "anthropic_messages": anthropic_events,
    "openai_responses": responses_events,
}


@pytest.mark.parametrize("name", EVENTS)
@settings(deadline=None, max_examples=50)
@given(pieces=st.lists(st.text(max_size=5)))
def test_a_streamed_answer_equals_the_whole_one(name, pieces):
    body = BODIES[name]
    row = {"response": "".join(pieces), "stop_reason": "stop", "input_tokens": 9, "output_tokens": 4}
    assert body.response(body.joined(EVENTS[name](pieces))) == body.response(body.as_response(row))


@pytest.mark.parametrize("name", EVENTS)
def test_a_stream_is_recognised_by_its_events_alone(name):
    told = said(None, EVENTS[name](["The lamp ", "is lit."]))
    assert told == {
        "response": "The lamp is lit.",
        "stop_reason": "stop",
        "input_tokens": 9,
        "output_tokens": 4,
    }
