"""One connection for each thread, which can be cut from outside.

The library bounds each single wait for bytes and not the whole: a server that sends one header after another, each in time, would never be left. When
the time of a whole request is over, the connection is shut under it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Line:
    """A client of httpx that one thread uses, and the socket that it opened last."""

    client: Any
    is_cut: bool = False
    _socket: socket.socket | None = None

    def seen(self, event: str, told: Mapping[str, Any]) -> None:
        """What httpx tells of its connection (its extension `trace`)."""
        stream: Any = told.get("return_value")
        if event.endswith(".complete") and hasattr(stream, "get_extra_info"):
            self._socket = stream.get_extra_info("socket")
            if self.is_cut:
                self._shut()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut the connection when the time is over."""
        self.is_cut = False
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self.is_cut = True
        self._shut()

    def _shut(self) -> None:
        """Of the plain socket, below any encryption: whoever reads from it is told that it ended."""
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@dataclass
class Lines:
    """A line for each thread that asks."""

    made: Callable[[], Any]
    _open: list[Line] = field(default_factory=list)
    _mine: threading.local = field(default_factory=threading.local)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mine(self) -> Line:
        """This thread's."""
        found: Line | None = getattr(self._mine, "line", None)
        if found is None:
            found = self._mine.line = Line(self.made())
            with self._lock:
                self._open.append(found)
        return found

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            for line in self._open:
                line.client.close()
