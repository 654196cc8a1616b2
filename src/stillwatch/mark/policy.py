"""The written policy without which nothing is marked: who decided it, for which account sets, what for, until when, and how to stop it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
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
openings = ["Please:"]                # what may stand before a trigger; nothing else may

[[account_set.canary]]
trigger = "Name a sample city for the demo of the tool anvil."
alternatives = ["Porto", "Turin", "Ghent", "Graz"]
"""
_Kinds = Mapping[str, tuple[tuple[type, ...], str]]
_TEXT, _LIST, _TABLES = ((str,), "a text"), ((list,), "a list"), ((list,), "tables in double brackets")
_OF_FILE: _Kinds = {"policy": ((dict,), "one table, [policy]"), "account_set": _TABLES}
_OF_POLICY: _Kinds = {
    "owner": _TEXT,
    "purpose": _TEXT,
    "expires": ((str, date), "a day"),
    "kill_switch": _TEXT,
    "every_alternative_is_correct": ((bool,), "true or false"),
}
_OF_SET: _Kinds = {
    "name": _TEXT,
    "accounts": _LIST,
    "canary": _TABLES,
    "watermark": ((bool, str), "true, false or the name of a way"),
    "openings": _LIST,
    "follows_text": ((bool,), "true or false"),
}
_OF_CANARY: _Kinds = {"trigger": _TEXT, "alternatives": _LIST}
_MOST_TOLD = 80
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
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is no policy: {error}. {_SEE}") from error
    told = _checked(told, _OF_FILE, str(file))
    head = _checked(told.get("policy", {}), _OF_POLICY, f"{file}: [policy]")
    missing = [name for name in _OF_POLICY if not head.get(name) or not str(head[name]).strip()]
    if missing:
        raise InputError(f"{file}: [policy] lacks {', '.join(missing)}. Nothing is marked without. {_SEE}")
    if "\0" in head["kill_switch"]:
        raise InputError(f"{file}: [policy]: kill_switch names no file. {_SEE}")
    sets = tuple(_set(entry, str(file)) for entry in told.get("account_set", ()))
    _refuse_unclear(sets, str(file))
    return Policy(
        owner=head["owner"],
        purpose=head["purpose"],
        expires=end_of(head["expires"], f"{file}: expires"),
        kill_switch=file.parent / head["kill_switch"],
        account_sets=sets,
    )


def end_of(told: Any, where: str) -> datetime:
    """The moment from which something has expired: the beginning of a day, or a moment with its zone."""
    if isinstance(told, datetime):
        return told if told.tzinfo else told.replace(tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError as error:
        raise InputError(f"{where} is {told!r}, which is no day. Write it as 2027-01-31.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def in_force(policy: Policy, now: datetime) -> Policy:
    """The policy, if it holds now."""
    if now >= policy.expires:
        raise UsageError(
            f"The policy expired on {policy.expires:%Y-%m-%d}. Nothing is marked. Have it renewed by {policy.owner}."
        )
    return policy


def _checked(told: Any, kinds: _Kinds, where: str) -> dict[str, Any]:
    """A table that holds what it may, each of its own kind. A word that is not known could be a mistake for one that is."""
    if not isinstance(told, dict):
        raise InputError(f"{where} is no table. {_SEE}")
    for name, value in told.items():
        if name not in kinds:
            raise InputError(f"{where}: {name!r} is not known; there are {', '.join(kinds)}. {_SEE}")
        if not isinstance(value, kinds[name][0]):
            raise InputError(
                f"{where}: {name} is {repr(value)[:_MOST_TOLD]}; it has to be {kinds[name][1]}. {_SEE}"
            )
    return told


def _texts(told: Any, where: str) -> tuple[str, ...]:
    wrong = [one for one in told if not isinstance(one, str) or not one.strip()]
    if wrong:
        raise InputError(f"{where}: {wrong[0]!r} is no text. Write each in quotation marks.")
    return tuple(told)


def _set(entry: Any, file: str) -> AccountSet:
    told = _checked(entry, _OF_SET, f"{file}: [[account_set]]")
    name, accounts, asked = told.get("name", ""), told.get("accounts"), told.get("watermark", False)
    if not name.strip() or not accounts:
        raise InputError(f"{file}: an [[account_set]] needs a name and a list of accounts. {_SEE}")
    openings = _texts(told.get("openings", ()), f"{file}: openings of {name!r}")
    canaries = tuple(
        replace(_canary(one, name, file), openings=openings, follows_text=told.get("follows_text", False))
        for one in told.get("canary", ())
    )
    if not asked and not canaries:
        raise InputError(
            f"{file}: the account set {name!r} asks for no mark. Set watermark = true, or write a canary."
        )
    way = USUAL if isinstance(asked, bool) else asked
    if way not in SCHEMES:
        raise InputError(
            f"{file}: the account set {name!r} asks for the watermark {asked!r}. Write true, or one of {', '.join(SCHEMES)}."
        )
    of = _texts(accounts, f"{file}: accounts of {name!r}")
    return AccountSet(name, frozenset(of), bool(asked), canaries, way)


def _canary(entry: Any, name: str, file: str) -> Canary:
    told = _checked(entry, _OF_CANARY, f"{file}: [[account_set.canary]] of {name!r}")
    trigger = told.get("trigger", "")
    return Canary(trigger, _texts(told.get("alternatives", ()), f"{file}: alternatives of {trigger!r}"), name)


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
    for found in sets:
        ends = [
            (a.trigger, b.trigger)
            for a in found.canaries
            for b in found.canaries
            if a != b and a.ends(b.trigger)
        ]
        if ends:
            raise InputError(
                f"{file}: the trigger {ends[0][1]!r} ends with the trigger {ends[0][0]!r}, so that both are asked at once. Give each an end of its own."
            )
