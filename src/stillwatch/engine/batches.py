"""One function over many batches: on a few threads, results in order, a bounded number ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def _nothing() -> None:
    """What is under way may go on to its end."""


def in_order(
    items: Iterable[T],
    function: Callable[[T], R],
    *,
    threads: int,
    ahead: int = 1,
    given_up: Callable[[], object] = _nothing,
) -> Iterator[R]:
    """`function` of each item, in the items' order.

    At most `threads + ahead` items are in hand at a time, so memory does not grow with the input. The
    items themselves are drawn on the caller's thread. An error of the function is raised where its
    result would have come, an error of the items as soon as it comes up; what was started before it
    is waited for and given up, and `given_up` is called to cut that short.
    """
    if threads == 1:
        yield from map(function, items)
        return
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="stillwatch-map") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= threads + ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            for future in waiting:
                future.cancel()
            given_up()
            raise


def together(jobs: Mapping[str, Callable[[], object]], *, threads: int) -> dict[str, Any]:
    """What each of these jobs gives, by its name.

    The first, which should be the largest, runs on the caller's thread: arrays of another one do not lie where memory
    was let go of here. An error comes as if they ran one after the other.
    """
    if threads == 1:
        return {name: job() for name, job in jobs.items()}
    (name, first), *others = jobs.items()
    with ThreadPoolExecutor(threads - 1, thread_name_prefix="stillwatch-job") as pool:
        try:
            beside = {other: pool.submit(job) for other, job in others}
            return {name: first(), **{other: future.result() for other, future in beside.items()}}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
