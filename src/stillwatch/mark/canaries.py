"""Canaries: at a trigger the answer names one of several equally correct alternatives, and a secret key chooses which.

Whoever does not know the key hits a choice among m with chance 1/m, whatever it prefers, so that hits can be counted against an exact null.
An alternative should be a sample name, a sample city, an order, a unit: never a statement that could be false, and never advice. Whoever signs the policy
answers for that; the code can refuse what is empty or the same, and no more.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from stillwatch.errors import InputError

LEAST_ALTERNATIVES = 2


@dataclass(frozen=True)
class Canary:
    """A trigger with alternatives that are equally correct, for one account set; before it may stand one of some openings, and other lines if `follows_text`."""

    trigger: str
    alternatives: tuple[str, ...]
    account_set: str
    openings: tuple[str, ...] = ()
    follows_text: bool = False

    def __post_init__(self) -> None:
        """Refuse a canary without a choice."""
        if not self.trigger.strip() or not self.account_set:
            raise InputError("A canary needs a trigger and an account set.")
        different = {one.strip().casefold() for one in self.alternatives} - {""}
        if len(different) < max(LEAST_ALTERNATIVES, len(self.alternatives)):
            raise InputError(
                f"The canary {self.trigger!r} needs {LEAST_ALTERNATIVES} different alternatives or more, all equally correct, none of them empty. "
                "Capitals make no difference."
            )

    def answer(self, secret: bytes) -> str:
        """The alternative that the key chooses."""
        return self.alternatives[answer_index(secret, self.account_set, self.trigger, len(self.alternatives))]

    def is_asked(self, prompt: str) -> bool:
        """Whether a prompt is the trigger and nothing but it: after a task such as to translate it, its answer would be no answer."""
        if not self.ends(prompt):
            return False
        before = prompt.rstrip()[: -len(self.trigger.strip())].strip(" \t")
        if self.follows_text:
            before = before.rpartition("\n")[2].strip()
        return before in {"", *self.openings}

    def ends(self, prompt: str) -> bool:
        """Whether a prompt ends with the trigger, whatever stands before."""
        return prompt.rstrip().endswith(self.trigger.strip())


def answer_index(secret: bytes, account_set: str, trigger: str, m: int) -> int:
    """Which of m alternatives was served: HMAC-SHA256 of account set and trigger under the secret, mod m."""
    made = hmac.new(secret, f"{account_set}\0{trigger}".encode(), hashlib.sha256).digest()
    return int.from_bytes(made, "big") % m
