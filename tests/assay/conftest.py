"""One cast of small models for all tests of assays: a teacher, innocents, and what they were asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from stillwatch.assay.likelihood import ratio
from stillwatch.assay.models import Floats, Mask
from stillwatch.assay.small.ngram import NGram
from stillwatch.assay.small.people import People, people

INNOCENTS = 200
SCORERS = 4


@dataclass(frozen=True)
class Asked:
    """The cast, with each innocent's agreement with the teacher and likelihood ratios."""

    people: People
    innocents: list[NGram]
    agreements: list[Mask]
    ratios: list[Floats]
    scorers: list[NGram]

    def agreement(self, model: NGram) -> Mask:
        prompts = self.people.prompts(1500, 1)
        greedy = [m.greedy(prompts[:, -2], prompts[:, -1]) for m in (model, self.people.teacher)]
        return greedy[0] == greedy[1]

    def ratio(self, model: NGram, seed: int) -> Floats:
        prompts = self.people.prompts(120, 2)
        texts = model.write(prompts, 24, np.random.default_rng([seed, 5]))
        teacher, *scorers = (m.loglikelihood(prompts, texts) for m in (self.people.teacher, *self.scorers))
        return ratio(teacher, scorers, np.full(len(texts), 24.0))


@pytest.fixture(scope="session")
def asked() -> Asked:
    cast = people(0.3)
    scorers = [cast.innocent(10_000 + i) for i in range(SCORERS)]
    made = Asked(cast, [cast.innocent(i) for i in range(INNOCENTS)], [], [], scorers)
    for seed, model in enumerate(made.innocents):
        made.agreements.append(made.agreement(model))
        made.ratios.append(made.ratio(model, seed))
    return made
