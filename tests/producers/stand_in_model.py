"""A model that only repeats: OpenAI's and Anthropic's APIs on loopback, for gateways that need something to call.

It answers the last thing said with `Answer to: …`, calls the first tool where the message asks to `use the tool`, fails
with the status that `fail 429` names, and tells its usage: one token for a word. Chat completions, plain completions,
responses, Anthropic's messages and embeddings; all but the last also as a stream.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

NUMBERS = count(1)
NO_DETAILS = {"prompt_tokens_details": {"cached_tokens": 0}}


@contextmanager
def stand_in_model() -> Iterator[int]:
    """The port on which it listens, as long as the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = last_said(body)
        if said.startswith("fail "):
            self._send(int(said.split()[1]), error(said))
            return
        kind = "plain" if "prompt" in body else self.path.rpartition("/")[2]
        answer = ANSWERS[kind](body, said)
        if body.get("stream"):
            self._stream(STREAMS[kind](body, answer))
        else:
            self._send(200, answer)

    def _send(self, status: int, answer: dict) -> None:
        told = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def _stream(self, events: Iterator[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            self.wfile.write(f"{event}\n\n".encode())
            self.wfile.flush()
        self.close_connection = True


def last_said(body: dict) -> str:
    """The text of the last message, or what stands in its place."""
    asked = body.get("messages") or body.get("input") or body.get("prompt") or ""
    if isinstance(asked, str):
        return asked
    last = asked[-1]
    content = last if isinstance(last, str) else last.get("content") or last.get("output") or ""
    return (
        content
        if isinstance(content, str)
        else " ".join(part.get("text") or str(part.get("content") or "") for part in content)
    )


def error(said: str) -> dict:
    """An error of OpenAI's."""
    return {
        "error": {"message": f"The model was told to {said}", "type": "stand_in", "code": said.split()[1]}
    }


def words_of(text: str) -> list[str]:
    """The words, each with the space before it."""
    return [word if place == 0 else f" {word}" for place, word in enumerate(text.split(" "))]


def usage(body: dict, answer: str) -> dict:
    """One token for a word of the messages, of the answer, and five for a thought."""
    asked = len(json.dumps(body.get("messages") or body.get("prompt") or "").split())
    thought = 5 if body.get("reasoning_effort") else 0
    answered = len(answer.split()) + thought
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        **NO_DETAILS,
        "completion_tokens_details": {"reasoning_tokens": thought},
    }


def chat(body: dict, said: str) -> dict:
    """An answer of chat completions."""
    text = f"Answer to: {said}"
    message: dict = {"role": "assistant", "content": text}
    if body.get("tools") and "use the tool" in said:
        name = body["tools"][0]["function"]["name"]
        call = {
            "id": f"call_{next(NUMBERS)}",
            "type": "function",
            "function": {"name": name, "arguments": '{"of": "lamps"}'},
        }
        message |= {"content": None, "tool_calls": [call]}
    if body.get("reasoning_effort"):
        message["reasoning_content"] = "It asks about lamps."
    ended = "tool_calls" if "tool_calls" in message else "stop"
    choices = [{"index": n, "message": message, "finish_reason": ended} for n in range(body.get("n") or 1)]
    return _head("chat.completion", body) | {"choices": choices, "usage": usage(body, text)}


def _head(kind: str, body: dict) -> dict:
    return {"id": f"chatcmpl-{next(NUMBERS)}", "object": kind, "created": 1, "model": body["model"]}


def chat_stream(body: dict, answer: dict) -> Iterator[str]:
    """The same in pieces of a word each, or of a few letters of a tool's arguments."""
    head = {name: answer[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    message, ended = answer["choices"][0]["message"], answer["choices"][0]["finish_reason"]
    deltas = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in words_of(message["content"] or "")]
    for call in message.get("tool_calls", ()):
        told = call["function"]["arguments"]
        deltas.append(
            {"tool_calls": [{**call, "index": 0, "function": {**call["function"], "arguments": ""}}]}
        )
        deltas += [
            {"tool_calls": [{"index": 0, "function": {"arguments": told[place : place + 4]}}]}
            for place in range(0, len(told), 4)
        ]
    for delta in deltas:
        yield _event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _event(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": ended}]})
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _event(head | {"choices": [], "usage": answer["usage"]})
    yield "data: [DONE]"


def _event(told: dict) -> str:
    return f"data: {json.dumps(told)}"


def plain(body: dict, said: str) -> dict:
    """An answer of completions."""
    text = f"Answer to: {said}"
    choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": None}
    return _head("text_completion", body) | {"choices": [choice], "usage": usage(body, text)}


def plain_stream(_: dict, answer: dict) -> Iterator[str]:
    """The same in one piece."""
    yield _event(answer)
    yield "data: [DONE]"


def responses(body: dict, said: str) -> dict:
    """An answer of OpenAI's responses."""
    text = f"Answer to: {said}"
    content = {"type": "output_text", "text": text, "annotations": []}
    message = {
        "type": "message",
        "id": f"msg_{next(NUMBERS)}",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }
    told = usage({"messages": body["input"]}, text)
    counts = {
        "input_tokens": told["prompt_tokens"],
        "output_tokens": told["completion_tokens"],
        "total_tokens": told["total_tokens"],
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    asked = {
        name: body.get(name)
        for name in ("instructions", "temperature", "top_p", "max_output_tokens", "metadata")
    }
    return asked | {
        "id": f"resp_{next(NUMBERS)}",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": body["model"],
        "output": [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": body.get("tools") or [],
        "usage": counts,
    }


def responses_stream(_: dict, answer: dict) -> Iterator[str]:
    """The same as events: it begins, its text word by word, it ends."""
    text = answer["output"][0]["content"][0]["text"]
    place = {"item_id": answer["output"][0]["id"], "output_index": 0, "content_index": 0}
    events: list[dict] = [
        {
            "type": "response.created",
            "response": answer | {"status": "in_progress", "output": [], "usage": None},
        }
    ]
    events += [
        {"type": "response.output_text.delta", **place, "delta": word, "logprobs": []}
        for word in words_of(text)
    ]
    events += [
        {"type": "response.output_text.done", **place, "text": text, "logprobs": []},
        {"type": "response.completed", "response": answer},
    ]
    for number, event in enumerate(events):
        yield f"event: {event['type']}\n{_event(event | {'sequence_number': number})}"


def messages(body: dict, said: str) -> dict:
    """An answer of Anthropic's messages."""
    text = f"Answer to: {said}"
    told = usage(body, text)
    return {
        "id": f"msg_{next(NUMBERS)}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": told["prompt_tokens"], "output_tokens": told["completion_tokens"]},
    }


def messages_stream(_: dict, answer: dict) -> Iterator[str]:
    """The same as events: it begins, its one block word by word, it ends."""
    begun = answer | {"content": [], "stop_reason": None}
    ended = {"stop_reason": answer["stop_reason"], "stop_sequence": None}
    events: list[dict] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    ]
    events += [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
        for word in words_of(answer["content"][0]["text"])
    ]
    events += [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ended, "usage": answer["usage"]},
        {"type": "message_stop"},
    ]
    for event in events:
        yield f"event: {event['type']}\n{_event(event)}"


def embeddings(body: dict, _: str) -> dict:
    """Two numbers."""
    told = {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}
    counts = {"prompt_tokens": 2, "total_tokens": 2}
    return {"object": "list", "data": [told], "model": body["model"], "usage": counts}


ANSWERS = {
    "completions": chat,
    "plain": plain,
    "responses": responses,
    "messages": messages,
    "embeddings": embeddings,
}
STREAMS = {
    "completions": chat_stream,
    "plain": plain_stream,
    "responses": responses_stream,
    "messages": messages_stream,
}
