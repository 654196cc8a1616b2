"""Read an actors file: JSON, YAML or TOML, checked to the last value, with file, place and advice in every error."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from stillwatch.errors import InputError
from stillwatch.model.actor import NOT_JUDGED, Actor, Statement, StatementKind
from stillwatch.sources.actors.shape import ActorsFile, Profile, Said, Stack

LARGEST_BYTES = 16_000_000
"""A list of what is known of actors is written by people; a larger file is something else."""
MOST_ALIASED = 1_000_000
"""Values that a YAML file may stand for; aliases of aliases would make billions of a few lines."""
UNNAMED = "actors file"
_LISTS: Mapping[str, StatementKind] = {
    "asns": "asn",
    "client_stacks": "client_stack",
    "template_sketches": "template_sketch",
    "capability_interests": "capability_interest",
    "staff_domains": "staff_domain",
    "card_bins": "card_bin",
    "payment_fingerprints": "payment_fingerprint",
    "product_names": "product_name",
    "release_calendar": "release",
}
_ONE_PART: Mapping[StatementKind, str] = {
    "asn": "asn",
    "template_sketch": "text",
    "capability_interest": "capability",
    "staff_domain": "domain",
    "card_bin": "bin",
    "payment_fingerprint": "fingerprint",
    "product_name": "name",
}
_KINDS: tuple[StatementKind, ...] = (*_LISTS.values(), "working_hours")


class Known(NamedTuple):
    """The actors of a file, notes on fields in it that nobody knows and that were left out, and the file's SHA-256."""

    actors: tuple[Actor, ...]
    notes: tuple[str, ...]
    digest: str


def read_actors(path: Path) -> Known:
    """The actors of a file by its ending: .json, .yaml, .yml or .toml; whatever does not fit is refused."""
    content = _content(path)
    tree = _parsed(path, content)
    try:
        tree = _plain(tree)
        file = msgspec.convert(tree, ActorsFile)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{path} is no actors file: {error}. `stillwatch actors check --schema` prints what may stand where."
        ) from error
    except RecursionError as error:
        raise InputError(f"{path} is nested too deeply, or holds itself. Write the values out.") from error
    actors = tuple(_actor(profile, f"{path}, actors[{at}]") for at, profile in enumerate(file.actors))
    twice = [name for name, times in Counter(a.name.casefold() for a in actors).items() if times > 1]
    if twice:
        raise InputError(f"{path} names the actor {twice[0]!r} twice. Put both under one name.")
    return Known(actors, tuple(_unknown(tree)), hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(
                f"{path} holds {path.stat().st_size:,} bytes; an actors file has at most {LARGEST_BYTES:,}. "
                "Leave out what is no profile, or split it."
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _parsed(path: Path, content: bytes) -> Any:
    readers: Mapping[str, Callable[[str], Any]] = {
        ".json": json.loads,
        ".toml": tomllib.loads,
        ".yaml": _yaml,
        ".yml": _yaml,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path} ends in {path.suffix or 'nothing'}, so its form is not known. Name it .toml, .yaml or .json."
        )
    try:
        return reader(content.decode("utf-8").replace("\r\n", "\n"))
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as {path.suffix[1:].upper()}: {error}.") from error


def _yaml(text: str) -> Any:
    tree = yaml.safe_load(text)
    if _counted(tree) > MOST_ALIASED:
        raise ValueError(f"its aliases stand for more than {MOST_ALIASED:,} values")
    return tree


def _plain(tree: Any, name: str = "") -> Any:
    """The same with days where times stand, and without what is null: a missing key and null mean the same."""
    if isinstance(tree, dict):
        return {key: _plain(item, str(key)) for key, item in tree.items() if item is not None}
    if isinstance(tree, list):
        return [_plain(item) for item in tree]
    if isinstance(tree, dt.datetime):
        return tree.date()
    if name in ("date", "expires") and isinstance(tree, str) and "T" in tree:
        return tree.partition("T")[0]
    return tree


def _counted(tree: Any) -> int:
    """How many values a tree stands for, as far as matters."""
    found, waiting = 0, [tree]
    while waiting and found <= MOST_ALIASED:
        item = waiting.pop()
        found += 1
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return found


def _actor(profile: Profile, place: str) -> Actor:
    statements = (
        *_listed(profile),
        *(_said(said, f"{place}.statements[{n}]") for n, said in enumerate(profile.statements)),
    )
    for statement in statements:
        if statement.kind == "client_stack" and not statement.value:
            raise InputError(
                f"{place} has a client stack without any part. Write user_agent, ja4 or header_profile."
            )
        if statement.date and statement.expires and statement.expires < statement.date:
            raise InputError(
                f"{place} has a {statement.kind} of {statement.date} that expired before, on {statement.expires}. "
                "Write a later day of expiry, or leave it out."
            )
    return Actor(profile.name, profile.actor_class, statements, tuple(profile.aliases), profile.note)


def _listed(profile: Profile) -> Iterator[Statement]:
    """The short form: every list, under the actor's own source, code and days."""
    about: dict[str, Any] = {
        "source": profile.source or UNNAMED,
        "code": profile.reliability or NOT_JUDGED,
        "date": profile.date.isoformat() if profile.date else None,
        "expires": profile.expires.isoformat() if profile.expires else None,
    }
    for name, kind in _LISTS.items():
        for given in getattr(profile, name):
            source = getattr(given, "source", None) or about["source"]
            yield Statement(kind, _value(kind, given), **{**about, "source": source})
    if profile.working_hours is not None:
        yield Statement("working_hours", _value("working_hours", profile.working_hours), **about)


def _said(said: Said, place: str) -> Statement:
    given: list[StatementKind] = [kind for kind in _KINDS if getattr(said, kind) is not msgspec.UNSET]
    if len(given) != 1:
        found = f"{len(given)} ({', '.join(given)})" if given else "none"
        raise InputError(
            f"{place} says {found} of its kinds; a statement says exactly one: {', '.join(_KINDS)}."
        )
    return Statement(
        kind=given[0],
        value=_value(given[0], getattr(said, given[0])),
        source=said.source,
        code=said.reliability,
        date=said.date.isoformat() if said.date else None,
        expires=said.expires.isoformat() if said.expires else None,
    )


def _value(kind: StatementKind, given: Any) -> Mapping[str, str]:
    if kind == "template_sketch" and not isinstance(given, str):
        return {"text": given.text}
    if kind in _ONE_PART:
        plain = str(given)
        return {_ONE_PART[kind]: plain.strip().lower() if kind == "staff_domain" else plain}
    parts = {f: getattr(given, f) for f in given.__struct_fields__}
    if isinstance(given, Stack):
        return {name: part for name, part in parts.items() if part is not None}
    return {name: str(part) for name, part in parts.items()}


def _unknown(tree: Any) -> Iterator[str]:
    """Fields that the schema does not have, with the one that was perhaps meant."""
    yield from _strange(tree, {"actors", "note"}, "the file")
    names = {*_LISTS, "name", "class", "aliases", "note", "working_hours", "source", "reliability"}
    for at, profile in enumerate(tree["actors"]):
        yield from _strange(profile, names | {"date", "expires", "statements"}, f"actors[{at}]")
        for n, said in enumerate(profile.get("statements", ())):
            known = {*_KINDS, "source", "reliability", "date", "expires"}
            yield from _strange(said, known, f"actors[{at}].statements[{n}]")


def _strange(given: Mapping[Any, Any], known: set[str], place: str) -> Iterator[str]:
    for name in sorted(str(n) for n in given if n not in known):
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        yield f"{place}: {name!r} is not known and was left out" + (
            f"; did you mean {near[0]!r}?" if near else ""
        )
