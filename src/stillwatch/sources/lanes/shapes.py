"""Shapes of JSON objects: the keys of a record that matter, and what may stand at them.

A record of which a value is of another kind than its shape allows is odd, and so is one that has a key of which none may be
there. Keys that a shape does not name are passed over, their values checked like all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stillwatch.sources.lanes import kernels, syntax
from stillwatch.sources.lanes.kernels import HASHES
from stillwatch.sources.lanes.syntax import ESCAPED, LIST, NULL, OBJECT
from stillwatch.sources.plain.vectors import WIDTH

ELEMENT = "*"
"""The step of a path that leads into the elements of a list."""

_SEPARATOR = "/"
_MOST_NAMED = 10_000
_ROOM_A_RECORD = 16.0
_MORE, _FEW, _MOST_ROOM = 1.25, 64, 128.0


@dataclass(frozen=True)
class Leaf:
    """A value of one of some kinds, as bits, in which nothing else is looked for."""

    kinds: int


ANY = Leaf((1 << ESCAPED + 3) - 1)
"""Any value."""
TEXT = Leaf(1 << NULL | 1 << syntax.TEXT | 1 << ESCAPED)
NULL_ONLY = Leaf(1 << NULL)
"""Nothing, or null."""
INSIDE = Leaf(1 << OBJECT)
"""An object, whatever is in it."""
NEVER = Leaf(0)
"""No value at all: with this key a record needs the full reading."""


def any_of(*names: str) -> dict[str, Any]:
    """Keys at which any value may stand."""
    return dict.fromkeys(names, ANY)


def none_of(*names: str) -> dict[str, Any]:
    """Keys of which none may be there."""
    return dict.fromkeys(names, NEVER)


@dataclass(frozen=True)
class Needed:
    """An object or a list that must be there, if what it stands in is there."""

    inside: Any


@dataclass(frozen=True)
class Closed:
    """An object in which no other keys may be there."""

    inside: Mapping[str, Any]


@dataclass(frozen=True)
class Slot:
    """Where the values of a path are held, and where those of what they stand in; whether they must be there."""

    table: int
    slot: int
    parent: int
    is_needed: bool


@dataclass
class Shape:
    """What compiled code looks for in objects that have these keys.

    A dict stands for an object, a list of one shape for a list, a pair of a leaf and a list for what may be either.
    """

    keys: Mapping[str, Any] | Closed
    slots: dict[str, Slot] = field(default_factory=dict)
    """Of each path."""
    widths: list[int] = field(default_factory=lambda: [0])
    """Slots of the records, and of the elements of each list."""
    lists: list[str] = field(default_factory=lambda: [""])
    """The path of each table's list."""
    rooms: list[float] = field(default_factory=list)
    """Elements of each list for which there is room at first, for each record: somewhat more than there were in others."""

    def __post_init__(self) -> None:
        """Lay out the tree of the keys in arrays."""
        self._nodes: list[list[int]] = []
        self._keys: list[tuple[int, bytes, int]] = []
        self._place(self.keys, "", 0, -1)
        self.rooms = [_ROOM_A_RECORD] * len(self.widths)
        self.arrays = (np.array(self._nodes, np.int32), *_hashed(self._keys, len(self._nodes)))

    def learned(self, counts: Iterable[int], records: int) -> None:
        """Make room for as many elements as so many records had, within bounds."""
        for table, count in enumerate(counts):
            some = min(_MOST_ROOM, _MORE * count / max(records, _FEW))
            self.rooms[table] = max(self.rooms[table], some)

    def _place(self, shape: Any, path: str, table: int, parent: int) -> int:
        """The node of a shape at a path, in a table, inside another slot of it."""
        is_needed = isinstance(shape, Needed)
        shape = shape.inside if is_needed else shape
        is_closed = isinstance(shape, Closed)
        shape = shape.inside if is_closed else shape
        node, slot = len(self._nodes), self.widths[table]
        self.widths[table] += 1
        self.slots[path] = Slot(table, slot, parent, is_needed)
        kinds = shape.kinds if isinstance(shape, Leaf) else 1 << OBJECT
        self._nodes.append([kinds, table, slot, -1, not isinstance(shape, Leaf), is_closed])
        if isinstance(shape, Mapping):
            self._nodes[node][kernels.ALLOWED] |= 0 if path.endswith(ELEMENT) else 1 << NULL
            for key, inside in shape.items():
                within = f"{path}{_SEPARATOR}{key}" if path else key
                self._keys.append((node, key.encode(), self._place(inside, within, table, slot)))
        elif not isinstance(shape, Leaf):
            alone, shape = shape if isinstance(shape, tuple) else (NULL_ONLY, shape)
            self.widths.append(0)
            self.lists.append(path)
            within = f"{path}{_SEPARATOR}{ELEMENT}"
            self._nodes[node][kernels.ALLOWED] = 1 << LIST | 1 << NULL | alone.kinds
            self._nodes[node][kernels.ELEMENT] = self._place(shape[0], within, len(self.widths) - 1, -1)
        return node


def _hashed(keys: Sequence[tuple[int, bytes, int]], nodes: int) -> tuple[Any, Any, Any]:
    """The keys of all nodes, the first of each hash, and their bytes in one."""
    hashed = np.full((nodes, HASHES), -1, np.int32)
    names = np.frombuffer(b"".join([*(key for _, key, _ in keys), bytes(WIDTH)]), np.uint8)
    lines, at = [], 0
    for number, (node, key, behind) in enumerate(keys):
        stop = at + len(key)
        which = kernels.hash_of(names, at, stop)
        lines.append([at, stop, behind, hashed[node, which]])
        hashed[node, which] = number
        at = stop
    return np.array(lines, np.int32).reshape(-1, 4), hashed, names
