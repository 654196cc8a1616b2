"""The sealed plan: what is fixed before the first question to the suspect, so that nothing is chosen after its answers.

The seal is the digest of all else: probes, models and roles, tests, level, budgets of samples, commitments to keys. A report calls nothing
confirmatory that is not in it. A commitment is an HMAC under the key itself, so that it shows nothing and yet binds.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from math import ceil
from pathlib import Path

import msgspec

from stillwatch.assay.client.transcripts import digest
from stillwatch.errors import InputError, UsageError
from stillwatch.model.assay import KINDS, Commitment, Endpoint, Plan, Probe, Role

PLAN, PROBES, TRANSCRIPTS = "plan.json", "probes.jsonl", "transcripts.jsonl"
LEAST_REFERENCES = 5
LEAST_DECOYS = 999


def sealed(plan: Plan) -> Plan:
    """The plan with its seal, or why it cannot be a plan."""
    _refuse_what_cannot_be_tested(plan)
    return replace(plan, seal=_seal(plan))


def checked(plan: Plan) -> Plan:
    """The plan, if nothing in it was altered since it was sealed."""
    if plan.seal != _seal(plan):
        raise InputError(
            "The plan was altered after it was sealed: its seal is another. Make a new plan in a new folder, and ask anew."
        )
    return plan


def _seal(plan: Plan) -> str:
    """The digest of all that is set; a plan that may not stop is sealed as before there was stopping."""
    told = asdict(replace(plan, seal=""))
    return digest({name: value for name, value in told.items() if name != "stopping" or value})


def _refuse_what_cannot_be_tested(plan: Plan) -> None:
    roles = Counter(endpoint.role for endpoint in plan.endpoints)
    twice = [name for name, n in Counter(e.name for e in plan.endpoints).items() if n > 1]
    if twice:
        raise UsageError(f"Two models are called {twice[0]!r}. Give each a name of its own.")
    if roles["suspect"] != 1 or roles["teacher"] != 1:
        raise UsageError(
            f"A plan has one suspect and one teacher; {roles['suspect']} and {roles['teacher']} were given. "
            "Name them with --suspect and --teacher."
        )
    if {"T1", "T2"} & set(plan.tests) and roles["reference"] + roles["null"] < LEAST_REFERENCES:
        raise UsageError(
            f"T1 and T2 need {LEAST_REFERENCES} independent models; {roles['reference'] + roles['null']} were given. "
            "Name more with --reference or --null, or leave T1 and T2 out of --tests."
        )
    _refuse_what_keys_cannot_show(plan)


def _refuse_what_keys_cannot_show(plan: Plan) -> None:
    served = [told for told in plan.commitments if told.is_served]
    if {"T3", "T4"} & set(plan.tests) and not served:
        raise UsageError(
            "T3 and T4 need a key of an account set. Name its file with --key, or leave them out."
        )
    twice = [name for name, n in Counter(told.account_set for told in plan.commitments).items() if n > 1]
    if twice:
        raise UsageError(
            f"The account set {twice[0]!r} was given as served and as never served. Name it with --key or with --unserved-key."
        )
    for test, kind, bound in (
        ("T3", "watermark", [told.watermark for told in served]),
        ("T4", "canary", [told.canary for told in served]),
    ):
        if test in plan.tests and not any(bound):
            raise UsageError(
                f"{test} needs a {kind} key of an account set that was served, and none was given. Name it with --key, or leave {test} out of --tests."
            )
    _refuse_too_few_decoys(plan, len(served))


def _refuse_too_few_decoys(plan: Plan, sets: int) -> None:
    """Neither the suspect nor a control among several of its role nor an unserved key among several may be beyond what the smallest p-value can call."""
    roles = Counter(endpoint.role for endpoint in plan.endpoints)
    several = max(roles["own_text"], roles["twin"], roles["sibling"], 1)
    unserved = sum(
        bool(told.watermark) + bool(told.canary) for told in plan.commitments if not told.is_served
    )
    needed = ceil(max(2 * sets * several, unserved) / plan.level - 1 - 1e-9)
    if "T3" in plan.tests and plan.decoys < needed:
        raise UsageError(
            f"With {plan.decoys:,} decoys the smallest p-value cannot reach {plan.level:g} over {sets} account sets, {several} controls in a role and {unserved} unserved keys. "
            f"Take --decoys {needed} at least."
        )


def read_probes(content: bytes, name: str = PROBES) -> tuple[Probe, ...]:
    """Probes of a file of JSON lines; each has an id of its own, and no trigger stands twice."""
    found: list[Probe] = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=Probe))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InputError(
                f"{name}, line {number}: {error}. A probe has probe_id, kind ({', '.join(KINDS)}) and prompt."
            ) from error
        _refuse_probe(found[-1], f"{name}, line {number}")
    _refuse_twice((p.probe_id for p in found), name, "the id")
    _refuse_twice(
        (f"{p.account_set}: {p.trigger or p.prompt}" for p in found if p.kind == "trigger"),
        name,
        "the trigger",
    )
    if not found:
        raise InputError(f"{name} holds no probe. Write one a line.")
    return tuple(found)


def _refuse_probe(probe: Probe, where: str) -> None:
    if probe.kind == "trigger" and (len(set(probe.alternatives)) < 2 or not probe.account_set):
        raise InputError(f"{where}: a trigger needs two different alternatives or more, and its account set.")
    if probe.trigger and probe.kind != "trigger":
        raise InputError(f"{where}: a probe of the kind {probe.kind} has no trigger. Leave it out.")
    if probe.kind == "item" and not probe.expected:
        raise InputError(f"{where}: an item needs the expected answer.")


def _refuse_twice(values: Iterable[str], name: str, what: str) -> None:
    twice = [value for value, n in Counter(values).items() if n > 1]
    if twice:
        raise InputError(f"{name}: {what} {twice[0]!r} stands there twice. Each may count once.")


def written(plan: Plan) -> bytes:
    """The plan as a file."""
    return (json.dumps(asdict(plan), indent=1, sort_keys=True) + "\n").encode()


def opened(folder: Path) -> tuple[Plan, tuple[Probe, ...]]:
    """The plan and the probes of a folder, if they are what was sealed."""
    plan = checked(_read_plan(folder / PLAN))
    content = _content(folder / PROBES)
    if hashlib.sha256(content).hexdigest() != plan.probes_digest:
        raise InputError(
            f"{folder / PROBES} was altered after the plan was sealed. Put the probes back as they were."
        )
    return plan, read_probes(content, str(folder / PROBES))


def _read_plan(file: Path) -> Plan:
    try:
        return msgspec.json.decode(_content(file), type=Plan)
    except (msgspec.DecodeError, ValueError) as error:
        raise InputError(f"{file} is no plan: {error}. `stillwatch assay plan` writes one.") from error


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}. `stillwatch assay plan` makes the folder."
        ) from error


def committed(plan: Plan, account_set: str) -> Commitment | None:
    """What the plan binds for an account set."""
    return next((told for told in plan.commitments if told.account_set == account_set), None)


def of_role(plan: Plan, *roles: Role) -> Sequence[Endpoint]:
    """The models in these roles, in the plan's order."""
    return [endpoint for endpoint in plan.endpoints if endpoint.role in roles]
