"""Serves a model of this machine over HTTP as OpenAI's API is, marks the answers of flagged accounts, and logs each exchange as `scan` reads it.

For small models, rehearsals and tests: it listens on this machine only. A provider puts `Marking` into its own gateway.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stillwatch.errors import StillwatchError, UsageError
from stillwatch.mark.answering import Ask, Marking, Writer, asked
from stillwatch.mark.batches import Batches

MOST_BYTES = 1024 * 1024
_MOST_DIGITS = 12
IDLE_SECONDS = 60.0
_PATHS = {"/v1/chat/completions": True, "/v1/completions": False}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Served:
    """What is served to whom. `accounts` maps the SHA-256 of an API key to its account; without marks nothing is marked."""

    writer: Writer
    model: str
    accounts: Mapping[str, str] = field(repr=False)
    log: Path
    marking: Marking | None = None
    now: Callable[[], datetime] = _now


def key_digest(key: str) -> str:
    """How an API key is kept: never itself."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass
class Desk:
    """Takes requests, asks the model, marks, logs."""

    served: Served
    batches: Batches
    _run: str = field(default_factory=lambda: secrets.token_hex(6))
    """Ids are the server's own, and new after a restart: a row whose id was there before is no row of a log."""
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def account(self, authorisation: str) -> tuple[str, str] | None:
        """The account of a bearer key, and the key's own name in the log."""
        digest = key_digest(authorisation.removeprefix("Bearer "))
        for known, account in self.served.accounts.items():
            if hmac.compare_digest(known, digest):
                return account, f"key_{digest[:16]}"
        return None

    def scored(self, prompt: str) -> dict[str, Any]:
        """Log-probabilities of a prompt's own tokens; never logged, since nothing is served."""
        found, offsets, at = self.served.writer.score("", prompt), [], 0
        for token, _ in found:
            offsets.append(at)
            at += len(token)
        told = {
            "tokens": [token for token, _ in found],
            "token_logprobs": [value for _, value in found],
            "text_offset": offsets,
        }
        return {
            "model": self.served.model,
            "choices": [{"index": 0, "text": prompt, "logprobs": told, "finish_reason": "length"}],
        }

    def answer(self, account: str, ask: Ask) -> str:
        """The text for an account: a canary at its trigger, the model's words otherwise, with the watermark of its set."""
        marking = self.served.marking
        found = marking.set_of(account) if marking else None
        if marking is None or found is None:
            return self.batches.write(ask)
        canary = marking.canary(found, account, ask.prompt)
        if canary is not None:
            return canary
        watermark = marking.watermark(found)
        text = self.batches.write(replace(ask, watermark=watermark))
        if watermark is not None:
            marking.marked(found, account, text)
        return text

    def row(self, who: tuple[str, str], ask: Ask, system: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """What the log says of a request, by the contract's names."""
        with self._lock:
            self._number += 1
            number = self._number
        count = self.served.writer.count
        return {
            "exchange_id": f"ex_{self._run}_{number:09d}",
            "ts": self.served.now().isoformat(),
            "account_id": who[0],
            "api_key_id": who[1],
            "model": self.served.model,
            "channel": "api",
            "user_agent": headers.get("user-agent"),
            "system_prompt": system or None,
            "prompt": ask.prompt,
            "turns": 1,
            "temperature": ask.temperature,
            "max_tokens": ask.most_tokens,
            "n": 1,
            "input_tokens": count(ask.prompt),
            "content_state": "full",
            "source": "stillwatch-serve/1",
        }

    def write(self, row: Mapping[str, Any]) -> None:
        """Add an exchange to the log."""
        with self._lock, self.served.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


class _RequestError(Exception):
    """What a client sent is no request."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nobody's error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    desk: Desk
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    """A client that says nothing for so long is left."""

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if "transfer-encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._refuse(411, "a request needs a Content-Length, and comes in one piece")
        elif len(length) > _MOST_DIGITS or int(length) > MOST_BYTES:
            self._refuse(413, f"a request has {MOST_BYTES:,} bytes at most")
        else:
            self._take(self.rfile.read(int(length)))

    def do_GET(self) -> None:
        self._refuse(405, "there is POST, and nothing else")

    do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815  the library's names

    def _take(self, content: bytes) -> None:
        who = self.desk.account(self.headers.get("authorization", ""))
        if self.path not in _PATHS:
            self._say(404, _error(f"there are {', '.join(_PATHS)}"))
        elif who is None:
            self._say(401, _error("the key is not known"))
        else:
            status, told = self._answered(who, content, is_chat=_PATHS[self.path])
            self._say(status, told)

    def _answered(
        self, who: tuple[str, str], content: bytes, *, is_chat: bool
    ) -> tuple[int, Mapping[str, Any]]:
        """The answer, or why there is none. What went wrong on this side is nobody's but the operator's, who finds it on the screen."""
        try:
            return 200, self._answer(who, content, is_chat=is_chat)
        except _RequestError as error:
            return 400, _error(str(error))
        except Exception as error:  # noqa: BLE001  the client is told that there is no answer; the server lives on
            told = str(error) if isinstance(error, StillwatchError) else type(error).__name__
            sys.stderr.write(f"No answer: {told}\n")
            return 500, _error("there is no answer")

    def _answer(self, who: tuple[str, str], content: bytes, *, is_chat: bool) -> Mapping[str, Any]:
        try:
            body = _object(content)
            ask, system = asked(body, is_chat=is_chat)
        except (ValueError, RecursionError) as error:
            raise _RequestError(error) from error
        if not is_chat and body.get("echo"):
            return self.desk.scored(ask.prompt)
        row = self.desk.row(who, ask, system, {k.lower(): v for k, v in self.headers.items()})
        text = self.desk.answer(who[0], ask)
        tokens = self.desk.served.writer.count(text)
        self.desk.write(
            {**row, "response": text, "output_tokens": tokens, "stop_reason": "length", "status": 200}
        )
        choice = {"message": {"role": "assistant", "content": text}} if is_chat else {"text": text}
        usage = {"prompt_tokens": row["input_tokens"], "completion_tokens": tokens}
        made = [{"index": 0, **choice, "finish_reason": "length"}]
        return {
            "id": row["exchange_id"],
            "model": self.desk.served.model,
            "choices": made,
            "usage": usage,
        }

    def _refuse(self, status: int, told: str) -> None:
        """Without having read the rest, so that the connection ends."""
        self.close_connection = True
        self._say(status, _error(told))

    def _say(self, status: int, told: Mapping[str, Any]) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the library's name
        """Say nothing: what is logged is the exchange."""


def _object(content: bytes) -> dict[str, Any]:
    body = json.loads(content)
    if not isinstance(body, dict):
        raise ValueError("the body is no object")  # noqa: TRY004  told to the client as any other mistake
    return body


def _error(told: str) -> Mapping[str, Any]:
    return {"error": {"message": told}}


@contextmanager
def serving(served: Served, port: int = 0) -> Iterator[str]:
    """Serve on this machine until the block ends; gives the address up to `/v1`."""
    served.log.parent.mkdir(parents=True, exist_ok=True)
    batches = Batches(served.writer)
    handler = type("Handler", (_Handler,), {"desk": Desk(served, batches)})
    try:
        server = _Server(("127.0.0.1", port), handler)
    except OSError as error:
        batches.close()
        raise UsageError(
            f"Port {port} cannot be listened at: {error.strerror}. Name another; 0 is any."
        ) from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        batches.close()
