"""A few threads that share out a piece of work whose pieces may have pieces of their own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Crew:
    """Threads that are there between `with` and its end; outside, and if there is one alone, the caller does everything."""

    def __init__(self, threads: int = 1) -> None:
        """Of so many."""
        self.threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._hands: set[int] = set()

    def __enter__(self) -> Self:
        """Call the threads."""
        if self.threads > 1:
            self._pool = ThreadPoolExecutor(
                self.threads,
                thread_name_prefix="stillwatch-crew",
                initializer=lambda: self._hands.add(threading.get_ident()),
            )
        return self

    def __exit__(self, *_error: object) -> None:
        """Let them go. What they still do is waited for, and is cut short where it would share out more pieces."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool = None
        self._hands.clear()

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """`function` of each item, in the items' order; an error comes where its result would have come.

        One item more is in hand than there are threads, so that who is free soon helps with what was begun. A thread of
        the crew that waits for a piece does those of its own that nobody has begun.
        """
        pool = self._pool
        if pool is None:
            yield from map(function, items)
            return
        waiting: deque[_Piece[R]] = deque()
        try:
            for item in items:
                piece = _Piece(function, item)
                pool.submit(piece.begin)
                waiting.append(piece)
                if len(waiting) > self.threads:
                    yield self._first(waiting)
            while waiting:
                yield self._first(waiting)
        finally:
            for piece in waiting:
                piece.leave()

    def _first(self, waiting: deque[_Piece[R]]) -> R:
        if threading.get_ident() in self._hands:
            for piece in waiting:
                if waiting[0].done():
                    break
                piece.begin()
        return waiting.popleft().result()


class _Piece(Generic[R]):
    """A function of an item, done by whoever begins first."""

    def __init__(self, function: Callable[[T], R], item: T) -> None:
        self._work: Callable[[], R] = lambda: function(item)
        self._begun = threading.Lock()
        self._result: Future[R] = Future()
        self.done, self.result = self._result.done, self._result.result

    def begin(self) -> None:
        """Do it, unless somebody has begun."""
        if self._begun.acquire(blocking=False):
            try:
                self._result.set_result(self._work())
            except BaseException as error:  # noqa: BLE001  it is raised where the result would have come
                self._result.set_exception(error)

    def leave(self) -> None:
        """Have nobody begin any more."""
        self._begun.acquire(blocking=False)
