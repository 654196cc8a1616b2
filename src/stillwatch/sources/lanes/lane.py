"""What a lane is: the short way for the records of a format that are as most are.

A lane knows the shape of such records. Compiled code says where in the text their values stand, and what they say is copied
from there into columns, many records at a time. What a lane tells must be what the full reading tells, `Envelope.rows`; a
record for which that cannot be said at once has another shape, or is told to be odd, and is left to the full reading. So a
lane refuses nothing, excludes nothing and knows no exceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.lanes.columns import Columns
from stillwatch.sources.lanes.found import Found, is_utf8, walked
from stillwatch.sources.lanes.shapes import NEVER, Shape
from stillwatch.sources.lines import Lines

_ASCII = 127
_LARGEST = 2**31 - 1
"""Bytes of which places can be told."""

_FEW = 64
"""Odd records between which the others are copied faster than one by one."""


@dataclass(frozen=True)
class Told:
    """The rows of some lines: their columns, the line's place that each row came from, the places of lines that are odd, and what was excluded of the others, by reason."""

    columns: Columns
    places: NDArray[np.int64]
    odd: list[int]
    excluded: Mapping[str, int] = field(default_factory=dict)


class Lane:
    """The short way of one format."""

    def __init__(
        self,
        shape: Mapping[str, Any],
        columns: Callable[[Found], Columns],
        *,
        needed: Sequence[str] = (),
    ) -> None:
        """Records of that shape as columns; one without a value in a `needed` column is odd."""
        self._shape = Shape({**shape, "log": NEVER})
        self._turn, self._needed = columns, needed

    def columns(self, lines: Sequence[Any]) -> tuple[Columns, list[int]]:
        """The columns of the lines that are as most are, and the places of the others, in their order."""
        found, are_regular = self._walked(lines if isinstance(lines, Lines) else Lines.of(lines))
        columns = self._turn(found) if len(found) else {}
        for name in self._needed:
            if name in columns and columns[name].null_count:
                found.without(np.asarray(columns[name].is_null()))
        if found.is_odd.any():
            columns = {name: _without(values, found.is_odd) for name, values in columns.items()}
            are_regular[np.flatnonzero(are_regular)[found.is_odd]] = False
        return columns, np.flatnonzero(~are_regular).tolist()

    def told(self, lines: Sequence[Any]) -> Told:
        """The same, and where the rows come from: here each line is one."""
        columns, odd = self.columns(lines)
        return Told(columns, np.delete(np.arange(len(lines)), odd), odd)

    def _walked(self, some: Lines) -> tuple[Found, NDArray[np.bool_]]:
        """What is found in the lines that are regular, and which those are."""
        if len(some.piece) > _LARGEST:
            some = Lines(b"\n", np.zeros(len(some), np.int64), np.zeros(len(some), np.int64))
        text = np.frombuffer(some.piece, np.uint8)
        ends = np.where(_are_utf8(some), some.ends, some.starts)
        return walked(self._shape, text, some.starts, ends)


def _without(values: pa.Array, are_odd: NDArray[np.bool_]) -> pa.Array:
    """Values without the odd ones; of few, what lies between is copied as a whole."""
    odd = np.flatnonzero(are_odd)
    if len(odd) > _FEW:
        return values.take(pa.array(np.flatnonzero(~are_odd)))
    starts, ends = np.concatenate([[0], odd + 1]).tolist(), np.concatenate([odd, [len(values)]]).tolist()
    return pa.concat_arrays([values[start:end] for start, end in zip(starts, ends, strict=True)])


def _are_utf8(lines: Lines) -> NDArray[np.bool_]:
    """Which lines are UTF-8."""
    are = np.ones(len(lines), np.bool_)
    if len(lines):
        whole = memoryview(lines.piece)[lines.starts[0] : lines.ends[-1]]
        is_ascii = not whole or np.frombuffer(whole, np.uint8).max() <= _ASCII
        if not is_ascii and not is_utf8(whole):
            are[:] = [is_utf8(line) for line in lines]
    return are
