"""The order of many ids by numbers instead of letters, and rows put in it: ids of one length need no look at where each begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.codes import plain
from stillwatch.fingerprint.text import Keys
from stillwatch.judge.gather import rows_at
from stillwatch.judge.ordered import alike, by_key
from stillwatch.weigh.holding import Integers

Letters = npt.NDArray[np.uint8]

KINDS = 256
LONGEST = (1 << 31) - 1
"""Letters of all texts of one Arrow array."""


def in_order(ids: pa.Array) -> pa.Array:
    """Places of the ids in order, equal ones as they stand."""
    letters = _letters(ids)
    if letters is None:
        return pc.sort_indices(ids)
    number = _numbers(letters, _kinds(letters))
    order = by_key(number)
    ordered = number[order]
    again = alike(ordered[1:] == ordered[:-1])
    rows = order[again]
    order[again] = rows[pc.sort_indices(ids.take(pa.array(rows))).to_numpy()]
    return pa.array(order)


def of_rows(ids: pa.ChunkedArray, rows: Sequence[Integers]) -> pa.Array:
    """The ids at these rows, each part of them in order, one after the other; Arrow copies letters one id at a time."""
    parts = [part for part in map(_letters, ids.chunks) if part is not None]
    sizes = {part.shape[1] for part in parts}
    size, many = max(sizes, default=0), sum(map(len, rows))
    if len(parts) < ids.num_chunks or len(sizes) != 1 or not 0 < size * many <= LONGEST:
        found = [rows_at(pa.table({"ids": ids}), some)["ids"] for some in rows]
        return pa.chunked_array([part for one in found for part in one.chunks], ids.type).combine_chunks()
    moved = np.empty(many, f"V{size}")
    starts = np.cumsum([0, *map(len, ids.chunks)])
    begins = np.cumsum([0, *map(len, rows)]).tolist()
    bounds = [np.searchsorted(some, starts).tolist() for some in rows]
    for at, part in enumerate(parts):
        letters = part.view(f"V{size}").ravel()
        for some, begin, bound in zip(rows, begins, bounds, strict=False):
            first, last = bound[at], bound[at + 1]
            moved[begin + first : begin + last] = letters[some[first:last] - starts[at]]
    return _of_one_length(moved, size)


def _of_one_length(letters: npt.NDArray[Any], size: int) -> pa.Array:
    starts = np.arange(0, size * len(letters) + 1, size, dtype=np.int32)
    return pa.StringArray.from_buffers(len(letters), pa.py_buffer(starts), pa.py_buffer(letters))


def put(column: pa.Array, places: pa.Array) -> pa.Array:
    """The values of a column at these places. Arrow looks up where each text begins; texts of one length, and codes of others, it need not."""
    if not pa.types.is_string(column.type):
        return column.take(places)
    letters = _letters(column)
    if letters is None or letters.shape[1] * len(places) > LONGEST:
        return plain(column.dictionary_encode().take(places))
    size = letters.shape[1]
    return _of_one_length(letters.view(f"V{size}").ravel()[places.to_numpy()], size)


def _letters(ids: pa.Array) -> Letters | None:
    """A row of letters for each id, if all are of one length and none is missing."""
    if not len(ids) or ids.null_count:
        return None
    _, places, content = ids.buffers()
    starts = np.frombuffer(places, np.int32)[ids.offset : ids.offset + len(ids) + 1]
    size = int(starts[1] - starts[0])
    if not size or np.any(np.diff(starts) != size):
        return None
    return np.frombuffer(content, np.uint8)[starts[0] : starts[-1]].reshape(len(ids), size)


@nb.njit(cache=True, nogil=True)
def _kinds(letters: Letters) -> npt.NDArray[np.bool_]:
    """Which letters come at each place."""
    found = np.zeros((letters.shape[1], KINDS), np.bool_)
    for row in range(letters.shape[0]):
        for at in range(letters.shape[1]):
            found[at, letters[row, at]] = True
    return found


def _numbers(letters: Letters, found: npt.NDArray[np.bool_]) -> Keys:
    """The first letters of each row as one number, in the same order, of all 64 bits: at each place a letter is a digit among those that come there.

    A place where all have the same letter takes no room, so that of hexadecimal letters there is room for sixteen.
    """
    kinds = found.sum(axis=1).tolist()
    room, used = 1, 0
    while used < len(kinds) and room * kinds[used] <= 1 << 64:
        room, used = room * kinds[used], used + 1
    places = np.flatnonzero(np.array(kinds[:used]) > 1)
    digits = (np.cumsum(found[places], axis=1) - 1).astype(np.uint64)
    numbers = _summed(letters, places, digits, np.array(kinds, np.uint64)[places])
    return numbers << np.uint64(64 - (room - 1).bit_length()) if room > 1 else numbers


@nb.njit(cache=True, nogil=True)
def _summed(letters: Letters, places: Integers, digits: Keys, kinds: Keys) -> Keys:
    numbers = np.zeros(letters.shape[0], np.uint64)
    for row in range(letters.shape[0]):
        number = np.uint64(0)
        for i in range(len(places)):
            number = number * kinds[i] + digits[i, letters[row, places[i]]]
        numbers[row] = number
    return numbers
