"""Messages and answers of many records at once: who spoke last, how often, and what was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.lanes.columns import Columns, as_written_slots, classed, joined
from stillwatch.sources.lanes.found import Found, Slots
from stillwatch.sources.lanes.syntax import ABSENT, LIST

ANYBODY, OPERATOR, MODEL = range(3)
"""Whose message it is."""


def talk(some: Found, path: str, held: Texts, role_of: Callable[[object], int]) -> Columns:
    """System prompt, prompt and turns of lists of messages."""
    ends, roles = some.ends(path), some.slots(f"{path}/*/role")
    whose = classed(role_of, some, roles)
    last, last_ends = last_of(whose == ANYBODY, ends)
    system = np.flatnonzero(whose == OPERATOR)
    turns = np.diff(up_to(whose != OPERATOR, ends), prepend=0).astype(np.int32)
    return {
        "system_prompt": held.joined(some, system, up_to(whose == OPERATOR, ends)),
        "prompt": held.joined(some, last, last_ends),
        "turns": pa.array(turns, pa.int32(), mask=turns == 0),
    }


@dataclass(frozen=True)
class Texts:
    """The texts of messages: of each, so many one after the other from one on."""

    held: Slots
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def joined(self, some: Found, chosen: NDArray[np.int64], ends: NDArray[np.int64]) -> pa.Array:
        """The texts of chosen messages, one a line, in groups; of each group, where it ends among these messages."""
        sizes = self.sizes[chosen]
        whole = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        which = np.repeat(self.starts[chosen] - whole[:-1], sizes) + np.arange(whole[-1])
        return joined(some, self.held, which, whole[ends])


def of_parts(some: Found, path: str) -> Texts:
    """The texts of messages whose parts are in lists at a path."""
    ends = some.ends(path)
    sizes = np.diff(ends, prepend=0)
    return Texts(some.slots(f"{path}/*/text"), ends - sizes, sizes)


def of_contents(some: Found, path: str) -> Texts:
    """The texts of messages at a path, each a text or a list of parts."""
    contents, parts = some.slots(path), of_parts(some, path)
    are_lists, count = contents.kinds == LIST, len(contents.kinds)
    both = Slots(
        np.concatenate([contents.kinds, parts.held.kinds]), np.concatenate([contents.spans, parts.held.spans])
    )
    starts = np.where(are_lists, parts.starts + count, np.arange(count))
    return Texts(both, starts, np.where(are_lists, parts.sizes, 1))


def media(some: Found, path: str, parts: str, are_media: Callable[[Found], NDArray[np.bool_]]) -> pa.Array:
    """How many parts of all messages of a list are media; null without messages."""
    ends, part_ends = some.ends(path), some.ends(f"{path}/*/{parts}")
    are = are_media(some.inside(f"{path}/*/{parts}/*"))
    whole = up_to(are, np.concatenate([[0], part_ends]))[np.concatenate([[0], ends])]
    counts = np.diff(whole).astype(np.int32)
    return pa.array(counts, pa.int32(), mask=np.diff(ends, prepend=0) == 0)


def up_to(are: NDArray[np.bool_], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many there are before each end."""
    return np.concatenate([[0], np.cumsum(are)])[ends]


def last_of(are: NDArray[np.bool_], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The last of each group that has one, and up to where in these the groups go."""
    places = np.concatenate([[-1], np.maximum.accumulate(np.where(are, np.arange(len(are)), -1))])[ends]
    starts = np.concatenate([[0], ends[:-1]])
    has_one = places >= starts
    return places[has_one], np.cumsum(has_one)


def all_texts(some: Found, path: str, held: Texts) -> pa.Array:
    """The texts of all elements of a list, one a line."""
    return held.joined(some, np.arange(len(held.sizes)), some.ends(path))


def first_of(some: Found, path: str, name: str) -> pa.Array:
    """What the first element of a list says under a name."""
    held, ends = some.slots(f"{path}/*/{name}"), some.ends(path)
    starts = np.concatenate([[0], ends[:-1]])
    are_there = ends > starts
    kinds, spans = np.full(len(ends), ABSENT, np.uint8), np.zeros((len(ends), 2), np.int32)
    kinds[are_there], spans[are_there] = held.kinds[starts[are_there]], held.spans[starts[are_there]]
    return as_written_slots(some, Slots(kinds, spans))


def texts_of(some: Found, path: str) -> pa.Array:
    """The texts of the parts of a list, one a line."""
    held = of_parts(some, path)
    return held.joined(some, np.arange(len(held.sizes)), np.arange(len(held.sizes)) + 1)
