"""Models of three words in numpy: greedy, sampling with or without a watermark, and likelihood, all over arrays of contexts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillwatch.assay.models import Floats
from stillwatch.assay.radioactivity import Green, Ints
from stillwatch.mark.watermark import CERTAIN

TRIGRAM, BIGRAM = 0.6, 0.3
"""Weights of the two orders in the likelihood; the rest is spread over all words."""
_MOST_REDRAWS = 60


@dataclass(frozen=True)
class Mark:
    """A watermark while writing: a green word is exp(delta) times as likely as a red one, where no word has a share of `certain` or more (as in `mark.watermark`)."""

    key: bytes
    green: Green
    delta: float = 3.0
    certain: float = CERTAIN


class NGram:
    """A model of order three that falls back to order two, and then to any word."""

    def __init__(self, words: Ints, size: int) -> None:
        self.size = size
        self._three = _Table(words[:-2] * size + words[1:-1], words[2:], size)
        self._two = _Table(words[:-1], words[1:], size)

    def greedy(self, before: Ints, last: Ints) -> Ints:
        """The likeliest next word of each pair; 0 where the last word was never seen."""
        found = np.zeros(len(last), np.int64)
        for table, context in ((self._two, last), (self._three, before * self.size + last)):
            place, is_there = table.find(context)
            found[is_there] = table.top[place[is_there]]
        return found

    def draw(self, before: Ints, last: Ints, rng: np.random.Generator) -> Ints:
        """A next word of each pair, by chance."""
        found = rng.integers(0, self.size, len(last))
        for table, context in ((self._two, last), (self._three, before * self.size + last)):
            place, is_there = table.find(context)
            found[is_there] = table.drawn(place[is_there], rng)
        return found

    def surest(self, before: Ints, last: Ints) -> Floats:
        """The share of the likeliest next word of each pair, as words are drawn."""
        found = np.full(len(last), 1 / self.size)
        for table, context in ((self._two, last), (self._three, before * self.size + last)):
            place, is_there = table.find(context)
            found[is_there] = table.surest[place[is_there]]
        return found

    def marked(self, before: Ints, last: Ints, rng: np.random.Generator, mark: Mark) -> Ints:
        """The same under a watermark, exactly: where no word is near certain a red one is kept with chance exp(-delta) and drawn again otherwise."""
        found = self.draw(before, last, rng)
        open_ = np.flatnonzero(self.surest(before, last) < mark.certain)
        for _ in range(_MOST_REDRAWS):
            is_green = mark.green([mark.key], last[open_][:, None], found[open_])[0]
            open_ = open_[~is_green & (rng.random(len(open_)) >= np.exp(-mark.delta))]
            if not len(open_):
                break
            found[open_] = self.draw(before[open_], last[open_], rng)
        return found

    def write(self, prompts: Ints, length: int, rng: np.random.Generator, mark: Mark | None = None) -> Ints:
        """Texts of that many words after prompts of two or more: one row a prompt."""
        before, last, rows = prompts[:, -2], prompts[:, -1], []
        for _ in range(length):
            word = self.draw(before, last, rng) if mark is None else self.marked(before, last, rng, mark)
            rows.append(word)
            before, last = last, word
        return np.stack(rows, axis=1)

    def loglikelihood(self, prompts: Ints, texts: Ints) -> Floats:
        """The log-probability of each text after its prompt: both orders mixed, so that nothing is impossible."""
        whole = np.concatenate([prompts[:, -2:], texts], axis=1)
        before, last, word = (whole[:, at : whole.shape[1] - 2 + at].ravel() for at in range(3))
        chance = np.full(len(word), (1 - TRIGRAM - BIGRAM) / self.size)
        chance += BIGRAM * self._two.share(last, word) + TRIGRAM * self._three.share(
            before * self.size + last, word
        )
        total: Floats = np.log(chance).reshape(texts.shape).sum(axis=1)
        return total


class _Table:
    """Contexts with their next words and counts."""

    def __init__(self, context: Ints, word: Ints, size: int) -> None:
        self.size = size
        self.pairs, counts = np.unique(context * size + word, return_counts=True)
        owner = self.pairs // size
        self.contexts, self.start = np.unique(owner, return_index=True)
        self.after = np.r_[0, np.cumsum(counts)]
        self.end = np.r_[self.start[1:], len(counts)]
        self.counts = counts
        order = np.lexsort((self.pairs, -counts, owner))
        first = order[self.start]
        self.top = (self.pairs % size)[first]
        self.surest = counts[first] / (self.after[self.end] - self.after[self.start])

    def find(self, context: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        place = np.searchsorted(self.contexts, context).clip(max=len(self.contexts) - 1)
        return place, self.contexts[place] == context

    def drawn(self, place: Ints, rng: np.random.Generator) -> Ints:
        low, high = self.after[self.start[place]], self.after[self.end[place]]
        at = np.searchsorted(self.after, low + rng.random(len(place)) * (high - low), side="right") - 1
        words: Ints = self.pairs[at] % self.size
        return words

    def share(self, context: Ints, word: Ints) -> Floats:
        place, is_there = self.find(context)
        pair = context * self.size + word
        at = np.searchsorted(self.pairs, pair).clip(max=len(self.pairs) - 1)
        total = self.after[self.end[place]] - self.after[self.start[place]]
        found: Floats = np.where(is_there & (self.pairs[at] == pair), self.counts[at] / total, 0.0)
        return found
