"""Messages and answers of many records at once: who spoke last, how often, and what was said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.lanes.columns import Columns, as_written_slots, joined, turned_slots
from stillwatch.sources.lanes.found import Found, Slots
from stillwatch.sources.lanes.kernels import ABSENT

ANYBODY, OPERATOR, MODEL = range(3)
"""Whose message it is."""


def talk(some: Found, path: str, content: str, role_of: Callable[[object], int]) -> Columns:
    """System prompt, prompt, turns and images of lists of messages that hold one text each."""
    ends, roles = some.ends(path), some.slots(f"{path}/*/role")
    contents = some.slots(f"{path}/*/{content}")
    whose = np.asarray(turned_slots(role_of, pa.int8(), some, roles))
    system = np.flatnonzero(whose == OPERATOR)
    last, last_ends = last_of(whose == ANYBODY, ends)
    return {
        "system_prompt": joined(some, contents, system, up_to(whose == OPERATOR, ends)),
        "prompt": joined(some, contents, last, last_ends),
        **counted(whose != OPERATOR, ends),
    }


def parts_talk(some: Found, path: str, parts: str, role_of: Callable[[object], int]) -> Columns:
    """The same of messages of parts that hold one text each."""
    ends, roles = some.ends(path), some.slots(f"{path}/*/role")
    texts, part_ends = some.slots(f"{path}/*/{parts}/*/text"), some.ends(f"{path}/*/{parts}")
    whose = np.asarray(turned_slots(role_of, pa.int8(), some, roles))
    system = np.flatnonzero(whose == OPERATOR)
    last, last_ends = last_of(whose == ANYBODY, ends)
    system_ends = up_to(whose == OPERATOR, ends)
    return {
        "system_prompt": joined(some, texts, *spread(system, system_ends, part_ends)),
        "prompt": joined(some, texts, *spread(last, last_ends, part_ends)),
        **counted(whose != OPERATOR, ends),
    }


def spread(
    chosen: NDArray[np.int64], ends: NDArray[np.int64], part_ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The parts of chosen messages, and up to where in these the groups of messages go."""
    starts = np.concatenate([[0], part_ends[:-1]]).astype(np.int64)[chosen]
    sizes = part_ends[chosen] - starts
    whole = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return np.repeat(starts - whole[:-1], sizes) + np.arange(whole[-1]), whole[ends]


def counted(are_turns: NDArray[np.bool_], ends: NDArray[np.int64]) -> Columns:
    """Turns, and images, of which there are none."""
    turns = np.diff(up_to(are_turns, ends), prepend=0).astype(np.int32)
    return {
        "turns": pa.array(turns, pa.int32(), mask=turns == 0),
        "images": pa.array(np.zeros(len(ends), np.int32), pa.int32(), mask=np.diff(ends, prepend=0) == 0),
    }


def up_to(are: NDArray[np.bool_], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many there are before each end."""
    return np.concatenate([[0], np.cumsum(are)])[ends]


def last_of(are: NDArray[np.bool_], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The last of each group that has one, and up to where in these the groups go."""
    places = np.concatenate([[-1], np.maximum.accumulate(np.where(are, np.arange(len(are)), -1))])[ends]
    starts = np.concatenate([[0], ends[:-1]])
    has_one = places >= starts
    return places[has_one], np.cumsum(has_one)


def answered_texts(some: Found, path: str, content: str) -> pa.Array:
    """The texts of the elements of a list, one a line."""
    held, ends = some.slots(f"{path}/*/{content}"), some.ends(path)
    return joined(some, held, np.arange(len(held.kinds)), ends)


def parts_texts(some: Found, path: str, parts: str) -> pa.Array:
    """The texts of the parts of the elements of a list, one a line."""
    held, ends = some.slots(f"{path}/*/{parts}/*/text"), some.ends(path)
    part_ends = some.ends(f"{path}/*/{parts}")
    return joined(some, held, *spread(np.arange(len(part_ends)), ends, part_ends))


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
    held, ends = some.slots(f"{path}/*/text"), some.ends(path)
    return joined(some, held, np.arange(len(held.kinds)), ends)
