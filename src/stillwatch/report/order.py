"""The order of many ids by numbers instead of letters: ids of one length differ in few bytes after what all begin with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

LETTERS = 8


def in_order(ids: pa.Array) -> pa.Array:
    """Places of the ids in order; where sixteen bytes after what all begin with leave any alike, those stand as they come."""
    if not len(ids):
        return pa.array([], pa.int64())
    _, places, content = ids.buffers()
    starts = np.frombuffer(places, np.int32)[ids.offset : ids.offset + len(ids) + 1]
    size = int(starts[1] - starts[0])
    if ids.null_count or not size or np.any(np.diff(starts) != size):
        return pc.sort_indices(ids)
    ends = pc.min_max(ids).as_py()
    pairs = enumerate(zip(ends["min"].encode(), ends["max"].encode(), strict=True))
    begin = next((at for at, (low, high) in pairs if low != high), size)
    letters = np.frombuffer(content, np.uint8)[starts[0] : starts[-1]].reshape(len(ids), size)
    first = _number(letters[:, begin : begin + LETTERS])
    order = np.argsort(first)
    like_next = np.append(np.diff(first[order]) == 0, [False])
    alike = np.flatnonzero(like_next | np.roll(like_next, 1))
    rows = order[alike]
    second = _number(letters[rows, begin + LETTERS : begin + 2 * LETTERS])
    order[alike] = rows[np.lexsort((second, first[rows]))]
    return pa.array(order)


def _number(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """The letters of each row as one number, the first the most; 0 in place of those that are not there."""
    wide = np.zeros((len(letters), LETTERS), np.uint8)
    wide[:, : letters.shape[1]] = letters
    return wide.view(">u8").ravel().astype(np.uint64)
