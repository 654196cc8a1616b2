"""Requests that arrive together are answered together: a small model writes thirty texts in the time of one."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future

from stillwatch.mark.answering import Ask, Writer

MOST = 64
_WAIT_SECONDS = 0.01


class Batches:
    """A thread in front of a model."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._asks: queue.Queue[tuple[Ask, Future[str]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def write(self, ask: Ask) -> str:
        """The text of one request, when it is there."""
        future: Future[str] = Future()
        self._asks.put((ask, future))
        return future.result()

    def close(self) -> None:
        """Answer what is waiting, and end."""
        self._asks.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            first = self._asks.get()
            batch = [first] if first else []
            is_open = first is not None
            while is_open and len(batch) < MOST:
                try:
                    more = self._asks.get(timeout=_WAIT_SECONDS)
                except queue.Empty:
                    break
                is_open = more is not None
                batch += [more] if more else []
            self._answer(batch)

    def _answer(self, batch: list[tuple[Ask, Future[str]]]) -> None:
        try:
            for (_, future), text in zip(batch, self._writer.write([ask for ask, _ in batch]), strict=True):
                future.set_result(text)
        except Exception as error:  # noqa: BLE001  whoever waits is told
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
