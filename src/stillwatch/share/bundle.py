"""A STIX bundle from somebody else, taken apart within bounds: size, number and size of objects, depth, rings.

Nothing is followed and nothing is fetched. What is beyond the bounds of the whole is refused; an object that is
beyond its own is left out and told. Objects come as plain values, with their identifier and type checked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.errors import InputError

MOST_BYTES = 32 * 1024 * 1024
MOST_OBJECTS = 50_000
MOST_BYTES_AN_OBJECT = 1024 * 1024
MOST_DEPTH = 12
MOST_REFERENCES = 200_000
_ID = re.compile(r"([a-z][a-z0-9-]{2,63})--([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

Object = Mapping[str, Any]


class _Envelope(msgspec.Struct):
    """A STIX bundle or a TAXII envelope, its objects not yet looked at."""

    objects: list[msgspec.Raw]
    type: str = "bundle"


@dataclass(frozen=True)
class Objects:
    """Objects by identifier, the newest version of each, and what was left out by reason."""

    by_id: Mapping[str, Object]
    left_out: Mapping[str, int]


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unless it is too large to be a bundle."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(
                f"{path} has {size:,} bytes, and a bundle may have {MOST_BYTES:,}. Ask for less at a time."
            )
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def taken_apart(content: bytes, told: str) -> Objects:
    """The objects of a bundle; `told` says in errors where it came from."""
    if len(content) > MOST_BYTES:
        raise InputError(
            f"{told} has more than the {MOST_BYTES:,} bytes that a bundle may have. Ask for less at a time."
        )
    envelope = _envelope(content, told)
    left_out: Counter[str] = Counter()
    by_id: dict[str, Object] = {}
    for raw in envelope.objects:
        found = _object(raw, left_out)
        if found is not None:
            _keep(found, by_id, left_out)
    rings = _in_rings(by_id, told)
    for identifier in rings:
        del by_id[identifier]
    if rings:
        left_out["refers to itself in a ring"] += len(rings)
    return Objects(by_id, dict(sorted(left_out.items())))


def _envelope(content: bytes, told: str) -> _Envelope:
    try:
        envelope = msgspec.json.decode(content, type=_Envelope)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"{told} is no STIX bundle: {error}. Nothing of it was used.") from error
    if envelope.type != "bundle":
        raise InputError(f"{told} is a {envelope.type[:40]!r} and no STIX bundle. Nothing of it was used.")
    if len(envelope.objects) > MOST_OBJECTS:
        raise InputError(
            f"{told} holds {len(envelope.objects):,} objects, and {MOST_OBJECTS:,} are the most. Nothing of it was used."
        )
    return envelope


def _object(raw: msgspec.Raw, left_out: Counter[str]) -> Object | None:
    if len(memoryview(raw)) > MOST_BYTES_AN_OBJECT:
        left_out["is larger than an object may be"] += 1
        return None
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        left_out["is no JSON that can be read"] += 1
        return None
    reason = _wrong(found)
    if reason is not None:
        left_out[reason] += 1
        return None
    told: Object = found
    return told


def _wrong(found: Any) -> str | None:
    """Why an object is left out before its type is looked at."""
    if not isinstance(found, dict):
        return "is no object"
    if _is_deeper(found, MOST_DEPTH):
        return "is nested too deeply"
    matched = _ID.fullmatch(found["id"]) if isinstance(found.get("id"), str) else None
    if matched is None or matched[1] != found.get("type"):
        return "has no identifier of its type"
    if found.get("spec_version") != "2.1":
        return "is not of STIX 2.1"
    return None


def _is_deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            part
            for whole in level
            if isinstance(whole, (dict, list))
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
        if not level:
            return False
    return True


def _keep(found: Object, by_id: dict[str, Object], left_out: Counter[str]) -> None:
    """Keep the newest version of an object; one that names another maker is a forgery, one version with two contents is told."""
    earlier = by_id.get(found["id"])
    if earlier is None:
        by_id[found["id"]] = found
    elif earlier.get("created_by_ref") != found.get("created_by_ref"):
        left_out["changes or withdraws what another maker told"] += 1
    elif when(found.get("modified")) > when(earlier.get("modified")):
        by_id[found["id"]] = found
    elif when(found.get("modified")) == when(earlier.get("modified")) and found != earlier:
        by_id[found["id"]] = {**earlier, "object_marking_refs": _marks(earlier) + _marks(found)}
        if {**found, "object_marking_refs": 0} != {**earlier, "object_marking_refs": 0}:
            left_out["is the same version of an object with another content"] += 1


def when(modified: Any) -> str:
    """A time in a form whose order is that of time, however many digits its seconds have."""
    head, _, part = str(modified or "").removesuffix("Z").partition(".")
    return f"{head}.{part:0<9}"


def _marks(found: Object) -> list[Any]:
    marks = found.get("object_marking_refs")
    return marks if isinstance(marks, list) else []


def _in_rings(by_id: Mapping[str, Object], told: str) -> set[str]:
    """Identifiers of objects that lie on a ring of references, or between two: ends are peeled off until none is left."""
    forward: dict[str, set[str]] = {}
    backward: dict[str, set[str]] = {}
    for count, (source, target) in enumerate(_references(by_id)):
        if count >= MOST_REFERENCES:
            raise InputError(
                f"{told} holds more than {MOST_REFERENCES:,} references. Nothing of it was used."
            )
        forward.setdefault(source, set()).add(target)
        backward.setdefault(target, set()).add(source)
    left = set(forward) | set(backward)
    ends = [n for n in left if not forward.get(n) or not backward.get(n)]
    while ends:
        node = ends.pop()
        left.discard(node)
        for onward, back in ((forward, backward), (backward, forward)):
            for other in onward.pop(node, set()):
                back[other].discard(node)
                if other in left and not back[other]:
                    ends.append(other)
    return left & set(by_id)


def _references(by_id: Mapping[str, Object]) -> Iterator[tuple[str, str]]:
    """What is said of what: relations and sightings point from their source, wholes at their parts.

    An identity may be its own maker.
    """
    for identifier, found in by_id.items():
        for name in ("sighting_of_ref", "source_ref", "target_ref", "created_by_ref"):
            is_its_own_maker = name == "created_by_ref" and found.get(name) == identifier
            if isinstance(target := found.get(name), str) and target in by_id and not is_its_own_maker:
                yield (identifier, target)
        for name in ("object_refs", "where_sighted_refs", "observed_data_refs"):
            targets = found.get(name)
            if isinstance(targets, list):
                yield from ((identifier, t) for t in targets if isinstance(t, str) and t in by_id)
