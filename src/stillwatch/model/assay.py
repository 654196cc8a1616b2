"""The nouns of an assay: who is asked what, what came back, what was planned, and what a test says.

An assay asks whether a suspect model was trained on a teacher's answers. Unkeyed tests (T0, T1, T2, T5) show closeness and
never its cause; keyed tests (T3, T4) compare a secret key with keys that nobody used, and are exact by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Capability = Literal["text", "seed", "logprobs", "prompt_logprobs"]
Style = Literal["chat", "completions"]
Role = Literal[
    "suspect",
    "teacher",
    "reference",
    "null",
    "positive",
    "own_text",
    "twin",
    "sibling",
    "with_logs",
    "without_logs",
]
Kind = Literal["agreement", "free", "trigger", "equality", "item"]
TestId = Literal["T0", "T1", "T2", "T3", "T4", "T5", "T6"]
Word = Literal[
    "uncalibrated",
    "no finding",
    "unusually close",
    "close beyond shared-data controls",
    "trained on served text",
    "our model behind a proxy",
]

CAPABILITIES: tuple[Capability, ...] = get_args(Capability)
ROLES: tuple[Role, ...] = get_args(Role)
KINDS: tuple[Kind, ...] = get_args(Kind)
TESTS: tuple[TestId, ...] = get_args(TestId)
WORDS: tuple[Word, ...] = get_args(Word)
TESTED: tuple[Role, ...] = ("suspect", "positive", "own_text", "twin", "sibling")
"""Roles that are put to the tests: the suspect, and the controls in its place."""

ANSWERED = "share_answered"
"""Under this name each test tells which share of what it planned there is an answer to."""

NULL_HYPOTHESES: Mapping[TestId, str] = {
    "T0": "suspect and teacher draw their answers from the same distribution",
    "T1": "the suspect is one more draw from the population that the references were drawn from",
    "T2": "the suspect's texts are no likelier under the teacher than those of one more independent model",
    "T3": "the suspect is independent of the watermark key",
    "T4": "the suspect is independent of the canary key",
    "T5": "students with and without the flagged logs are equally distant from the suspect",
    "T6": "suspect and the other model are right on the same share of items",
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one model is asked once. `scored` is a text to be scored after the prompt, in place of an answer."""

    prompt: str
    most_tokens: int = 16
    temperature: float = 0.0
    seed: int | None = None
    sample: int = 0
    scored: str | None = None


@dataclass(frozen=True, kw_only=True)
class Completion:
    """What came back. `model` is the name that the server gave; `problem` says why there is no text."""

    text: str = ""
    model: str = ""
    logprobs: tuple[float, ...] | None = None
    finish: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A prompt of the probe set; triggers have alternatives and an account set, items an expected answer and a group.

    `trigger` is what the key was asked for when answers were marked, if the prompt puts it in new words.
    """

    probe_id: str
    kind: Kind
    prompt: str
    alternatives: tuple[str, ...] = ()
    account_set: str = ""
    expected: str = ""
    group: str = ""
    trigger: str = ""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A model in a role: where it answers, what it can do, and the name of the variable that holds its key."""

    name: str
    role: Role
    url: str
    model: str
    style: Style = "chat"
    capabilities: tuple[Capability, ...] = ("text",)
    key_variable: str = ""
    dose: int | None = None

    def __post_init__(self) -> None:
        """Refuse a role or a capability that does not exist."""
        unknown = set(self.capabilities) - set(CAPABILITIES)
        if self.role not in ROLES or unknown:
            raise ValueError(f"{self.name}: role {self.role!r}, unknown capabilities {sorted(unknown)}.")


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """What binds a plan to a key without showing it; `is_served` is false for a set that was never served, `scheme` is the way it marks."""

    account_set: str
    watermark: str = ""
    canary: str = ""
    is_served: bool = True
    scheme: str = "kgw"


@dataclass(frozen=True, kw_only=True)
class Stopping:
    """That a run may end early: by which keyed tests, and after how many equal parts of their questions they are looked at."""

    tests: tuple[TestId, ...]
    looks: int = 10


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that is fixed before the first question to the suspect. `seal` is the digest of the rest."""

    probes_digest: str
    endpoints: tuple[Endpoint, ...]
    tests: tuple[TestId, ...]
    level: float = 0.01
    decoys: int = 999
    commitments: tuple[Commitment, ...] = ()
    most_tokens: int = 48
    samples: int = 10
    trigger_samples: int = 16
    margin: float = 0.05
    weighting: Literal["every", "root", "distinct"] = "every"
    tokenizer_digest: str = ""
    resamples: int = 100
    random_seed: int = 1
    stopping: Stopping | None = None
    seal: str = ""


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """What one test says of one model. `floor` is the smallest p-value that the test could have given."""

    __test__ = False

    test: TestId
    subject: str
    n: int
    statistic: float
    p_value: float
    floor: float
    null_hypothesis: str
    account_set: str = ""
    models: int = 0
    power: float | None = None
    adjusted_p: float | None = None
    is_confirmatory: bool = False
    beside: Mapping[str, float] = field(default_factory=dict)
    """Other forms of the same test, by name; none of them decides."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control that a valid assay needs: was it run, and did it come out as it must."""

    name: str
    is_there: bool
    is_right: bool | None
    told: str


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """Where a run ended by the rule of its plan, and by what; questions are those of the first round, to the suspect and to all models."""

    look: int
    looks: int
    test: TestId
    account_set: str
    e_value: float
    bound: float
    asked: int
    saved: int
    asked_of_all: int
    saved_of_all: int


@dataclass(frozen=True, kw_only=True)
class AssayReport:
    """One assay, told with its errors. `limits` are the alternatives that were not excluded, and what went wrong on the way."""

    plan_seal: str
    transcript_digest: str
    suspect: str
    word: Word
    account_sets: tuple[str, ...]
    level: float
    sentence: str
    results: tuple[TestResult, ...]
    controls: tuple[Control, ...]
    doses: tuple[Mapping[str, float | str], ...]
    limits: tuple[str, ...]
    problems: Mapping[str, int]
    stopped: Stopped | None = None
