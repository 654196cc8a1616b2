"""Addresses to keys, compiled."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.kernels import SEED, mix
from stillwatch.fingerprint.words import FNV

U = np.uint64


@nb.njit(cache=True, nogil=True)
def _parse_v4(content: npt.NDArray[np.uint8], start: int, end: int) -> int:
    value, part, digits, dots = 0, 0, 0, 0
    for p in range(start, end):
        c = content[p]
        if 48 <= c <= 57:
            if digits > 0 and part == 0:
                return -1
            part = part * 10 + (c - 48)
            digits += 1
            if part > 255:
                return -1
        elif c == 46 and digits > 0 and dots < 3:
            value = value * 256 + part
            part, digits = 0, 0
            dots += 1
        else:
            return -1
    if dots != 3 or digits == 0:
        return -1
    return value * 256 + part


@nb.njit(cache=True, nogil=True)
def _hex(c: int) -> int:
    if 48 <= c <= 57:
        return c - 48
    if 97 <= c <= 102:
        return c - 87
    if 65 <= c <= 70:
        return c - 55
    return -1


@nb.njit(cache=True, nogil=True)
def _colons(content: npt.NDArray[np.uint8], p: int, start: int, end: int) -> int:
    """Colons at p before the next group: 0 at the start, 1 between two groups, 2 for '::', or -1 where they cannot stand."""
    if content[p] != 58:
        return 0 if p == start else -1
    if p + 1 == end:
        return -1
    if content[p + 1] == 58:
        return -1 if p + 2 < end and content[p + 2] == 58 else 2
    return -1 if p == start else 1


@nb.njit(cache=True, nogil=True)
def _spread(groups: npt.NDArray[np.uint64], count: int, gap: int) -> bool:
    """Put the zeros that '::' stands for where they belong; whether eight groups come out."""
    if gap < 0 or count >= 8:
        return gap < 0 and count == 8
    left = count - gap
    for g in range(left):
        groups[7 - g] = groups[count - 1 - g]
    groups[gap : 8 - left] = U(0)
    return True


@nb.njit(cache=True, nogil=True)
def _parse_v6(content: npt.NDArray[np.uint8], start: int, end: int, groups: npt.NDArray[np.uint64]) -> bool:
    """Write the eight groups of an IPv6 address, whose last two may be written as IPv4; whether it is one."""
    count, gap, p = 0, -1, start
    while p < end:
        colons = _colons(content, p, start, end)
        if colons < 0 or (colons == 2 and gap >= 0):
            return False
        gap = count if colons == 2 else gap
        p += colons
        if p == end:
            break
        value, first = 0, p
        while p < end and p - first < 5 and _hex(content[p]) >= 0:
            value = value * 16 + _hex(content[p])
            p += 1
        v4 = _parse_v4(content, first, end) if p < end and content[p] == 46 else -1
        if count + (v4 >= 0) >= 8 or (v4 < 0 and not 0 < p - first < 5):
            return False
        groups[count] = U(v4 >> 16) if v4 >= 0 else U(value)
        count += 1
        if v4 >= 0:
            groups[count] = U(v4 & 0xFFFF)
            count += 1
            break
    return _spread(groups, count, gap)


@nb.njit(cache=True, nogil=True)
def _v4_within(groups: npt.NDArray[np.uint64]) -> int:
    """The IPv4 client that a server that speaks IPv6 writes as ::ffff:192.0.2.7, or -1."""
    for g in range(5):
        if groups[g] != U(0):
            return -1
    if groups[5] != U(0xFFFF):
        return -1
    return int(np.int64(groups[6] << U(16) | groups[7]))


@nb.njit(cache=True, nogil=True)
def parse_addresses(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    address: npt.NDArray[np.uint64],
    prefix: npt.NDArray[np.uint64],
) -> None:
    """Address and prefix keys: IPv4 with its /24, IPv6 with its /48; text that is neither is absent.

    IPv4 inside IPv6 (::ffff:192.0.2.7) is the IPv4 address.
    The keys can be read back: bit 62 marks IPv4 (low 32 bits are the address), bit 61 an IPv6 /48
    (low 48 bits), bit 63 the hash of a full IPv6 address.
    """
    groups = np.zeros(8, np.uint64)
    for i in range(len(offsets) - 1):
        address[i] = U(0)
        prefix[i] = U(0)
        start, end = offsets[i], offsets[i + 1]
        if end == start or end - start > 45:
            continue
        v4 = _parse_v4(content, start, end)
        if v4 < 0:
            if not _parse_v6(content, start, end, groups):
                continue
            v4 = _v4_within(groups)
        if v4 >= 0:
            address[i] = (U(1) << U(62)) | U(v4)
            prefix[i] = (U(1) << U(62)) | U(v4 & 0xFFFFFF00)
            continue
        h, head = SEED, U(0)
        for g in range(8):
            if g < 3:
                head = (head << U(16)) | groups[g]
            h = (h ^ groups[g]) * FNV
        address[i] = mix(h) | (U(1) << U(63))
        prefix[i] = head | (U(1) << U(61))
