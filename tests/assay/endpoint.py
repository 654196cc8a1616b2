"""A real server on this machine, which speaks as OpenAI's endpoints do, or misbehaves in a way of choice."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Server:
    """What it was asked, and how it behaves: a way for each number of a question, or the usual one."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    behave: Callable[[int, dict[str, Any]], Response | None] = lambda _number, _body: None


def usual(body: dict[str, Any], model: str = "the-model") -> Response:
    if "messages" in body:
        said = f"You said {body['messages'][0]['content']}"
        return JSONResponse(
            {"model": model, "choices": [{"message": {"content": said}, "finish_reason": "stop"}]}
        )
    if body.get("echo"):
        parts = body["prompt"].split(" ")
        offsets = [sum(len(p) + 1 for p in parts[:i]) for i in range(len(parts))]
        told = {"token_logprobs": [None, *([-1.5] * (len(parts) - 1))], "text_offset": offsets}
        return JSONResponse({"model": model, "choices": [{"text": body["prompt"], "logprobs": told}]})
    return JSONResponse({"model": model, "choices": [{"text": " blue sky", "finish_reason": "length"}]})


def endless(chunk: bytes = b"x" * 65536, pause: float = 0.0, most: int = 1600) -> Response:
    async def body():
        for _ in range(most):
            yield chunk
            await asyncio.sleep(pause)

    return StreamingResponse(body(), media_type="application/json")


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs until the block ends."""
    server = Server()

    async def answer(request: Request) -> Response:
        body = await request.json()
        server.asked.append(body)
        server.keys.append(request.headers.get("authorization", ""))
        made = server.behave(len(server.asked), body)
        return usual(body) if made is None else made

    app = Starlette(
        routes=[Route(f"/v1/{p}", answer, methods=["POST"]) for p in ("completions", "chat/completions")]
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=run.run, daemon=True)
    thread.start()
    while not run.started:
        time.sleep(0.01)
    server.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        run.force_exit = run.should_exit = True
        thread.join(10)
