"""Calls to end: Ctrl-C, and SIGTERM as schedulers send it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer, main_thread
from types import FrameType

INTERRUPTED = 130
TERMINATED = 143
BUSY = ("numba", "llvmlite")
"""Packages whose compiled code calls Python and goes on, or crashes, when that raises."""
SOON = 0.02
"""Seconds until a call that came to a busy package is heard again."""

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


def _hear(number: int, frame: FrameType | None) -> None:
    if _busy(frame):
        later = Timer(SOON, signal.pthread_kill, (main_thread().ident, number))
        later.daemon = True
        later.start()
        return
    _called.append(KeyboardInterrupt() if number == signal.SIGINT else SystemExit(TERMINATED))
    raise _called[-1]


def _busy(frame: FrameType | None) -> bool:
    while frame is not None:
        if str(frame.f_globals.get("__name__")).split(".")[0] in BUSY:
            return True
        frame = frame.f_back
    return False
