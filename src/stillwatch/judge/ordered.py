"""Keys in order, and rows by their key, by sorting numbers that hold a key's first bits and its row: many times as fast as sorting rows by key.

Such numbers are sorted digit by digit, the last one first (Knuth, 1973), since rows stand in order to begin with.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.text import Keys
from stillwatch.weigh.holding import Integers, Mask

DIGIT = np.uint64(8)
DIGITS = 1 << 8


def by_key(keys: Keys) -> Integers:
    """Rows in the order of their keys, equal ones as they stand.

    Keys are evenly spread, so that few of them agree in all bits that are left beside the row; those that do are
    sorted again.
    """
    row_bits = len(keys).bit_length()
    row_mask = np.uint64((1 << row_bits) - 1)
    packed = keys & ~row_mask
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed = _by_digits(packed, row_bits)
    order: Integers = (packed & row_mask).view(np.int64)
    ordered = keys[order]
    down = np.flatnonzero(ordered[1:] < ordered[:-1])
    if len(down):
        again = alike((packed[1:] ^ packed[:-1]) <= row_mask)
        order[again] = order[again[np.argsort(ordered[again], kind="stable")]]
    return order


def alike(like_next: Mask) -> Integers:
    """Places that are like one beside them, where it is known of each but the last whether it is like the next."""
    found: Integers = np.flatnonzero(np.append(like_next, [False]) | np.append([False], like_next))
    return found


@nb.njit(cache=True, nogil=True)
def _by_digits(numbers: Keys, known: int) -> Keys:
    """The numbers in order, which are so in their last bits to begin with; these are `known`."""
    sizes = _sizes(numbers, known)
    other = np.empty_like(numbers)
    for at in range(len(sizes)):
        shift = np.uint64(known) + DIGIT * np.uint64(at)
        free = np.cumsum(sizes[at]) - sizes[at]
        for number in numbers:
            digit = number >> shift & np.uint64(DIGITS - 1)
            other[np.uint64(free[digit])] = number
            free[digit] += 1
        numbers, other = other, numbers
    return numbers


@nb.njit(cache=True, nogil=True)
def _sizes(numbers: Keys, known: int) -> npt.NDArray[np.int64]:
    """How many numbers have each digit, for each place from the last that is not `known` on."""
    sizes = np.zeros((-(-(64 - known) // int(DIGIT)), DIGITS), np.int64)
    for number in numbers:
        rest = number >> np.uint64(known)
        for at in range(len(sizes)):
            sizes[at, rest & np.uint64(DIGITS - 1)] += 1
            rest >>= DIGIT
    return sizes
