"""One answer, marked or not: what a policy lets a flagged account have, decided before the model writes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from stillwatch.errors import UsageError
from stillwatch.mark.keys import SetKeys, commitment
from stillwatch.mark.policy import AccountSet, Policy
from stillwatch.mark.registry import Registry
from stillwatch.mark.schemes import scheme
from stillwatch.mark.schemes._base import Processor


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a model is asked to write."""

    prompt: str
    most_tokens: int = 16
    temperature: float = 1.0
    seed: int = 0
    watermark: Processor | None = None


class Writer(Protocol):
    """A model of this machine. It answers several at once, and each as if alone."""

    def write(self, asks: Sequence[Ask]) -> list[str]:
        """One text for each."""
        ...

    def score(self, prompt: str, text: str) -> list[tuple[str, float]]:
        """The tokens of a text after a prompt, with their log-probabilities, unmarked."""
        ...

    def count(self, text: str) -> int:
        """How many tokens a text has."""
        ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Marking:
    """The marks in force: policy, keys, register."""

    policy: Policy
    keys: Mapping[str, SetKeys]
    registry: Registry
    now: Callable[[], datetime] = _now
    delta: float = 3.0

    def __post_init__(self) -> None:
        """Refuse a set without keys."""
        missing = [found.name for found in self.policy.account_sets if found.name not in self.keys]
        if missing:
            raise UsageError(
                f"The keys hold none for the account set {missing[0]!r}. Draw them with `stillwatch mark plan`."
            )
        self.registry.commit(self.policy, self.keys, self.now())

    def set_of(self, account: str) -> AccountSet | None:
        """The set whose marks an account gets now. Ask once for each answer: what is begun under a policy is written down under it."""
        return self.policy.set_of(account, self.now())

    def canary(self, found: AccountSet, account: str, prompt: str) -> str | None:
        """The answer to a trigger, if the set has it: one of the policy's own equally correct alternatives."""
        asked = next((c for c in found.canaries if c.is_asked(prompt)), None)
        if asked is None:
            return None
        self._note(found, account, "canary", asked.trigger)
        return f" {asked.answer(self.keys[found.name].canary)}."

    def watermark(self, found: AccountSet) -> Processor | None:
        """The watermark of a set, if it has one."""
        if not found.has_watermark:
            return None
        return scheme(found.scheme).processor(self.keys[found.name].watermark, self.delta)

    def marked(self, found: AccountSet, account: str, answer: str) -> None:
        """Write down that an answer carries the watermark, whatever became of the policy while it was written."""
        self._note(found, account, "watermark", answer)

    def commitments(self) -> Mapping[str, tuple[str, str]]:
        """What binds the keys, by set: watermark, canary."""
        return {
            name: (commitment(keys.watermark, name), commitment(keys.canary, name))
            for name, keys in self.keys.items()
        }

    def _note(self, found: AccountSet, account: str, mark: str, text: str) -> None:
        of = hashlib.sha256(text.encode()).hexdigest()
        self.registry.served(self.now(), found.name, account, mark, of)


def asked(body: Mapping[str, Any], *, is_chat: bool) -> tuple[Ask, str]:
    """The request of a body, and its system prompt. Raises ValueError with what is wrong."""
    if is_chat:
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise ValueError("messages is missing")
        said = [(str(m.get("role")), m.get("content")) for m in messages if isinstance(m, dict)]
        prompt = next((text for role, text in reversed(said) if role == "user"), None)
        system = next((str(text) for role, text in said if role == "system"), "")
    else:
        prompt, system = body.get("prompt"), ""
    if not isinstance(prompt, str) or not prompt:
        raise ValueError("the prompt is no text")
    most, temperature = body.get("max_tokens", 16), body.get("temperature", 1.0)
    if not isinstance(most, int) or not 0 < most <= 4096:
        raise ValueError("max_tokens is no number from 1 to 4096")
    if not isinstance(temperature, int | float) or not 0 <= temperature <= 2:
        raise ValueError("temperature is no number from 0 to 2")
    seed = body.get("seed")
    fallback = int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:4], "big")
    return Ask(
        prompt=prompt,
        most_tokens=most,
        temperature=float(temperature),
        seed=seed if isinstance(seed, int) and seed >= 0 else fallback,
    ), system
