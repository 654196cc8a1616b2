"""A small model that is asked in text: prompts in, texts out, many at once, each as if it were alone (extra `[assay]`)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stillwatch.distil.small import Ints, Processor, Small, loglikelihood, write
from stillwatch.distil.tokens import END, Tokens

TOKENIZER = "tokenizer.json"
PROMPT = 16


class Asked(Protocol):
    """What a request says: the server's and the assay's requests both do."""

    @property
    def prompt(self) -> str:
        """The text to go on from."""
        ...

    @property
    def most_tokens(self) -> int:
        """How much to write."""
        ...

    @property
    def temperature(self) -> float:
        """0 for the likeliest token."""
        ...


class SmallWriter:
    """A small model with its tokenizer. It sees the last `PROMPT` tokens of a prompt."""

    def __init__(self, model: Small, tokens: Tokens) -> None:
        self.model, self.tokens = model, tokens

    @classmethod
    def opened(cls, folder: Path) -> SmallWriter:
        """The model of a folder."""
        return cls(Small.opened(folder), Tokens.opened(folder / TOKENIZER))

    def save(self, folder: Path) -> None:
        """Keep model and tokenizer."""
        self.model.save(folder)
        self.tokens.save(folder / TOKENIZER)

    def beginnings(self, prompts: Sequence[str]) -> Ints:
        """The last tokens of each prompt, with the mark of a beginning before short ones."""
        rows = [([END] * PROMPT + coded)[-PROMPT:] for coded in self.tokens.of_each(prompts)]
        return np.array(rows, np.int64).reshape(-1, PROMPT)

    def write(self, asks: Sequence[Asked]) -> list[str]:
        """One text for each. Those with the same settings are written together."""
        found: dict[int, str] = {}
        for _, group in groupby(
            sorted(range(len(asks)), key=lambda i: _how(asks[i])), key=lambda i: _how(asks[i])
        ):
            places = list(group)
            found |= dict(zip(places, self._together([asks[i] for i in places]), strict=True))
        return [found[i] for i in range(len(asks))]

    def _together(self, asks: Sequence[Asked]) -> list[str]:
        first = asks[0]
        length = min(first.most_tokens, self.model.shape.context - PROMPT)
        uniforms = None
        if first.temperature > 0:
            uniforms = np.stack([np.random.default_rng(_seeds(ask)).random(length) for ask in asks])
        processor: Processor | None = getattr(first, "watermark", None)
        rows = write(
            self.model,
            self.beginnings([ask.prompt for ask in asks]),
            length,
            uniforms=uniforms,
            temperature=first.temperature or 1.0,
            processor=processor,
        )
        return [self.tokens.text(row) for row in rows.tolist()]

    def score(self, prompt: str, text: str) -> list[tuple[str, float]]:
        """The tokens of a text after a prompt, with their log-probabilities."""
        (logs,) = self.scores([(prompt, text)])
        pieces = self.tokens.of(text)[: len(logs)]
        return [(self.tokens.text([token]), value) for token, value in zip(pieces, logs, strict=True)]

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[float, ...]]:
        """Log-probabilities of the tokens of each text after its prompt, as many as the model holds at once."""
        begin = self.beginnings([prompt for prompt, _ in pairs])
        room = self.model.shape.context - PROMPT
        texts = [coded[:room] for coded in self.tokens.of_each([text for _, text in pairs])]
        rows = np.full((len(pairs), self.model.shape.context), END, np.int64)
        rows[:, :PROMPT] = begin
        for row, coded in zip(rows, texts, strict=True):
            row[PROMPT : PROMPT + len(coded)] = coded
        found: NDArray[np.float64] = loglikelihood(self.model, rows, PROMPT)
        return [tuple(map(float, logs[: len(coded)])) for logs, coded in zip(found, texts, strict=True)]

    def count(self, text: str) -> int:
        """How many tokens a text has."""
        return len(self.tokens.of(text))


def _how(ask: Asked) -> tuple[int, float, int]:
    return (
        ask.most_tokens,
        ask.temperature,
        id(getattr(ask, "watermark", None)) and hash(getattr(ask, "watermark", None)),
    )


def _seeds(ask: Asked) -> list[int]:
    """A row's own chance: its seed and its prompt, so that two prompts under one seed are drawn apart."""
    words = np.frombuffer(ask.prompt.encode()[-64:].ljust(64), np.uint32)
    return [int(getattr(ask, "seed", 0) or 0), *map(int, words)]
