"""Asks the three models of a panel, and reads from transcripts alone what each said: a panel that was answered needs no network."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from stillwatch.assay.client._base import ModelClient
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.model.assay import Completion, Endpoint, Request
from stillwatch.model.panel import Item, Panel


@dataclass(frozen=True)
class Asker:
    """One model, asked through its transcripts: what is kept is not asked again, and what is asked is kept first."""

    endpoint: Endpoint
    kept: Transcripts
    client: ModelClient | None = None

    def answer(self, request: Request) -> Completion:
        """The answer; without a client only what is kept."""
        held = self.kept.answer(self.endpoint, request)
        if held is not None:
            return held
        if self.client is None:
            return Completion(problem="not asked")
        started = time.monotonic()
        made = self.client.generate(request)
        self.kept.keep(self.endpoint, request, made, time.monotonic() - started)
        return made


def question(item: Item, panel: Panel) -> Request:
    """A greedy answer to one item."""
    return Request(prompt=item.prompt, most_tokens=panel.most_tokens, seed=0)


def unanswered(panel: Panel, items: Sequence[Item], kept: Transcripts) -> Iterator[tuple[Endpoint, Request]]:
    """What of the items is not answered yet."""
    for model in panel.models:
        for item in items:
            request = question(item, panel)
            if kept.answer(model, request) is None:
                yield model, request


def ask_items(panel: Panel, items: Sequence[Item], askers: Mapping[str, Asker], threads: int) -> None:
    """Ask all that is open; an error ends it, and what was answered stays."""
    open_ = list(unanswered(panel, items, next(iter(askers.values())).kept))
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(askers[model.name].answer, request) for model, request in open_]:
            future.result()
