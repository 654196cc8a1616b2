"""What a model's kept answers come to before any key is looked at as right or wrong: the tuples that it wrote, and the alternatives that it chose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.assay.betting import Bets, on_green, on_hits
from stillwatch.assay.canary import chosen
from stillwatch.assay.case import Case
from stillwatch.assay.queries import NAMED_TOKENS, drawn, writing
from stillwatch.assay.radioactivity import Ints, Tuples, gathered
from stillwatch.assay.stopping import look_of
from stillwatch.mark.canaries import answer_index
from stillwatch.model.assay import Endpoint


@dataclass(frozen=True)
class Written:
    """The tuples of a model's texts, and by which look each text was asked."""

    tuples: Tuples
    looks: Ints
    share: float
    """Of the texts that were asked for, how many were written."""

    def bets(self, case: Case, key: bytes, times: Ints | None = None) -> Bets:
        """Bets on the colour of each under a key, if each text is taken so many times."""
        tuples, tools = self.tuples, case.tools
        is_green = tools.green([key], tuples.contexts, tuples.tokens)[0].astype(np.float64)
        return on_green(
            tuples, is_green, self.looks, gamma=tools.gamma, weighting=case.plan.weighting, times=times
        )


def written(case: Case, subject: Endpoint, window: int) -> Written | None:
    """The texts of a model, if it wrote any that a key could say something of."""
    tokenise, looks = case.tools.tokenise, look_of(case.plan, case.probes)
    if tokenise is None:
        return None
    texts, prompts, by = [], [], []
    probes = case.of_kind("free")
    for probe in probes:
        told = case.find(subject, writing(probe, case.plan))
        if told is not None and told.text:
            prompts.append(tokenise(probe.prompt))
            texts.append(tokenise(told.text))
            by.append(looks.get(probe.probe_id, 0))
    made = Written(gathered(texts, prompts, window), np.array(by, np.int64), len(texts) / max(len(probes), 1))
    return made if len(made.tuples.place) else None


@dataclass(frozen=True)
class Picked:
    """What a model chose at the triggers of an account set, and what the key chose, among how many alternatives, by which look."""

    choices: list[int | None]
    secret: list[int]
    sizes: list[int]
    looks: list[int]
    share: float
    """Of the samples that were asked for, how many were answered."""

    @property
    def hits(self) -> list[bool]:
        """Where both chose the same."""
        return [choice == answer for choice, answer in zip(self.choices, self.secret, strict=True)]

    def of(self, units: Ints) -> Picked:
        """The same of triggers drawn again."""
        return Picked(
            [self.choices[i] for i in units],
            [self.secret[i] for i in units],
            [self.sizes[i] for i in units],
            [self.looks[i] for i in units],
            self.share,
        )

    @property
    def bets(self) -> Bets:
        """Bets on the key's answer at each."""
        return on_hits(self.hits, self.sizes, self.looks)


def picked(case: Case, subject: Endpoint, account_set: str) -> Picked | None:
    """The choices of a model at a set's triggers, if there is a key, a trigger and an answer."""
    keys, looks = case.tools.keys.get(account_set), look_of(case.plan, case.probes)
    probes = [probe for probe in case.of_kind("trigger") if probe.account_set == account_set]
    if keys is None or keys.canary is None or not probes:
        return None
    choices: list[int | None] = []
    answered = 0
    for probe in probes:
        found = [case.find(subject, r) for r in drawn(probe, case.plan.trigger_samples, NAMED_TOKENS)]
        texts = [c.text for c in found if c is not None and c.text]
        answered += len(texts)
        choices.append(chosen(texts, probe.alternatives))
    if not answered:
        return None
    sizes = [len(probe.alternatives) for probe in probes]
    secret = [
        answer_index(keys.canary, account_set, p.trigger or p.prompt, m)
        for p, m in zip(probes, sizes, strict=True)
    ]
    share = answered / (len(probes) * case.plan.trigger_samples)
    return Picked(choices, secret, sizes, [looks.get(p.probe_id, 0) for p in probes], share)
