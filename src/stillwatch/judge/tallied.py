"""Requests counted by small numbers side by side: of accounts, moments, and columns of few values.

Numbers side by side are one number. Where these are no more than there are requests, each has a place to be counted at.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.judge.numbering import distinct
from stillwatch.weigh.holding import Floats, Integers, Mask
from stillwatch.weigh.incidence import Int32s

Small = npt.NDArray[Any]
Numbered = tuple[Small, int]
"""A number for each request, and what they are all below."""

FEW_PLACES = 1 << 16
MOST_BITS = 128
"""Bits for each request of which one says that a pair is there; more are not looked through."""


def tallied(first: Numbered, second: Numbered, seen: Mask) -> tuple[Integers, Integers]:
    """Of the rows that are seen the distinct pairs, as `beside` makes one number of two, and how often each comes."""
    below = first[1] * second[1]
    if below > max(FEW_PLACES, len(seen)):
        found, times = distinct(beside(first[0], second[0], second[1], seen).view(np.uint64))
        return found.view(np.int64), times
    count = _tally(first[0], second[0], second[1], seen, np.zeros(below, np.int32))
    there = np.flatnonzero(count)
    return there, count[there].astype(np.int64)


def apart(first: Numbered, second: Numbered) -> Integers:
    """The distinct pairs of all rows, in any order."""
    below, rows = first[1] * second[1], len(first[0])
    if below > max(FEW_PLACES, MOST_BITS * rows):
        return distinct(beside(first[0], second[0], second[1], np.ones(rows, np.bool_)).view(np.uint64))[
            0
        ].view(np.int64)
    return _first_ones(first[0], second[0], second[1], np.zeros(below // 8 + 1, np.uint8))


def senders(text: Numbered, party: Numbered, enough: Integers) -> Integers:
    """How many parties there are among the requests of each text, or `enough` of them, after which none is looked at further."""
    below = text[1] * party[1]
    if below <= max(FEW_PLACES, MOST_BITS * len(text[0])):
        return _senders(text[0], party[0], party[1], np.zeros(below // 8 + 1, np.uint8), enough)
    many: Integers = np.bincount(apart(text, party) // party[1], minlength=text[1])
    return np.minimum(many, enough)


def fewer(kinds: Numbered) -> Numbered:
    """Numbers in their order without those that do not come."""
    there = _come(*kinds)
    return (np.cumsum(there) - 1).astype(np.int32)[kinds[0]], int(np.count_nonzero(there))


def exactly(value: Floats, of: Int32s, groups: int) -> Floats:
    """The sum of fractions of each group (`signals._base.exact_sum`)."""
    scaled = value * 1e6
    whole = np.floor(scaled)
    total = np.zeros(groups, np.int64)
    np.add.at(total, of, (whole + (scaled - whole >= 0.5)).astype(np.int64))
    return total / 1e6


class Moments(NamedTuple):
    """For each time how many units after the first it is; the units that the first one is after 0, and all that there are."""

    number: Int32s
    first: int
    units: int


def moments(when: Integers, unit: int) -> Moments:
    """Times in such units, whole ones as a database divides: towards 0."""
    if not len(when):
        return Moments(np.zeros(0, np.int32), 0, 0)
    first, last = (_whole(int(one), unit) for one in (when.min(), when.max()))
    return Moments(_moments(when, unit, first), first, last - first + 1)


@nb.njit(cache=True, nogil=True)
def beside(first: Small, second: Small, below: int, seen: Mask) -> Integers:
    """Of the rows that are seen two numbers as one; the second are all below that."""
    keys, found = np.empty(len(seen), np.int64), 0
    for row in range(np.uint64(len(seen))):
        keys[found] = np.int64(first[row]) * below + np.int64(second[row])
        found += seen[row]
    return keys[:found]


@nb.njit(cache=True, nogil=True)
def _tally(first: Small, second: Small, below: int, seen: Mask, count: Int32s) -> Int32s:
    for row in range(np.uint64(len(seen))):
        count[np.uint64(np.int64(first[row]) * below + np.int64(second[row]))] += seen[row]
    return count


@nb.njit(cache=True, nogil=True)
def _come(number: Small, below: int) -> Mask:
    there = np.zeros(below, np.bool_)
    for one in number:
        there[np.uint64(one)] = True
    return there


@nb.njit(cache=True, nogil=True)
def _whole(number: int, unit: int) -> int:
    """Whole units of a number, towards 0."""
    return abs(number) // unit * (1 if number >= 0 else -1)


@nb.njit(cache=True, nogil=True)
def _moments(when: Integers, unit: int, first: int) -> Int32s:
    found = np.empty(len(when), np.int32)
    for row in range(np.uint64(len(when))):
        found[row] = _whole(when[row], unit) - first
    return found


@nb.njit(cache=True, nogil=True)
def _first_ones(first: Small, second: Small, below: int, bits: npt.NDArray[np.uint8]) -> Integers:
    """Each pair where it comes first, by a bit for each that there may be."""
    found, many = np.empty(len(first), np.int64), 0
    for row in range(np.uint64(len(first))):
        key = np.uint64(np.int64(first[row]) * below + np.int64(second[row]))
        at, bit = key >> np.uint64(3), np.uint8(1) << np.uint8(key & np.uint64(7))
        found[many] = key
        many += not bits[at] & bit
        bits[at] |= bit
    return found[:many]


@nb.njit(cache=True, nogil=True)
def _senders(
    text: Small, party: Int32s, parties: int, bits: npt.NDArray[np.uint8], enough: Integers
) -> Integers:
    left = enough.copy()
    for row in range(np.uint64(len(text))):
        one = np.uint64(text[row])
        if left[one]:
            key = one * np.uint64(parties) + np.uint64(party[row])
            at, bit = key >> np.uint64(3), np.uint8(1) << np.uint8(key & np.uint64(7))
            left[one] -= not bits[at] & bit
            bits[at] |= bit
    return enough - left


@nb.njit(cache=True, nogil=True)
def lives(place: Int32s, day: Int32s, many: int) -> tuple[Int32s, Int32s]:
    """The first and the last day of each place."""
    came, went = np.full(many, np.iinfo(np.int32).max, np.int32), np.full(many, -1, np.int32)
    for row in range(np.uint64(len(place))):
        at = np.uint32(place[row])
        came[at], went[at] = min(came[at], day[row]), max(went[at], day[row])
    return came, went
