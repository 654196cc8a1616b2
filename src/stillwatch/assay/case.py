"""What a test is made from: the plan, the probes, the answers that were kept, and the keys, which stay apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from stillwatch.assay.plan import committed, of_role
from stillwatch.assay.queries import Find, of_kind
from stillwatch.assay.radioactivity import Green, Ints
from stillwatch.assay.stopping import asked_until, within
from stillwatch.errors import UsageError
from stillwatch.mark.keys import commitment
from stillwatch.mark.schemes import USUAL
from stillwatch.mark.watermark import green
from stillwatch.model.assay import (
    Completion,
    Endpoint,
    Kind,
    Plan,
    Probe,
    Request,
    Role,
    TestResult,
)


@dataclass(frozen=True, repr=False)
class Keys:
    """The secrets of an account set. They are never shown, not by accident either."""

    watermark: bytes | None = None
    canary: bytes | None = None
    scheme: str = USUAL


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What keyed tests need beside the answers."""

    keys: Mapping[str, Keys] = field(default_factory=dict, repr=False)
    green: Green = green
    tokenise: Callable[[str], Ints] | None = None
    window: int = 1
    gamma: float = 0.25


@dataclass(frozen=True)
class Outcome:
    """A result, and the same test on its units drawn again: what a positive control's power is measured by."""

    result: TestResult
    units: int
    again: Callable[[Ints], float]

    def power(self, level: float, resamples: int, seed: int) -> float:
        """The share of draws of as many units in which the test rejects."""
        rng = np.random.default_rng(seed)
        draws = (self.again(rng.integers(0, self.units, self.units)) for _ in range(resamples))
        return sum(p <= level for p in draws) / resamples if self.units else 0.0


@dataclass(frozen=True)
class Case:
    """One assay as it lies there."""

    plan: Plan
    probes: Sequence[Probe]
    find: Find
    tools: Tools
    until: int | None = None
    """The look after which the questions to the model in hand ended; none if all were asked."""

    def __post_init__(self) -> None:
        """Refuse keys that the plan did not bind."""
        for account_set, keys in self.tools.keys.items():
            told = committed(self.plan, account_set)
            bound = (told.watermark, told.canary) if told else ("", "")
            if keys.watermark is not None and told is not None and keys.scheme != told.scheme:
                raise UsageError(
                    f"The plan binds the watermark of {account_set!r} as {told.scheme}, and it was given as {keys.scheme}. Give it as it was planned."
                )
            for key, commits in zip((keys.watermark, keys.canary), bound, strict=True):
                if key is not None and commitment(key, account_set) != commits:
                    raise UsageError(
                        f"A key of the account set {account_set!r} is not the one that the plan binds. Give the key that the plan was made with."
                    )

    def models(self, *roles: Role) -> Sequence[Endpoint]:
        """The models in these roles."""
        return of_role(self.plan, *roles)

    @property
    def teacher(self) -> Endpoint:
        """The one teacher."""
        return self.models("teacher")[0]

    @property
    def suspect(self) -> Endpoint:
        """The one suspect."""
        return self.models("suspect")[0]

    def as_far_as_the_suspect_answered(self) -> Case:
        """The same case, in which a student answers no more than the suspect did: what its power holds for.

        A question to which the suspect gave no text is one that the students were not asked either.
        """
        suspect, find = self.suspect, self.find
        if all(
            _is_text(find(suspect, request))
            for request in asked_until(self.plan, self.probes, suspect, self.until)
        ):
            return self

        def limited(endpoint: Endpoint, request: Request) -> Completion | None:
            is_beyond = endpoint.role == "positive" and not (
                request.scored or _is_text(find(suspect, request))
            )
            return None if is_beyond else find(endpoint, request)

        return replace(self, find=limited)

    def of_kind(self, kind: Kind) -> list[Probe]:
        """The probes of a kind that were asked."""
        probes = self.probes if self.until is None else within(self.plan, self.probes, self.until)
        return of_kind(probes, kind)


def _is_text(told: Completion | None) -> bool:
    return told is not None and bool(told.text)
