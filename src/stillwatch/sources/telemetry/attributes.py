"""Attributes of many spans at once: of each wanted thing the most trusted value, side by side for all spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.found import Found, Slots, Table
from stillwatch.sources.lanes.shapes import ANY, Shape
from stillwatch.sources.lanes.syntax import NULL
from stillwatch.sources.plain.vectors import WIDTH
from stillwatch.sources.telemetry import kernels
from stillwatch.sources.telemetry.aliases import aliases
from stillwatch.sources.telemetry.kernels import BEING_THERE, EVEN_EMPTY, NAME_HASHES, SAID, UNRANKED

OPERATION, END_USER, HIDING = "operation", "end_user", "hiding"
"""Slots of which there is one for each of several names, numbered in their order."""
MARK, INTERNAL, ERROR = "mark", "internal", "error"
"""That a span is marked as a call; what says that a gateway made it by itself; the kind of error that ended it."""

ERROR_TYPE = "error.type"


def numbered(slot: str, names: Sequence[object]) -> list[str]:
    """The slots of several names."""
    return [f"{slot}.{number}" for number in range(len(names))]


def bits() -> dict[str, int]:
    """Of each kind of message, the bit that says that it stands under numbered names."""
    return {kind: 2 << number for number, kind in enumerate(aliases().numbered)}


@dataclass(frozen=True)
class Wanted:
    """What is looked for in attributes: the slots, and in arrays for compiled code the names that tell them."""

    shape: Shape
    words: NDArray[np.uint8]
    names: NDArray[np.int32]
    hashed: NDArray[np.int32]
    tells: NDArray[np.int32]
    prefixes: NDArray[np.int32]

    @property
    def every(self) -> list[str]:
        """All slots."""
        return [slot for slot in self.shape.slots if slot]

    def only(self, slots: Sequence[str]) -> NDArray[np.bool_]:
        """These slots alone."""
        chosen = np.zeros(self.shape.widths[0], np.bool_)
        chosen[[self.shape.slots[slot].slot for slot in slots]] = True
        return chosen


@cache
def wanted() -> Wanted:
    """What calls are told by, out of the table of names."""
    told = list(_told())
    shape = Shape(dict.fromkeys((slot for slot, _, _, _ in told), ANY))
    by_name: dict[str, list[tuple[int, int, int]]] = {}
    for slot, name, rank, how in told:
        by_name.setdefault(name, []).append((shape.slots[slot].slot, rank, how))
    prefixes = [
        (f"{prefix}.", bit)
        for bit, some in zip(bits().values(), aliases().numbered.values(), strict=True)
        for prefix in some
    ]
    spelled = [*by_name, *(prefix for prefix, _ in prefixes)]
    words = np.frombuffer("".join(spelled).encode() + bytes(WIDTH), np.uint8)
    ends = np.cumsum([len(one.encode()) for one in spelled], dtype=np.int32)
    places = np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1).astype(np.int32)
    hashed, names, at = np.full(NAME_HASHES, -1, np.int32), [], 0
    for number, tells in enumerate(by_name.values()):
        first, last = places[number].tolist()
        which = kernels.name_hash(words, first, last)
        names.append([first, last, hashed[which], at, at + len(tells)])
        hashed[which], at = number, at + len(tells)
    every = [one for tells in by_name.values() for one in tells]
    return Wanted(
        shape,
        words,
        np.array(names, np.int32),
        hashed,
        np.array(every, np.int32),
        np.column_stack([places[len(by_name) :], [bit for _, bit in prefixes]]).astype(np.int32),
    )


def _told() -> Iterator[tuple[str, str, int, int]]:
    """Each slot with a name that tells it, how trusted it is there, and which values count."""
    known = aliases()
    for column, names in {**known.columns, **known.messages}.items():
        for rank, name in enumerate(names):
            yield column, name, rank, SAID
    operations = tuple(one for one, _ in known.operations)
    for slot, names in ((OPERATION, operations), (END_USER, known.columns["end_user_id"])):
        for one, name in zip(numbered(slot, names), names, strict=True):
            yield one, name, 0, EVEN_EMPTY
    for one, name in zip(numbered(HIDING, known.redactable), known.redactable, strict=True):
        yield one, name, 0, EVEN_EMPTY
    for rank, name in enumerate(known.marks):
        yield MARK, name, rank, BEING_THERE
    yield INTERNAL, known.internal, 0, SAID
    yield ERROR, ERROR_TYPE, 0, EVEN_EMPTY


def values_of(some: Found, path: str) -> Slots:
    """The values of the attributes in lists at a path, a line for each type."""
    values = [some.slots(f"{path}/*/value/{kind}") for kind in kernels.TYPES]
    return Slots(np.stack([one.kinds for one in values]), np.stack([one.spans for one in values]))


class Attributes:
    """What the attributes of some spans tell, and of some slots also what stands around them; `beside` says what else was found."""

    def __init__(self, some: Found, count: int) -> None:
        """Nothing so far, of so many spans."""
        self._some, self._known, self._stamp = some, wanted(), 1
        width = self._known.shape.widths[0]
        self._kinds, self._spans = np.zeros((width, count), np.uint8), np.zeros((width, count, 2), np.int32)
        self._ranks = np.full((width, count), UNRANKED, np.int8)
        self._stamps = np.zeros(len(self._known.names), np.int64)
        self.beside = np.zeros(count, np.uint8)

    def gather(
        self, path: str, slots: Sequence[str], spans: NDArray[np.int64], which: NDArray[np.int64]
    ) -> None:
        """Add what lists of attributes at a path tell of these slots; `which` of them belongs to each of some spans, -1 for none."""
        some, known = self._some, self._known
        lists, keys, values = some.slots(path), some.slots(f"{path}/*/key"), values_of(some, path)
        self._stamp = kernels.gather(
            some.text,
            keys.kinds,
            keys.spans,
            values.kinds,
            values.spans,
            lists.kinds,
            lists.spans,
            known.words,
            known.names,
            known.hashed,
            known.tells,
            known.prefixes,
            known.only(slots),
            self._stamps,
            self._stamp,
            spans,
            which,
            self._kinds,
            self._spans,
            self._ranks,
            self.beside,
        )

    def has(self, slots: Sequence[str]) -> NDArray[np.bool_]:
        """Which spans tell any of these slots."""
        has: NDArray[np.bool_] = np.any(self._kinds[self._known.only(slots)] > NULL, axis=0)
        return has

    def odd(self) -> NDArray[np.bool_]:
        """Which spans hold unusual attributes."""
        are: NDArray[np.bool_] = (self.beside & kernels.ODD) != 0
        return are

    def needs(self) -> NDArray[np.uint8]:
        """Of each span, the bits of the kinds of messages that stand under numbered names and nowhere else."""
        needs = np.zeros(len(self.beside), np.uint8)
        for kind, bit in bits().items():
            needs |= np.where(self.has([kind]), 0, self.beside & bit).astype(np.uint8)
        return needs

    def of(self, spans: NDArray[np.int64]) -> Found:
        """What was told of some spans, as records of which each slot is a key."""
        is_all = len(spans) == self._kinds.shape[1]
        kinds, places = (
            (self._kinds, self._spans) if is_all else (self._kinds[:, spans], self._spans[:, spans])
        )
        return Found(
            self._known.shape, self._some.text, [Table(kinds, places)], np.zeros(len(spans), np.bool_)
        )

    def rank(self, slot: str, spans: NDArray[np.int64]) -> NDArray[np.int8]:
        """Under which of its names a slot was told."""
        ranks: NDArray[np.int8] = self._ranks[self._known.shape.slots[slot].slot][spans]
        return ranks
