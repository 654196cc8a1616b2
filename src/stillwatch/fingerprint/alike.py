"""Codes of sentences to one key of meaning for each request.

Codes that differ in few bits belong to one centre. Centres are taken greedily (Hartigan's leader algorithm, 1975) from where
most accounts ask, so that they do not depend on the order of rows. A request's key is the centre that the most
accounts share among those that set somebody apart; a sentence that everybody sends says nothing about who sent it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.kernels import MIX_A, MIX_B, mix
from stillwatch.fingerprint.order import by_number
from stillwatch.fingerprint.text import Keys

U = np.uint64
NEAR = 16
"""Bits of 64 in which two sentences may differ that mean alike: an angle of 45 degrees."""
MOST_CENTRES = 4096
SHARED_BY = 3
"""A centre counts as shared from this many accounts on."""
COMMON_SHARE, COMMON_LEAST = 0.02, 60
"""A centre of more accounts, as a share of all and at least so many, is what everybody asks."""
BANDS, BAND_BITS = 4, 16


@nb.njit(cache=True, nogil=True, inline="always")
def differing(a: np.uint64, b: np.uint64) -> np.uint64:
    """In how many bits two codes differ."""
    x = a ^ b
    x -= (x >> U(1)) & U(0x5555555555555555)
    x = (x & U(0x3333333333333333)) + ((x >> U(2)) & U(0x3333333333333333))
    x = (x + (x >> U(4))) & U(0x0F0F0F0F0F0F0F0F)
    return x * U(0x0101010101010101) >> U(56)


@nb.njit(cache=True, nogil=True)
def _accounts_near(
    codes: npt.NDArray[np.uint64],
    account: npt.NDArray[np.int32],
    order: npt.NDArray[np.int32],
    distinct: npt.NDArray[np.uint64],
) -> npt.NDArray[np.int64]:
    """About how many accounts ask near each code: those that share a quarter of its bits, over all quarters."""
    count = np.zeros((BANDS, 1 << BAND_BITS), np.int64)
    last = np.full((BANDS, 1 << BAND_BITS), -1, np.int32)
    for row in order:
        for code in codes[row]:
            for band in range(BANDS):
                at = code >> U(BAND_BITS * band) & U((1 << BAND_BITS) - 1)
                if code != U(0) and last[band, at] != account[row]:
                    last[band, at] = account[row]
                    count[band, at] += 1
    near = np.zeros(len(distinct), np.int64)
    for i in range(len(distinct)):
        for band in range(BANDS):
            near[i] += count[band, distinct[i] >> U(BAND_BITS * band) & U((1 << BAND_BITS) - 1)]
    return near


@nb.njit(cache=True, nogil=True)
def centres(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The codes, in their order, that are near none before them; `MOST_CENTRES` at most."""
    found, count = np.empty(MOST_CENTRES, np.uint64), 0
    for code in codes:
        is_near = False
        for c in range(count):
            if differing(code, found[c]) <= U(NEAR):
                is_near = True
                break
        if not is_near:
            found[count] = code
            count += 1
            if count == MOST_CENTRES:
                break
    return found[:count]


@nb.njit(cache=True, nogil=True)
def nearest(codes: npt.NDArray[np.uint64], centre: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """The number of the nearest centre of each code, the first of equals, -1 where none is near."""
    out = np.full(len(codes), -1, np.int32)
    for i in range(len(codes)):
        best = U(NEAR + 1)
        for c in range(len(centre)):
            bits = differing(codes[i], centre[c])
            if bits < best:
                best, out[i] = bits, c
    return out


@nb.njit(cache=True, nogil=True)
def _telling(
    number: npt.NDArray[np.int32],
    account: npt.NDArray[np.int32],
    order: npt.NDArray[np.int32],
    centre: npt.NDArray[np.uint64],
    common: int,
) -> npt.NDArray[np.uint64]:
    """Each row's key: of its centres the most shared that is not common, or the least common one."""
    last, holders = np.full(len(centre), -1, np.int32), np.zeros(len(centre), np.int64)
    for row in order:
        for c in number[row]:
            if c >= 0 and last[c] != account[row]:
                last[c] = account[row]
                holders[c] += 1
    key = np.zeros(len(account), np.uint64)
    for row in range(len(account)):
        best = -common - len(account)
        for c in number[row]:
            if c >= 0 and holders[c] >= SHARED_BY:
                worth = holders[c] if holders[c] <= common else -holders[c]
                if worth > best:
                    best, key[row] = worth, mix(centre[c]) | U(1)
    return key


def meanings(codes: Sequence[Keys], account: npt.NDArray[np.int32]) -> Keys:
    """The key of meaning of each request, 0 where none is shared by `SHARED_BY` accounts.

    `codes` come in parts of shape (n, 8), which together have a row for each account of `account`.
    """
    whole = np.concatenate(codes) if codes else np.zeros((0, 1), np.uint64)
    accounts = int(account.max(initial=-1)) + 1
    order = by_number(account, accounts)[0]
    is_there = whole != 0
    distinct, at = np.unique(whole[is_there], return_inverse=True)
    near = _accounts_near(whole, account, order, distinct)
    with np.errstate(over="ignore"):
        turn = np.lexsort(((distinct ^ (distinct >> U(29))) * MIX_A ^ (distinct * MIX_B), -near))
    centre = centres(distinct[turn])
    number = np.full(whole.shape, -1, np.int32)
    number[is_there] = nearest(distinct, centre)[at]
    common = max(COMMON_LEAST, int(COMMON_SHARE * accounts))
    return _telling(number, account, order, centre, common)
