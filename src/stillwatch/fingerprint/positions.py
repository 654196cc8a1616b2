"""Positions of accounts: the place of each one's id among all that there are, in order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


class Ids:
    """Account ids of a log, batch after batch; a batch that names the same ids as the one before it, as those of one Parquet row group do, adds none."""

    def __init__(self) -> None:
        """None yet."""
        self._named: list[pa.Array] = []
        self._first = self._count = 0

    def add(self, ids: pa.DictionaryArray) -> pa.Array:
        """The next batch: where each row's id stands among all that were named."""
        if not self._named or not self._named[-1].equals(ids.dictionary):
            self._named.append(ids.dictionary)
            self._first, self._count = self._count, self._count + len(ids.dictionary)
        return pa.array(np.add(ids.indices.to_numpy(), self._first, dtype=np.int32))

    def positions(self, others: pa.Array, rows: pa.ChunkedArray) -> tuple[pa.Array, npt.NDArray[np.int32]]:
        """The ids that there are and those of `others`, in order; and where each row's id stands among them, by what `add` gave.

        The ids of a batch may be more than its rows have: each is looked at once, all else is numbers.
        """
        once = pa.concat_arrays([*self._named, others]).dictionary_encode()
        code = once.indices.fill_null(len(once.dictionary)).to_numpy()
        of_row = code[rows.to_numpy()]
        is_there = np.zeros(len(once.dictionary) + 1, np.bool_)
        is_there[of_row] = is_there[code[self._count :]] = True
        there = np.flatnonzero(is_there[:-1])
        known = once.dictionary.take(pa.array(there))
        order = pc.sort_indices(known)
        place = np.full(len(is_there), -1, np.int32)
        place[there[order.to_numpy()]] = np.arange(len(there), dtype=np.int32)
        return known.take(order), place[of_row]


def known_ids(*named: pa.Array) -> pa.Array:
    """The ids that there are, in order: an account's position is its place among them."""
    known = pc.unique(pa.concat_arrays(named))
    return known.take(pc.sort_indices(known))
