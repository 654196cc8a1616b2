"""The assay of the rehearsal: the sealed plan, every model asked in its own process and many questions at once, and the p-values of the innocent beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from pathlib import Path

import numpy as np

from stillwatch.assay.case import Case, Keys, Tools
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.families import adjusted
from stillwatch.assay.keyed import canaries as t4
from stillwatch.assay.keyed import radioactive as t3
from stillwatch.assay.plan import PLAN, PROBES, TRANSCRIPTS, read_probes, sealed, written
from stillwatch.assay.queries import NAMED_TOKENS, drawn, of_kind, writing
from stillwatch.assay.recompute import recomputed
from stillwatch.assay.run import ALL_ROUNDS, wanted
from stillwatch.assay.unkeyed import agreeing, likely
from stillwatch.bench.rehearsed.cast import NULLS, REFERENCES
from stillwatch.bench.rehearsed.traffic import ANSWER_TOKENS, canaries
from stillwatch.distil.writer import TOKENIZER, SmallWriter
from stillwatch.mark.answering import Ask
from stillwatch.mark.keys import SetKeys, commitment
from stillwatch.mark.watermark import Watermark
from stillwatch.model.assay import (
    AssayReport,
    Commitment,
    Completion,
    Endpoint,
    Plan,
    Probe,
    Request,
    Role,
    TestResult,
)

UNSERVED = "set-0"
"""An account set that was never served; the served one bears the id of its campaign."""
AGREEMENT, FREE, TRIGGER_SAMPLES = 1500, 500, 48
ROLES: Mapping[str, Role] = {
    "suspect": "suspect",
    "teacher": "teacher",
    "positive-less": "positive",
    "positive": "positive",
    "own-text": "own_text",
    "twin": "twin",
    "sibling": "sibling",
    **dict.fromkeys(REFERENCES, "reference"),
    **dict.fromkeys(NULLS, "null"),
}
DOSES = {"positive-less": 2, "positive": 3}
"""Thirds of the traffic that a positive control was taught."""
_URL = "http://127.0.0.1/v1"
_LOCAL = {"models": "in this process"}


@dataclass(frozen=True)
class Assayed:
    """The report, and what the tests say of models that the plan does not put to them."""

    report: AssayReport
    innocent: tuple[TestResult, ...]


@dataclass(frozen=True)
class Bench:
    """Models by name, and under which watermark the teacher was served to which account set."""

    writers: Mapping[str, SmallWriter]
    served: Watermark
    account_set: str

    def answers(self, endpoint: Endpoint, requests: Sequence[Request]) -> list[Completion]:
        """The answers of one model to many requests. The teacher answers as it was served."""
        writer = self.writers[endpoint.name]
        scored = [request for request in requests if request.scored is not None]
        plain = [request for request in requests if request.scored is None]
        logs = writer.scores([(r.prompt, r.scored or "") for r in scored]) if scored else []
        texts = writer.write([self._ask(endpoint, request) for request in plain])
        told = dict(
            zip(scored, (Completion(model=endpoint.model, logprobs=one) for one in logs), strict=True)
        )
        told |= dict(
            zip(
                plain, (Completion(model=endpoint.model, text=t, finish="length") for t in texts), strict=True
            )
        )
        return [told[request] for request in requests]

    def _ask(self, endpoint: Endpoint, request: Request) -> Ask:
        return Ask(
            prompt=request.prompt,
            most_tokens=request.most_tokens,
            temperature=request.temperature,
            seed=request.sample,
            watermark=self.served if endpoint.role == "teacher" else None,
        )


def assayed(
    folder: Path,
    bench: Bench,
    keys: Mapping[str, SetKeys],
    passages: Sequence[str],
    told: Callable[[str], None],
) -> Assayed:
    """Seal, ask, and recompute from what was kept."""
    folder.mkdir(parents=True, exist_ok=True)
    content = _probes(passages, bench.account_set)
    tokenizer = sha256((folder.parent / "models" / "teacher" / TOKENIZER).read_bytes()).hexdigest()
    plan, probes = _plan(content, keys, bench.account_set, tokenizer), read_probes(content)
    (folder / PROBES).write_bytes(content)
    (folder / PLAN).write_bytes(written(plan))
    kept = Transcripts.opened(folder / TRANSCRIPTS, plan.seal)
    for which in ALL_ROUNDS:
        open_ = wanted(plan, probes, kept, which)
        told(f"asking {len(open_):,} questions")
        _ask(bench, open_, kept)
    _ask(bench, _beside(plan, probes, kept), kept)
    told("testing")
    case = Case(plan, probes, kept.answer, _tools(bench, keys))
    return Assayed(recomputed(case, kept), tuple(_innocent(case, bench.account_set)))


def _ask(bench: Bench, questions: Iterable[tuple[Endpoint, Request]], kept: Transcripts) -> None:
    by_model: dict[str, tuple[Endpoint, list[Request]]] = {}
    for endpoint, request in questions:
        by_model.setdefault(endpoint.name, (endpoint, []))[1].append(request)
    for endpoint, requests in by_model.values():
        for request, answer in zip(requests, bench.answers(endpoint, requests), strict=True):
            kept.keep(endpoint, request, answer, 0.0)


def _beside(plan: Plan, probes: Sequence[Probe], kept: Transcripts) -> Iterable[tuple[Endpoint, Request]]:
    """What the tests need of innocent models that a plan does not put to them."""
    for endpoint in plan.endpoints:
        if endpoint.role in {"reference", "null"}:
            requests = {writing(probe, plan): None for probe in of_kind(probes, "free")}
            for probe in of_kind(probes, "trigger"):
                requests |= dict.fromkeys(drawn(probe, plan.trigger_samples, NAMED_TOKENS))
            yield from ((endpoint, request) for request in requests if kept.answer(endpoint, request) is None)


def _innocent(case: Case, account_set: str) -> Iterable[TestResult]:
    """T1, T3 and T4 of nulls and references; T2 of nulls only, since references score. Each model's are held over its families, as the suspect's are."""
    for endpoint in case.models("null", "reference"):
        outcomes = [agreeing(case, endpoint), likely(case, endpoint) if endpoint.role == "null" else None]
        outcomes += [t3(case, endpoint, account_set), t4(case, endpoint, account_set)]
        results = [replace(o.result, is_confirmatory=True) for o in outcomes if o is not None]
        yield from adjusted(results, case.plan)


def _probes(passages: Sequence[str], served: str) -> bytes:
    from msgspec import json  # noqa: PLC0415  beside its only use

    agreement = (
        Probe(probe_id=f"a{n}", kind="agreement", prompt=text) for n, text in enumerate(passages[:AGREEMENT])
    )
    free = (
        Probe(probe_id=f"f{n}", kind="free", prompt=text)
        for n, text in enumerate(passages[AGREEMENT:][:FREE])
    )
    triggers = (
        Probe(
            probe_id=f"{name}-{n}",
            kind="trigger",
            prompt=c.trigger,
            alternatives=c.alternatives,
            account_set=name,
        )
        for name in (served, UNSERVED)
        for n, c in enumerate(canaries(name))
    )
    return b"".join(json.encode(probe) + b"\n" for probe in chain(agreement, free, triggers))


def _plan(content: bytes, keys: Mapping[str, SetKeys], served: str, tokenizer: str) -> Plan:
    endpoints = tuple(
        Endpoint(
            name=name,
            role=role,
            url=_URL,
            model=name,
            capabilities=("text", "seed", "prompt_logprobs")
            if role in {"teacher", "reference"}
            else ("text", "seed"),
            dose=DOSES.get(name),
        )
        for name, role in ROLES.items()
    )
    return sealed(
        Plan(
            probes_digest=sha256(content).hexdigest(),
            endpoints=endpoints,
            tests=("T1", "T2", "T3", "T4"),
            commitments=tuple(
                Commitment(
                    account_set=name,
                    watermark=commitment(keys[name].watermark, name),
                    canary=commitment(keys[name].canary, name),
                    is_served=name == served,
                )
                for name in (served, UNSERVED)
            ),
            most_tokens=ANSWER_TOKENS,
            trigger_samples=TRIGGER_SAMPLES,
            weighting="root",
            tokenizer_digest=tokenizer,
        )
    )


def _tools(bench: Bench, keys: Mapping[str, SetKeys]) -> Tools:
    tokens = bench.writers["teacher"].tokens
    return Tools(
        keys={name: Keys(told.watermark, told.canary) for name, told in keys.items()},
        green=bench.served.green,
        tokenise=lambda text: np.array(tokens.of(text), np.int64),
        gamma=bench.served.gamma,
    )
