"""Which keys may come often: a first look with one byte for each, so that exact counts need less room.

Most keys of a log come once. A key's byte may be shared with other keys, so that its count is never too small.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.kernels import MIX_A

ABSENT = np.uint64(0)


@nb.njit(cache=True, nogil=True)
def place(key: np.uint64, places: int) -> np.uint64:
    """Where a key stands among so many places, a power of two."""
    return key * MIX_A >> np.uint64(20) & np.uint64(places - 1)


@nb.njit(cache=True, nogil=True)
def tally(keys: npt.NDArray[np.uint64], least: int, times: npt.NDArray[np.uint8]) -> int:
    """Count, up to `least`, how often keys come, at their places of `times`; places that got there."""
    reached = 0
    for key in keys:
        if key != ABSENT:
            at = place(key, len(times))
            if times[at] < least:
                times[at] += np.uint8(1)
                reached += times[at] == least
    return reached


@nb.njit(cache=True, nogil=True)
def _marked(keys: npt.NDArray[np.uint64], least: int, times: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    mark = np.empty(len(keys), np.bool_)
    for i in range(len(keys)):
        mark[i] = times[place(keys[i], len(times))] >= least
    return mark


def may_come(keys: npt.NDArray[np.uint64], least: int) -> npt.NDArray[np.bool_]:
    """True for every key that comes at least so often, and for few others."""
    times = np.zeros(power_of_two(2 * len(keys)), np.uint8)
    tally(keys, least, times)
    return _marked(keys, least, times)


def power_of_two(least: int) -> int:
    """The first from 1024 on that is at least so many."""
    return 1 << max(10, (least - 1).bit_length())
