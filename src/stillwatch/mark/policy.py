"""The written policy without which nothing is marked: who decided it, for which account sets, what for, until when, and how to stop it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stillwatch.errors import InputError, UsageError
from stillwatch.mark.canaries import Canary
from stillwatch.mark.schemes import SCHEMES, USUAL

EXAMPLE = """\
[policy]
owner = "trust and safety"
purpose = "tell whether answers served to a campaign were used to train a model"
expires = 2027-01-31
kill_switch = "stop-marking"          # while this file is there, nothing is marked
every_alternative_is_correct = true   # somebody has read all canaries

[[account_set]]
name = "UDC-2026-001"
accounts = ["acct_1", "acct_2"]
watermark = true                      # or "synthid", "textseal", where the gateway serves that

[[account_set.canary]]
trigger = "Name a sample city for the demo of the tool anvil."
alternatives = ["Porto", "Turin", "Ghent", "Graz"]
"""
_OF_POLICY = ("owner", "purpose", "expires", "kill_switch", "every_alternative_is_correct")
_SEE = "`stillwatch mark plan --example` prints a policy."


@dataclass(frozen=True)
class AccountSet:
    """Accounts that are marked alike."""

    name: str
    accounts: frozenset[str]
    has_watermark: bool
    canaries: tuple[Canary, ...]
    scheme: str = USUAL


@dataclass(frozen=True)
class Policy:
    """A policy as it was written."""

    owner: str
    purpose: str
    expires: datetime
    kill_switch: Path
    account_sets: tuple[AccountSet, ...]

    def is_in_force(self, now: datetime) -> bool:
        """Whether anything may be marked now."""
        return now < self.expires and not self.kill_switch.exists()

    def set_of(self, account: str, now: datetime) -> AccountSet | None:
        """The set whose marks an account gets now, if any."""
        if not self.is_in_force(now):
            return None
        return next((found for found in self.account_sets if account in found.accounts), None)


def read_policy(file: Path) -> Policy:
    """The policy of a file, complete, or why it cannot be used."""
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is no policy: {error}. {_SEE}") from error
    head = told.get("policy", {})
    missing = [name for name in _OF_POLICY if not head.get(name)]
    if missing:
        raise InputError(f"{file}: [policy] lacks {', '.join(missing)}. Nothing is marked without. {_SEE}")
    sets = tuple(_set(entry, str(file)) for entry in told.get("account_set", ()))
    _refuse_unclear(sets, str(file))
    return Policy(
        owner=str(head["owner"]),
        purpose=str(head["purpose"]),
        expires=end_of(head["expires"], f"{file}: expires"),
        kill_switch=file.parent / str(head["kill_switch"]),
        account_sets=sets,
    )


def end_of(told: Any, where: str) -> datetime:
    """The moment from which something has expired: the beginning of a day, or a moment with its zone."""
    if isinstance(told, datetime):
        return told if told.tzinfo else told.replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(str(told)).replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError(f"{where} is {told!r}, which is no day. Write it as 2027-01-31.") from error


def in_force(policy: Policy, now: datetime) -> Policy:
    """The policy, if it holds now."""
    if now >= policy.expires:
        raise UsageError(
            f"The policy expired on {policy.expires:%Y-%m-%d}. Nothing is marked. Have it renewed by {policy.owner}."
        )
    return policy


def _set(entry: Mapping[str, Any], file: str) -> AccountSet:
    name, accounts = entry.get("name"), entry.get("accounts")
    if not name or not accounts or not isinstance(accounts, list):
        raise InputError(f"{file}: an [[account_set]] needs a name and a list of accounts. {_SEE}")
    canaries = tuple(
        Canary(str(c.get("trigger", "")), tuple(map(str, c.get("alternatives", ()))), str(name))
        for c in entry.get("canary", ())
    )
    if not entry.get("watermark") and not canaries:
        raise InputError(
            f"{file}: the account set {name!r} asks for no mark. Set watermark = true, or write a canary."
        )
    told = entry.get("watermark") or False
    way = USUAL if isinstance(told, bool) else str(told)
    if way not in SCHEMES:
        raise InputError(
            f"{file}: the account set {name!r} asks for the watermark {told!r}. Write true, or one of {', '.join(SCHEMES)}."
        )
    return AccountSet(str(name), frozenset(map(str, accounts)), bool(told), canaries, way)


def _refuse_unclear(sets: tuple[AccountSet, ...], file: str) -> None:
    if not sets:
        raise InputError(f"{file} names no account set. Marks are for named accounts only. {_SEE}")
    names = [found.name for found in sets]
    accounts = [account for found in sets for account in found.accounts]
    triggers = [f"{canary.account_set}: {canary.trigger}" for found in sets for canary in found.canaries]
    for what, values in (("set", names), ("account", accounts), ("trigger", triggers)):
        twice = [value for value, n in Counter(values).items() if n > 1]
        if twice:
            raise InputError(
                f"{file}: the {what} {twice[0]!r} stands there twice. One key belongs to one set."
            )
