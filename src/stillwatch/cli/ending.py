"""Calls to end: Ctrl-C, and SIGTERM as schedulers send it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
TERMINATED = 143

_called: list[BaseException] = []


@contextmanager
def heard() -> Iterator[None]:
    """While it lasts, a call to end raises what lets go of temporary files, and is remembered."""
    _called.clear()
    before = {number: signal.signal(number, _hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def kept() -> Iterator[None]:
    """A call to end stays one: a library that was at work makes an error of its own of what the call raised."""
    try:
        yield
    except BaseException as error:
        if _called:
            raise _called[-1] from (None if error is _called[-1] else error)
        raise


def _hear(number: int, _: FrameType | None) -> None:
    _called.append(KeyboardInterrupt() if number == signal.SIGINT else SystemExit(TERMINATED))
    raise _called[-1]
