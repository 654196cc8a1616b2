"""A teacher, innocent models, twins and students, all small, from the public prompts that the simulator ships.

Texts are split by chance into the teacher's, everybody else's, and probes. An innocent model is trained on a random half of everybody
else's, so that innocents are independent draws of one population, given the text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain

import numpy as np

from stillwatch.assay.radioactivity import Ints
from stillwatch.assay.small.ngram import Mark, NGram
from stillwatch.simulate.text import corpus

SIZE = 2000
"""Words that models know; the last one stands for all others."""
WORD = re.compile(r"\w+|[^\w\s]")
PROMPT = 8


@dataclass(frozen=True)
class People:
    """Text in three parts, and the teacher that was trained on half of the first."""

    size: int
    of_teacher: tuple[Ints, ...]
    of_others: tuple[Ints, ...]
    probes: Ints
    teacher: NGram

    def innocent(self, seed: int) -> NGram:
        """A model that saw half of everybody else's text."""
        return NGram(self._half(self.of_others, seed), self.size)

    def twin(self, seed: int) -> NGram:
        """A model that saw half of the teacher's own text, and no word that the teacher wrote."""
        return NGram(self._half(self.of_teacher[: len(self.of_teacher) // 2], seed), self.size)

    def student(self, seed: int, written: Ints, share: float, beside: Ints | None = None) -> NGram:
        """An innocent model that saw texts as well, up to that share of all that it saw; `beside` goes in once."""
        base = self._half(self.of_others, seed)
        wanted = round(share / (1 - share) * len(base))
        taught = np.resize(written.ravel(), wanted) if wanted else np.empty(0, np.int64)
        more = np.empty(0, np.int64) if beside is None else beside.ravel()
        return NGram(np.concatenate([base, taught, more]), self.size)

    def prompts(self, count: int, seed: int, *, of: str = "probes") -> Ints:
        """Beginnings of texts: one row of `PROMPT` words each, from the probes, or from the others' text, as a distiller's."""
        words = self.probes if of == "probes" else np.concatenate(self.of_others)
        rng = np.random.default_rng([seed, 7])
        start = rng.integers(0, len(words) - PROMPT, count)
        asked: Ints = words[start[:, None] + np.arange(PROMPT)]
        return asked

    def answers(self, count: int, length: int, seed: int, mark: Mark | None = None) -> Ints:
        """What the teacher answers to a distiller's prompts: prompts and answers, one row each."""
        asked = self.prompts(count, seed, of="others")
        written = self.teacher.write(asked, length, np.random.default_rng([seed, 8]), mark)
        return np.concatenate([asked[:, -2:], written], axis=1)

    def _half(self, texts: tuple[Ints, ...], seed: int) -> Ints:
        rng = np.random.default_rng([seed, 9])
        return np.concatenate([texts[i] for i in rng.choice(len(texts), len(texts) // 2, replace=False)])


def people(part: float = 1.0, seed: int = 1) -> People:
    """The whole cast, from a part of the shipped prompts."""
    rng = np.random.default_rng(seed)
    texts = [text for _, _, text in corpus()]
    kept = [WORD.findall(texts[i].lower()) for i in rng.permutation(len(texts))[: round(part * len(texts))]]
    known = {word: i for i, (word, _) in enumerate(Counter(chain.from_iterable(kept)).most_common(SIZE - 1))}
    coded = tuple(
        np.array([known.get(word, SIZE - 1) for word in words], np.int64) for words in kept if words
    )
    first, second = len(coded) * 2 // 5, len(coded) * 4 // 5
    of_teacher = coded[:first]
    return People(
        size=SIZE,
        of_teacher=of_teacher,
        of_others=coded[first:second],
        probes=np.concatenate(coded[second:]),
        teacher=NGram(np.concatenate(of_teacher[: first // 2]), SIZE),
    )
