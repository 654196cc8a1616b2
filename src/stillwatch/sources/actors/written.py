"""Actors as a file that `read_actors` reads back to the same: YAML, since people go on writing in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from stillwatch.model.actor import Actor, Statement

_NUMBERS = {"asn": int, "start": float, "end": float, "utc_offset": float}


def to_yaml(actors: Sequence[Actor], note: str) -> str:
    """The text of an actors file; every statement stands with its own source and code."""
    tree = {"note": note, "actors": [_profile(actor) for actor in actors]}
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=110)


def _profile(actor: Actor) -> dict[str, Any]:
    profile: dict[str, Any] = {"name": actor.name, "class": actor.actor_class}
    if actor.aliases:
        profile["aliases"] = list(actor.aliases)
    if actor.note:
        profile["note"] = actor.note
    return {**profile, "statements": [_said(statement) for statement in actor.statements]}


def _said(statement: Statement) -> dict[str, Any]:
    parts = {name: _NUMBERS.get(name, str)(text) for name, text in statement.value.items()}
    is_whole = statement.kind in ("client_stack", "release", "working_hours")
    said = {
        statement.kind: parts if is_whole else next(iter(parts.values())),
        "source": statement.source,
        "reliability": statement.code,
    }
    days = {"date": statement.date, "expires": statement.expires}
    return {**said, **{name: day for name, day in days.items() if day}}
