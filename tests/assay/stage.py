"""A whole assay over small models in this process: a cast, what it is asked, and the report of any suspect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec
import numpy as np

from stillwatch.assay.case import Case, Keys, Tools
from stillwatch.assay.client.local import LocalClient
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.plan import sealed
from stillwatch.assay.recompute import recomputed
from stillwatch.assay.run import run
from stillwatch.assay.small.ngram import Mark
from stillwatch.cli.assaying.told import words
from stillwatch.mark.canaries import answer_index
from stillwatch.mark.keys import commitment
from stillwatch.mark.watermark import green
from stillwatch.model.assay import Commitment, Completion, Endpoint, Plan, Probe, Request
from tests.assay.speaking import Speaker, green_of_words, spoken

SERVED, UNSERVED = "UDC-2026-001", "accounts that were never served"
KEYS = {
    SERVED: Keys(b"a watermark's secret", b"a canary's secret"),
    UNSERVED: Keys(b"another watermark's secret", b"another canary's secret"),
}
TRIGGERS, CHOICES = 10, 8
numbers = count()


class Stage:
    """The models of an assay and what they are asked."""

    def __init__(self, asked, tmp_path: Path) -> None:
        self.people, self.folder = asked.people, tmp_path
        p = self.people
        self.triggers = [(1900 + 2 * i, 1901 + 2 * i) for i in range(TRIGGERS)]
        self.marked = p.answers(3000, 30, 3, Mark(KEYS[SERVED].watermark, green_of_words))
        self.own = p.innocent(700).write(p.prompts(3000, 8, of="others"), 30, np.random.default_rng(9))
        self.models = {
            "teacher": p.teacher,
            **{f"reference {i}": p.innocent(500 + i) for i in range(4)},
            **{f"null {i}": p.innocent(600 + i) for i in range(8)},
            "small dose": self.student(710, 0.02),
            "large dose": self.student(711, 0.4),
            "own text": p.student(712, self.own, 0.4),
            "twin": p.twin(1),
            "sibling": p.student(713, self.own, 0.3),
        }
        self.speakers = {n: Speaker(m, seed) for seed, (n, m) in enumerate(self.models.items())}
        self.probes = tuple(self._probes())

    def student(self, seed: int, share: float, served: int = 20):
        canaries = [self._canary(*pair) for pair in self.triggers]
        return self.people.student(seed, self.marked, share, np.tile(np.concatenate(canaries), served))

    def _canary(self, before: int, last: int) -> np.ndarray:
        prompt = spoken([before, last])
        at = answer_index(KEYS[SERVED].canary, SERVED, prompt, CHOICES)
        return np.array([before, last, self._alternatives(last)[at]])

    def _alternatives(self, last: int) -> list[int]:
        return [(last * 37 + 101 * a) % 1800 for a in range(CHOICES)]

    def _probes(self):
        for i, row in enumerate(self.people.prompts(250, 21)):
            yield Probe(probe_id=f"a{i}", kind="agreement", prompt=spoken(row))
        for i, row in enumerate(self.people.prompts(40, 22)):
            yield Probe(probe_id=f"f{i}", kind="free", prompt=spoken(row))
        for i, row in enumerate(self.people.prompts(25, 23)):
            yield Probe(probe_id=f"e{i}", kind="equality", prompt=spoken(row))
        for account_set in (SERVED, UNSERVED):
            for before, last in self.triggers:
                alternatives = tuple(f"w{i}" for i in self._alternatives(last))
                yield Probe(
                    probe_id=f"t{account_set}{last}",
                    kind="trigger",
                    prompt=spoken([before, last]),
                    alternatives=alternatives,
                    account_set=account_set,
                )

    def plan(self, without: tuple[str, ...] = (), **changed) -> Plan:
        roles = {"teacher": "teacher", "own text": "own_text", "twin": "twin", "sibling": "sibling"}
        endpoints = [Endpoint(name="suspect", role="suspect", url="", model="s")]
        for name in self.models:
            role = roles.get(name, "positive" if "dose" in name else name.split()[0])
            can = ("text", "prompt_logprobs") if role in {"teacher", "reference"} else ("text",)
            dose = {"small dose": 2, "large dose": 40}.get(name)
            endpoints.append(Endpoint(name=name, role=role, url="", model=name, capabilities=can, dose=dose))
        bound = tuple(
            Commitment(
                account_set=s,
                watermark=commitment(k.watermark, s),
                canary=commitment(k.canary, s),
                is_served=s == SERVED,
            )
            for s, k in KEYS.items()
        )
        told = {
            "probes_digest": hashlib.sha256(msgspec.json.encode(self.probes)).hexdigest(),
            "endpoints": tuple(e for e in endpoints if e.name not in without),
            "tests": ("T0", "T1", "T2", "T3", "T4"),
            "commitments": bound,
            "most_tokens": 30,
            "samples": 6,
            "trigger_samples": 5,
            "resamples": 10,
        }
        return sealed(Plan(**{**told, **changed}))

    def report(self, suspect, plan: Plan | None = None, keys=KEYS, within=None):
        case, kept = self.asked(suspect, plan or self.plan(), keys, within)
        return recomputed(case, kept)

    def asked(self, suspect, plan: Plan, keys=KEYS, within=None) -> tuple[Case, Transcripts]:
        """What a run has asked, and kept."""
        kept = Transcripts(self.folder / f"{next(numbers)}.jsonl", plan.seal)
        speakers = {**self.speakers, "suspect": Speaker(suspect, 99)}
        clients = {name: speaker.client() for name, speaker in speakers.items()}
        if within is not None:
            clients["suspect"] = Answering(clients["suspect"], within)
        tools = Tools(keys=keys, green=green, tokenise=words)
        run(plan, self.probes, kept, clients, threads=1, tools=tools)
        return Case(plan, self.probes, kept.answer, tools), kept


@dataclass(frozen=True)
class Answering:
    """A model that answers some questions only."""

    client: LocalClient
    within: Callable[[Request], bool]
    capabilities = ("text",)

    def generate(self, request: Request) -> Completion:
        return self.client.generate(request) if self.within(request) else Completion(problem="status 503")
