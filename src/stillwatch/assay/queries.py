"""Which model is asked what: the plan and the probes as requests, the same each time they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stillwatch.assay.plan import of_role
from stillwatch.model.assay import TESTED, Completion, Endpoint, Kind, Plan, Probe, Request

FIRST_WORD_TOKENS = 4
ITEM_TOKENS = 32
NAMED_TOKENS = 16
WRITING = (*TESTED, "null")
STUDENTS = ("with_logs", "without_logs")
Find = Callable[[Endpoint, Request], Completion | None]


def first_words(probe: Probe) -> Request:
    """T1, T5: a greedy beginning."""
    return Request(prompt=probe.prompt, most_tokens=FIRST_WORD_TOKENS, seed=0)


def writing(probe: Probe, plan: Plan) -> Request:
    """T2, T3: a text by chance."""
    return Request(prompt=probe.prompt, most_tokens=plan.most_tokens, temperature=1.0, seed=0)


def drawn(probe: Probe, count: int, most_tokens: int) -> list[Request]:
    """T0, T4: several answers by chance."""
    return [
        Request(prompt=probe.prompt, most_tokens=most_tokens, temperature=1.0, seed=sample, sample=sample)
        for sample in range(count)
    ]


def item(probe: Probe) -> Request:
    """T6: a greedy answer."""
    return Request(prompt=probe.prompt, most_tokens=ITEM_TOKENS, seed=0)


def scoring(probe: Probe, text: str) -> Request:
    """T2: another model's text, to be scored."""
    return Request(prompt=probe.prompt, scored=text)


def of_kind(probes: Sequence[Probe], kind: Kind) -> list[Probe]:
    """The probes of a kind, in the order of the file."""
    return [probe for probe in probes if probe.kind == kind]


def asked(plan: Plan, probes: Sequence[Probe], endpoint: Endpoint) -> Iterator[Request]:
    """What this model is asked in the first round."""
    tests, role = set(plan.tests), endpoint.role
    is_tested = role in TESTED
    if ("T1" in tests and role not in STUDENTS) or ("T5" in tests and (is_tested or role in STUDENTS)):
        yield from map(first_words, of_kind(probes, "agreement"))
    if {"T2", "T3"} & tests and (is_tested or ("T2" in tests and role == "null")):
        yield from (writing(probe, plan) for probe in of_kind(probes, "free"))
    if "T4" in tests and is_tested:
        for probe in of_kind(probes, "trigger"):
            yield from drawn(probe, plan.trigger_samples, NAMED_TOKENS)
    if "T0" in tests and role in {"suspect", "teacher", "positive"}:
        for probe in of_kind(probes, "equality"):
            yield from drawn(probe, plan.samples, plan.most_tokens)
    if "T6" in tests and role in {"suspect", "teacher", "reference"}:
        yield from map(item, of_kind(probes, "item"))


def scored(plan: Plan, probes: Sequence[Probe], endpoint: Endpoint, find: Find) -> Iterator[Request]:
    """What the teacher and the scoring references are asked in the second round: texts of the first, to be scored."""
    if "T2" not in plan.tests or endpoint.role not in {"teacher", "reference"} or not can_score(endpoint):
        return
    for writer in of_role(plan, *TESTED, "null"):
        for probe in of_kind(probes, "free"):
            text = find(writer, writing(probe, plan))
            if text is not None and text.text:
                yield scoring(probe, text.text)


def can_score(endpoint: Endpoint) -> bool:
    """Whether the model tells log-probabilities of a text that it is given."""
    return "prompt_logprobs" in endpoint.capabilities
