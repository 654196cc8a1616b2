"""Rows by the small number that each has, sorted by counting: a pass to count, and a pass to place."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]


@nb.njit(cache=True, nogil=True)
def by_number(numbers: Int32s, most: int) -> tuple[Int32s, Integers]:
    """Rows in order of their numbers, which are below `most`, equal ones as they stand; and where each number starts."""
    starts = np.zeros(most + 1, np.int64)
    for number in numbers:
        starts[number + 1] += 1
    starts = np.cumsum(starts)
    place, order = starts.copy(), np.empty(len(numbers), np.int32)
    for row in range(len(numbers)):
        order[place[numbers[row]]] = row
        place[numbers[row]] += 1
    return order, starts
