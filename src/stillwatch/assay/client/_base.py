"""What a client of a model is, and the bounds within which one is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stillwatch.errors import StillwatchError
from stillwatch.model.assay import Capability, Completion, Request


class BudgetError(StillwatchError):
    """The budget of queries is spent; what was answered is kept."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How often, how long and how much. `budget` counts every attempt at every endpoint, retries too."""

    budget: int = 100_000
    per_second: float = 10.0
    tries: int = 4
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0
    timeout_seconds: float = 30.0
    whole_seconds: float = 120.0
    most_bytes: int = 4 * 1024 * 1024


class ModelClient(Protocol):
    """A model that can be asked. What it cannot do is not asked of it."""

    capabilities: tuple[Capability, ...]

    def generate(self, request: Request) -> Completion:
        """The answer to one request; what went wrong is in its `problem`, never an exception."""
        ...


@dataclass(frozen=True)
class Estimate:
    """What a run will ask for at most, before it starts."""

    requests: int
    tokens_in: int
    tokens_out: int

    def price(self, per_million_in: float, per_million_out: float) -> float:
        """In the currency of the prices."""
        return (self.tokens_in * per_million_in + self.tokens_out * per_million_out) / 1e6


def estimate(requests: Sequence[Request]) -> Estimate:
    """Requests and tokens; a token is taken to have four bytes."""
    asked = sum(len(r.prompt.encode()) + len((r.scored or "").encode()) for r in requests)
    return Estimate(len(requests), -(-asked // 4), sum(1 if r.scored else r.most_tokens for r in requests))
