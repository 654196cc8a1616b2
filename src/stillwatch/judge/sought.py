"""Which of some keys each of many values is: looked up where the key would stand, since most values are none of them."""

from __future__ import annotations

import numba as nb
import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.often import place, power_of_two
from stillwatch.fingerprint.text import Keys
from stillwatch.judge.gather import at_rows
from stillwatch.weigh.holding import Integers
from stillwatch.weigh.incidence import Int32s

SPARE = 4
"""Places for each key, of which most stay empty."""


def sought(values: Keys, keys: Keys) -> Int32s:
    """For each value its place among the keys, which are distinct, or -1."""
    return _sought(values, keys, np.full(power_of_two(SPARE * len(keys)), -1, np.int32))


def sought_at(column: pa.ChunkedArray, rows: Integers, keys: Keys) -> Int32s:
    """The same of a column's values at these rows; those that it holds once, as codes stand for them, are looked up once."""
    if column.num_chunks == 1 and not column.null_count and pa.types.is_dictionary(column.type):
        one = column.chunk(0)
        found: Int32s = sought(one.dictionary.to_numpy(), keys)[one.indices.to_numpy()[rows]]
        return found
    return sought(at_rows(column, rows), keys)


@nb.njit(cache=True, nogil=True)
def _sought(values: Keys, keys: Keys, places: Int32s) -> Int32s:
    last = np.uint64(len(places) - 1)
    for number in range(np.uint64(len(keys))):
        at = place(keys[number], len(places))
        while places[at] >= 0:
            at = (at + np.uint64(1)) & last
        places[at] = number
    found = np.empty(len(values), np.int32)
    for row in range(np.uint64(len(values))):
        at = place(values[row], len(places))
        while places[at] >= 0 and keys[np.uint32(places[at])] != values[row]:
            at = (at + np.uint64(1)) & last
        found[row] = places[at]
    return found
