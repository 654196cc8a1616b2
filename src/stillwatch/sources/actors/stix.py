"""Actors out of a STIX 2.1 bundle: threat actors and intrusion sets, with the networks that they are said to use.

A bundle comes from somebody else. Only what has a place in a profile is taken, each value is checked again as if a person had
written it, and whatever is left out is told. Countries, regions and motives are never taken: nothing here may weigh them.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.errors import InputError
from stillwatch.model.actor import NOT_JUDGED, Actor, Statement

LARGEST_BYTES = 64_000_000
MOST_OBJECTS = 200_000
ACTORS = ("threat-actor", "intrusion-set")
CLASSES: Mapping[str, str] = {"competitor": "commercial lab", "academic": "academic"}
FOLLOWED = frozenset({"uses", "attributed-to", "consists-of", "controls", "hosts", "owns"})
"""Relationships that lead from an actor to its networks."""
STEPS = 3
"""Actor to campaign to infrastructure to network."""
LONGEST_NAME, LONGEST_NOTE = 200, 4_000
_CREDIBILITY = ((80, "2"), (50, "3"), (20, "4"), (0, "5"))
"""What a confidence from 0 to 100 is in the Admiralty code; the source itself is for the operator to judge."""


@dataclass(frozen=True)
class Imported:
    """The actors of a bundle, and what of it was left out, by reason."""

    actors: tuple[Actor, ...]
    left_out: Mapping[str, int]


def read_bundle(path: Path) -> Imported:
    """The actors of a bundle in a file."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{path} holds more than {LARGEST_BYTES:,} bytes. Split the bundle.")
        tree = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON: {error}.") from error
    objects = tree.get("objects") if isinstance(tree, dict) and tree.get("type") == "bundle" else None
    if not isinstance(objects, list):
        raise InputError(
            f"{path} is no STIX bundle: its `type` is not `bundle`, or it holds no list of `objects`."
        )
    if len(objects) > MOST_OBJECTS:
        raise InputError(
            f"{path} holds {len(objects):,} objects; {MOST_OBJECTS:,} are read. Split the bundle."
        )
    return _imported(objects)


def _imported(objects: Sequence[Any]) -> Imported:
    left_out: Counter[str] = Counter()
    known: dict[str, Mapping[str, Any]] = {}
    links: dict[str, list[str]] = defaultdict(list)
    for given in objects:
        if not isinstance(given, dict) or not _is_text(given.get("id")) or not _is_text(given.get("type")):
            left_out["objects without id or type"] += 1
        elif given.get("revoked") is True:
            left_out["revoked objects"] += 1
        elif given["type"] == "relationship":
            _link(given, links, left_out)
        else:
            known[given["id"]] = given
    actors = {
        actor.name.casefold(): actor
        for actor in (_actor(g, known, links, left_out) for g in known.values() if g["type"] in ACTORS)
        if actor is not None
    }
    left_out.update(f"objects of type {g['type'][:40]}" for g in known.values() if g["type"] not in _READ)
    return Imported(tuple(actors[name] for name in sorted(actors)), dict(sorted(left_out.items())))


_READ = frozenset({*ACTORS, "identity", "campaign", "infrastructure", "autonomous-system"})


def _link(given: Mapping[str, Any], links: dict[str, list[str]], left_out: Counter[str]) -> None:
    source, target, kind = (given.get(n) for n in ("source_ref", "target_ref", "relationship_type"))
    if not (_is_text(source) and _is_text(target) and kind in FOLLOWED):
        left_out["relationships that lead to no network"] += 1
    elif kind == "attributed-to":
        links[str(target)].append(str(source))
    else:
        links[str(source)].append(str(target))


def _actor(
    given: Mapping[str, Any],
    known: Mapping[str, Mapping[str, Any]],
    links: Mapping[str, Sequence[str]],
    left_out: Counter[str],
) -> Actor | None:
    name = given.get("name")
    if not _is_text(name) or len(str(name)) > LONGEST_NAME:
        left_out["actors without a name of 1 to 200 characters"] += 1
        return None
    author = known.get(str(given.get("created_by_ref")), {}).get("name")
    source = f"STIX, by {author}"[:LONGEST_NAME] if _is_text(author) else "STIX bundle"
    numbers = sorted(_networks(str(given["id"]), known, links))
    day = str(given.get("modified") or "")[:10]
    statements = tuple(
        Statement(
            "asn", {"asn": str(n)}, source, _code(given.get("confidence")), day if _is_day(day) else None
        )
        for n in numbers
    )
    kinds = [k for k in _texts(given.get("threat_actor_types")) if k in CLASSES]
    return Actor(
        name=str(name),
        actor_class=CLASSES[kinds[0]] if kinds else "unknown",
        statements=statements,
        aliases=tuple(_texts(given.get("aliases")))[:100],
        note=str(given.get("description") or "")[:LONGEST_NOTE],
    )


def _networks(
    start: str, known: Mapping[str, Mapping[str, Any]], links: Mapping[str, Sequence[str]]
) -> Iterator[int]:
    """Numbers of the autonomous systems that an actor leads to in a few steps."""
    reached, edge = {start}, [start]
    for _ in range(STEPS):
        edge = [t for s in edge for t in links.get(s, ()) if t not in reached and not reached.add(t)]  # type: ignore[func-returns-value]
        for name in edge:
            number = known.get(name, {}).get("number")
            if known.get(name, {}).get("type") == "autonomous-system" and _is_asn(number):
                yield int(str(number))


def _is_asn(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32


def _code(confidence: Any) -> str:
    if not isinstance(confidence, int) or isinstance(confidence, bool) or not 0 <= confidence <= 100:
        return NOT_JUDGED
    return "F" + next(figure for least, figure in _CREDIBILITY if confidence >= least)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _texts(value: Any) -> list[str]:
    return [v[:LONGEST_NAME] for v in value if _is_text(v)] if isinstance(value, list) else []


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit()
