"""Small models that speak text: words are `w` and a number, so that clients, transcripts and reports see what they would see."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from stillwatch.assay.client.local import LocalClient
from stillwatch.assay.small.ngram import NGram
from stillwatch.cli.assaying.told import word_number
from stillwatch.mark.watermark import green
from stillwatch.model.assay import Request

NUMBER = re.compile(r"w(\d+)")
NUMBERS = np.array([word_number(f"w{i}") for i in range(2000)])


def spoken(ids) -> str:
    return "".join(f" w{i}" for i in ids)


def heard(text: str) -> np.ndarray:
    return np.array([int(n) for n in NUMBER.findall(text)], np.int64)


def green_of_words(keys, contexts, tokens):
    """The same green that a report sees in words, over numbers of words."""
    return green(keys, NUMBERS[contexts], NUMBERS[tokens])


class Speaker:
    """A model of numbers as a model of text."""

    def __init__(self, model: NGram, seed: int = 0) -> None:
        self.model, self.seed = model, seed
        self.write = cache(self.written)
        self.score = cache(self.scored)

    def written(self, request: Request) -> str:
        prompt = heard(request.prompt)[None, :]
        if request.temperature == 0:
            return spoken(self.model.greedy(prompt[:, -2], prompt[:, -1]))
        rng = np.random.default_rng([self.seed, request.sample, *prompt[0].tolist()])
        return spoken(self.model.write(prompt, request.most_tokens, rng)[0])

    def scored(self, prompt: str, text: str) -> tuple[float, ...]:
        return (float(self.model.loglikelihood(heard(prompt)[None, :], heard(text)[None, :])[0]),)

    def client(self) -> LocalClient:
        return LocalClient("a small model", self.write, self.score)
