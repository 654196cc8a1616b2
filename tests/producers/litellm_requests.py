"""What is asked of LiteLLM's proxy: about forty requests of two users, a team and a stranger, each with what it is about.

A request is named after the words it asks with, so that a test finds its record again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from types import MappingProxyType
from typing import NamedTuple

LAMP, MOSS, TEAM, STRANGER = "lamp", "moss", "team", "stranger"
HOLDERS = {
    LAMP: {"user_id": "user-lamp", "key_alias": "key of lamp"},
    MOSS: {"user_id": "user-moss", "team_id": "team-moss"},
    TEAM: {"team_id": "team-alone"},
}
TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Looks something up",
        "parameters": {"type": "object", "properties": {"of": {"type": "string"}}},
    },
}
CALLED = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "call_0", "type": "function", "function": {"name": "look_up", "arguments": '{"of": "moss"}'}}
    ],
}
LONG = " ".join(f"word{number}" for number in range(2000))
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
SHAPE = {"type": "json_schema", "json_schema": {"name": "lamp", "schema": {"type": "object"}}}
VISITOR = {"stream": True, "user": "visitor-3"}


class Asked(NamedTuple):
    """One request: who, where, with which body and headers, and the status that is due."""

    who: str
    path: str
    body: dict
    headers: Mapping[str, str] = MappingProxyType({})
    status: int = 200


def chat(who: str, said: object, *, system: str = "", status: int = 200, **more: object) -> Asked:
    """A request of chat completions."""
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": said})
    return Asked(
        who, "/v1/chat/completions", {"model": "house-large", "messages": messages} | more, {}, status
    )


def requests() -> Iterator[Asked]:
    """All of them, in order."""
    for number in range(8):
        told = {"temperature": 0.1 * number, "max_tokens": 100 + number}
        yield chat(LAMP, f"plain {number} of lamps", system="Be brief.", **told)
    for number in range(4):
        yield chat(MOSS, f"streamed {number} with usage", **VISITOR, stream_options={"include_usage": True})
        yield chat(MOSS, f"streamed {number} without usage", **VISITOR)
    yield from tools()
    yield from failures()
    yield from said_about_themselves()
    yield from odd_contents()
    yield from other_dialects()


def tools() -> Iterator[Asked]:
    """Tools offered, called, called in a stream, answered."""
    yield chat(LAMP, "use the tool on lamps", tools=[TOOL], tool_choice="auto")
    yield chat(LAMP, "use the tool in a stream", tools=[TOOL], stream=True)
    asked = {"role": "user", "content": "what of moss"}
    result = {"role": "tool", "tool_call_id": "call_0", "content": "moss is green"}
    body = {"model": "house-large", "messages": [asked, CALLED, result], "tools": [TOOL]}
    yield Asked(MOSS, "/v1/chat/completions", body)
    yield from tools_of_other_dialects()


def tools_of_other_dialects() -> Iterator[Asked]:
    """The same as messages of Anthropic's and as items of responses."""
    call = {"type": "tool_use", "id": "call_0", "name": "look_up", "input": {"of": "ferns"}}
    result = {"type": "tool_result", "tool_use_id": "call_0", "content": "ferns are old"}
    messages = [
        {"role": "user", "content": "what of ferns"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    offered = {"name": "look_up", "description": "Looks up", "input_schema": {"type": "object"}}
    body = {"model": "house-claude", "max_tokens": 32, "messages": messages, "tools": [offered]}
    yield Asked(LAMP, "/v1/messages", body)
    items = [
        {"role": "user", "content": "what of reeds"},
        {"type": "function_call", "call_id": "call_0", "name": "look_up", "arguments": '{"of": "reeds"}'},
        {"type": "function_call_output", "call_id": "call_0", "output": "reeds are wet"},
    ]
    offered = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
    yield Asked(MOSS, "/v1/responses", {"model": "house-large", "input": items, "tools": [offered]})


def failures() -> Iterator[Asked]:
    """The model fails, the request is wrong, the model is unknown, the key is unknown."""
    yield chat(LAMP, "fail 429 please", status=429)
    yield chat(LAMP, "fail 400 please", status=400)
    yield chat(MOSS, "fail 500 in a stream", stream=True, status=500)
    yield chat(MOSS, "of an unknown model", model="house-none", status=400)
    yield chat(STRANGER, "with an unknown key", status=401)


def said_about_themselves() -> Iterator[Asked]:
    """Sessions, tags, end users, addresses in front of a proxy, a team's key without a user."""
    session = chat(LAMP, "in a session by header")
    yield session._replace(headers={"x-litellm-session-id": "session-1"})
    yield chat(LAMP, "in a session by body", litellm_session_id="session-2")
    yield chat(LAMP, "with metadata", metadata={"session_id": "session-3", "tags": ["red"], "of": "lamps"})
    yield chat(TEAM, "of a team", user="visitor-4")._replace(
        headers={"X-Forwarded-For": "203.0.113.7, 10.0.0.4"}
    )
    yield chat(TEAM, "of a program")._replace(headers={"User-Agent": "OpenAI/Python 2.1.0"})


def odd_contents() -> Iterator[Asked]:
    """A picture, a long text, signs of other scripts, a wanted shape, thoughts, the same twice."""
    yield chat(LAMP, [{"type": "text", "text": "what is in this picture"}, PICTURE])
    yield chat(MOSS, f"a long one {LONG}")
    yield chat(MOSS, 'signs: "häuser", 灯, \U0001f4a1,\n\ttwo lines; \\ and \'')
    yield chat(LAMP, "in a shape", response_format=SHAPE, seed=7, n=2, logprobs=True, stop=["END"], top_p=0.9)
    yield chat(LAMP, "with a thought", reasoning_effort="high")
    yield chat(TEAM, "asked twice", cache={"use-cache": True})
    yield chat(TEAM, "asked twice", cache={"use-cache": True})


def other_dialects() -> Iterator[Asked]:
    """Anthropic's messages, OpenAI's responses and plain completions, each also as a stream; embeddings."""
    for streamed in (False, True):
        how = "streamed" if streamed else "whole"
        message = {"role": "user", "content": f"a message {how}"}
        body = {"model": "house-large", "max_tokens": 64, "system": "Be brief.", "messages": [message]}
        yield Asked(LAMP, "/v1/messages", body | {"stream": streamed})
        message = {"role": "user", "content": f"a message to a claude {how}"}
        body |= {"model": "house-claude", "messages": [message], "metadata": {"user_id": "visitor-5"}}
        yield Asked(LAMP, "/v1/messages", body | {"stream": streamed})
        yield chat(
            MOSS, f"a chat with a claude {how}", model="house-claude", system="Be brief.", stream=streamed
        )
        body = {"model": "house-large", "input": f"a response {how}", "instructions": "Be brief."}
        yield Asked(MOSS, "/v1/responses", body | {"stream": streamed})
        body = {"model": "house-large", "prompt": f"a completion {how}", "max_tokens": 16}
        yield Asked(TEAM, "/v1/completions", body | {"stream": streamed})
    yield Asked(LAMP, "/v1/embeddings", {"model": "house-embedding", "input": ["lamps"]})


def ask(port: int, asked: Asked, key: str) -> None:
    """Send one, read all of the answer, and insist on its status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}", **asked.headers}
    connection.request("POST", asked.path, json.dumps(asked.body), headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    if answer.status != asked.status:
        raise RuntimeError(f"{asked.path} {asked.body}: {answer.status} {told[:1000]!r}")
