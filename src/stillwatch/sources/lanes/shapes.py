"""Shapes of JSON objects, and what decodes lines of such a shape.

A shape names the keys that matter and what stands at them. Keys that it does not name are learned as they are met, so that
their values are decoded and checked like all others. A line that does not have the shape is not decoded; nothing is said
about it but that it is odd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from keyword import iskeyword
from operator import attrgetter
from re import DOTALL
from re import compile as pattern
from typing import Annotated, Any

import msgspec

from stillwatch.sources.rows import is_learnable

MOST_LEARNED = 256
"""Unknown keys that a shape learns; lines with more of them are odd."""

_LONGEST = 200
_LEARNED: Any = Annotated[Any, "learned"]
_UNKNOWN = pattern(r"Object contains unknown field `(.*?)`(?: - at `\$(.*)`)?", DOTALL)
_STEP = pattern(r"\.([^.\[]+)|\[[^\]]*\]")
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError)

ANY: Any = Any
"""Any value, decoded as JSON."""
TEXT: Any = str | None
NULL: Any = None
"""Nothing, or null."""
NEVER: Any = Annotated[str, msgspec.Meta(min_length=1, max_length=0)]
"""No value at all: with this key a record needs the full reading."""


def any_of(*names: str) -> dict[str, Any]:
    """Keys at which any value may stand."""
    return dict.fromkeys(names, ANY)


def none_of(*names: str) -> dict[str, Any]:
    """Keys of which none may be there."""
    return dict.fromkeys(names, NEVER)


@dataclass(frozen=True)
class Needed:
    """An object or a list that must be there."""

    inside: Any


class Shape:
    """What decodes objects that have these keys; a dict stands for an object, a list of one shape for a list."""

    def __init__(self, keys: Mapping[str, Any]) -> None:
        """The shape with nothing learned."""
        self._keys = _copied(keys)
        self._learned = 0
        self._build()

    def _build(self) -> None:
        self.decode = msgspec.json.Decoder(_typed(self._keys)).decode

    def sweep(self, lines: Sequence[Any]) -> tuple[list[Any], list[int]]:
        """The objects of the lines that have the shape, and the places of all others."""
        found: list[Any] = []
        odd: list[int] = []
        some = map(self.decode, lines)
        while True:
            try:
                found.extend(some)
            except _FAULTS as fault:
                place = len(found) + len(odd)
                if self._learns(str(fault)):
                    some = map(self.decode, lines[place:])
                else:
                    odd.append(place)
            else:
                return found, odd

    def _learns(self, fault: str) -> bool:
        """Whether a line failed for a key that is known from now on."""
        told = _UNKNOWN.fullmatch(fault)
        if told is None or self._learned >= MOST_LEARNED or len(told[1]) > _LONGEST:
            return False
        if not is_learnable(told[1]):
            return False
        held: Any = self._keys
        for key in _STEP.findall(told[2] or ""):
            held = held.get(key) if isinstance(held, dict) and key else held
            held = held.inside if isinstance(held, Needed) else held
            held = held[0] if isinstance(held, list) else held
        if not isinstance(held, dict) or told[1] in held:
            return False
        held[told[1]] = _LEARNED
        self._learned += 1
        self._build()
        return True


def inside(objects: Iterable[Any], path: str) -> list[Any]:
    """What stands at a path of keys in each object; None where a step is missing."""
    whole, steps = _getters(path)
    try:
        return list(map(whole, objects))
    except AttributeError:
        values = list(objects)
    for step in steps:
        values = [None if one is None else step(one) for one in values]
    return values


@cache
def _getters(path: str) -> tuple[Callable[[Any], Any], tuple[Callable[[Any], Any], ...]]:
    """What gets the value at a path, in one go and step by step."""
    steps = [field_of(key) for key in path.split("/")]
    return attrgetter(".".join(steps)), tuple(map(attrgetter, steps))


def field_of(key: str) -> str:
    """The name of the field that holds a key."""
    name = "".join(sign if sign.isalnum() else "_" for sign in key)
    return name if name.isidentifier() and not iskeyword(name) else f"of_{name}"


def _copied(shape: Any) -> Any:
    if isinstance(shape, Needed):
        return Needed(_copied(shape.inside))
    if isinstance(shape, Mapping):
        return {key: _copied(inside) for key, inside in shape.items()}
    return [_copied(shape[0])] if isinstance(shape, list) else shape


def _typed(shape: Any) -> Any:
    """The type that msgspec decodes to."""
    if isinstance(shape, list):
        return list[_typed(shape[0])]  # type: ignore[misc]
    if not isinstance(shape, Mapping):
        return shape
    needed: list[Any] = []
    others: list[Any] = []
    for number, (key, held) in enumerate(shape.items()):
        name = f"learned_{number}" if held is _LEARNED else field_of(key)
        if isinstance(held, Needed):
            needed.append((name, _typed(held.inside), msgspec.field(name=key)))
        else:
            kind = _typed(held)
            kind = kind | None if isinstance(held, Mapping | list) else kind
            others.append((name, kind, msgspec.field(default=None, name=key)))
    return msgspec.defstruct("Shape", [*needed, *others], gc=False, forbid_unknown_fields=True)
