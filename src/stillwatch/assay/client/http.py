"""A model behind an OpenAI-compatible endpoint: chat or completions, over httpx (extra `[assay]`).

Whatever a server does is survived: an answer is read up to a bound and within a time, a refusal for now (429, 5xx, a broken connection) is
tried again after a wait, anything else is told in the completion. The key comes from the environment, goes into one header,
and is struck out of whatever comes back. No redirect is followed, and plain http is for this machine only.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from stillwatch.assay.client._base import Bounds, BudgetError
from stillwatch.assay.client.allowed import allowed
from stillwatch.assay.client.lines import Line, Lines
from stillwatch.assay.client.reading import answered
from stillwatch.assay.client.struck import striker
from stillwatch.errors import UsageError
from stillwatch.model.assay import Capability, Completion, Endpoint, Request

EXTRA = "Asking a model needs the package httpx: pip install 'stillwatch[assay]'."
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
MOST_TOLD = 200


class _UnusableError(Exception):
    """An answer that is not read to its end."""


@dataclass
class Purse:
    """The budget and the rate of all endpoints of a run, for several threads."""

    bounds: Bounds
    spent: int = 0
    _next: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> None:
        """Wait for one's turn and pay for one query, or refuse."""
        with self._lock:
            if self.spent >= self.bounds.budget:
                raise BudgetError(
                    f"The budget of {self.bounds.budget:,} queries is spent. What was answered is kept: "
                    "run the same command with a larger --budget, and it goes on from there."
                )
            self.spent += 1
            turn = max(self._next, time.monotonic())
            self._next = turn + 1 / self.bounds.per_second
        time.sleep(max(turn - time.monotonic(), 0))


class HttpClient:
    """One endpoint. Threads may share it."""

    def __init__(self, endpoint: Endpoint, purse: Purse, environment: Mapping[str, str] = os.environ) -> None:
        if find_spec("httpx") is None:
            raise UsageError(EXTRA)
        import httpx  # noqa: PLC0415  an extra

        self.capabilities: tuple[Capability, ...] = endpoint.capabilities
        self._endpoint, self._purse, self._bounds = endpoint, purse, purse.bounds
        key = _key(endpoint, environment)
        self._struck = striker(key)
        self._url = f"{allowed(endpoint.url).rstrip('/')}/{'chat/completions' if endpoint.style == 'chat' else 'completions'}"
        headers = {"Accept-Encoding": "identity", "User-Agent": "stillwatch"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        trusted = httpx.create_ssl_context()
        self._lines = Lines(
            lambda: httpx.Client(
                headers=headers,
                timeout=self._bounds.timeout_seconds,
                follow_redirects=False,
                verify=trusted,
            )
        )
        self._broken: tuple[type[Exception], ...] = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)

    def close(self) -> None:
        """Let go of connections."""
        self._lines.close()

    def generate(self, request: Request) -> Completion:
        """Ask once, and again where that may help."""
        told = Completion(problem="not asked")
        for attempt in range(self._bounds.tries):
            self._purse.take()
            told, wait_seconds = self._once(request)
            if wait_seconds is None:
                break
            if attempt + 1 < self._bounds.tries:
                backoff = self._bounds.first_wait_seconds * 2**attempt
                time.sleep(min(max(backoff, wait_seconds), self._bounds.longest_wait_seconds))
        return told

    def _once(self, request: Request) -> tuple[Completion, float | None]:
        """The answer, and how long to wait before another try, if one may help."""
        try:
            status, headers, content = self._sent(_body(self._endpoint, request))
        except _UnusableError as error:
            return Completion(problem=str(error)), None
        except self._broken as error:
            return Completion(problem=f"connection: {type(error).__name__}"), 0.0
        text = content.decode("utf-8", "replace")
        if status in AGAIN:
            return Completion(problem=f"status {status}"), _asked_wait(headers)
        if status != 200:
            return Completion(problem=f"status {status}: {self._struck(text)[:MOST_TOLD]}"), None
        return answered(self._struck(text), self._endpoint.style, request, self._struck), None

    def _sent(self, body: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """Within the time of a whole request, from the first byte of it to the last of the answer."""
        line = self._lines.mine()
        with line.within(self._bounds.whole_seconds):
            try:
                found = self._received(line, body)
            except Exception:
                if not line.is_cut:
                    raise
            else:
                if not line.is_cut:
                    return found
        raise _UnusableError(f"the answer takes more than {self._bounds.whole_seconds:g} seconds")

    def _received(self, line: Line, body: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        content, told = bytearray(), {"trace": line.seen}
        with line.client.stream("POST", self._url, json=body, extensions=told) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise _UnusableError("the answer is compressed, though plain text was asked for")
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > self._bounds.most_bytes:
                    raise _UnusableError(f"the answer has more than {self._bounds.most_bytes:,} bytes")
            return response.status_code, response.headers, bytes(content)


def _body(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    body: dict[str, Any] = {"model": endpoint.model, "temperature": request.temperature}
    if request.scored is not None:
        text = request.prompt + request.scored
        return {**body, "prompt": text, "echo": True, "logprobs": 1, "max_tokens": 1}
    body["max_tokens"] = request.most_tokens
    if request.seed is not None and "seed" in endpoint.capabilities:
        body["seed"] = request.seed
    if endpoint.style == "chat":
        return {**body, "messages": [{"role": "user", "content": request.prompt}]}
    return {**body, "prompt": request.prompt}


def _asked_wait(headers: Mapping[str, str]) -> float:
    try:
        return max(float(headers.get("retry-after", "0")), 0.0)
    except ValueError:
        return 0.0


def _key(endpoint: Endpoint, environment: Mapping[str, str]) -> str:
    if not endpoint.key_variable:
        return ""
    key = environment.get(endpoint.key_variable, "")
    if not key:
        raise UsageError(
            f"{endpoint.name} takes its key from the variable {endpoint.key_variable}, which is not set. Set it, and run again."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            f"The key of {endpoint.name} in the variable {endpoint.key_variable} holds a character that no header can carry: a space, the end of a line, "
            "or a letter outside ASCII. Set it anew, and run again."
        )
    return key
