"""Texts to words, compiled: where words begin and end, and the key of each.

Words are runs of ASCII letters and digits or of other non-ASCII bytes, case-folded for ASCII; every character from U+3000 on
(Chinese, Japanese, Korean) is a word of its own, so that scripts without spaces have shingles too. A run of digits is masked
to one digit. A word's key is its bytes as digits of a number to the base `FNV`, each a place higher than it stands.

Texts are split 64 bytes at a time, whatever their script, and the keys of words of up to eight bytes that hold no digit are made
many words at a time. Whoever calls sees to it that `WIDTH` bytes after a text can be looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.vectors import (
    WIDTH,
    WORD,
    bits,
    eight,
    first_bit,
    letters,
    reaching,
    weighted,
)

U = np.uint64
Bytes = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.uint32]

FNV = U(0x100000001B3)
DIGIT = 48
NUMBER = U(DIGIT * int(FNV))
"""Key of a word that is a number."""
CJK_LEAD, FOUR_LEAD = 0xE3, 0xF0
CYRILLIC_LEAD = 0xD0

FOLD: Bytes = np.zeros(256, np.uint8)
for _code in range(256):
    _character = chr(_code)
    if _code >= 128:
        FOLD[_code] = _code
    elif _character.isalnum():
        FOLD[_code] = DIGIT if _character.isdigit() else ord(_character.lower())

_CASE, _BYTE = U(0x2020202020202020), U(0xFF)
_LETTERS = U(0x4040404040404040)
"""The bit of a byte that tells ASCII's letters from digits; the one above it tells what is not ASCII."""
_eight_letters = weighted(*(pow(int(FNV), WORD - place, 2**64) for place in range(WORD)))
_EIGHT_ON = U(pow(int(FNV), WORD, 2**64))
"""What moves a letter on by eight places."""
WORDS_TOGETHER, TEXTS_TOGETHER = 2048, 256
_AT_ONCE = 4
"""Ends of words written without asking whether there are so many: how many there are cannot be foretold."""


class Room(NamedTuple):
    """Words of some texts, one text after the other: their keys, where each begins and ends, and which are looked at again.

    `until` says how many words there are up to the end of each text; a 0 comes first. `shingles` is room for keys of as many, and
    `some` for twice as many.
    """

    words: Keys
    starts: Places
    ends: Places
    others: Places
    until: Places
    shingles: Keys
    some: Keys


@nb.njit(cache=True, nogil=True)
def room(longest: int) -> Room:
    """Room for the words of one text so long, or of many."""
    most = max(longest // 2 + 2, WORDS_TOGETHER) + WIDTH
    keys, places = np.empty((4, most), np.uint64), np.empty((3, most), np.uint32)
    until = np.zeros(TEXTS_TOGETHER + 1, np.uint32)
    return Room(keys[0], places[0], places[1], places[2], until, keys[1], keys[2:].reshape(-1))


@nb.njit(cache=True, nogil=True)
def joined(content: Bytes) -> np.uint64:
    """The bytes as one number to the base FNV, each a place higher than it stands."""
    h = U(0)
    for byte in content:
        h = (h + U(byte)) * FNV
    return h


@nb.njit(cache=True, nogil=True)
def split(
    content: Bytes, offsets: npt.NDArray[np.int32], fold: Bytes, held: Room, script: npt.NDArray[np.int8]
) -> int:
    """Split as many of the first texts as there is room for, and tell the script of each; how many.

    Texts are split together since a loop over few words costs as much as many.
    """
    filled, text = 0, 0
    while text < min(len(offsets) - 1, TEXTS_TOGETHER):
        start, end = offsets[text], offsets[text + 1]
        if text and filled + (end - start) // 2 + 2 + WIDTH > len(held.words):
            break
        count, wide, cyrillic = _bounds(content, U(start), U(end), U(filled), held)
        script[text] = 1 if 6 * wide > end - start else (2 if 3 * cyrillic > end - start else 0)
        filled += count
        text += 1
        held.until[text] = filled
    _write_keys(content, filled, fold, held)
    return text


@nb.njit(cache=True, nogil=True, inline="always")
def _bounds(
    content: Bytes, start: np.uint64, end: np.uint64, filled: np.uint64, held: Room
) -> tuple[int, int, int]:
    """Write where words begin and end, after what is filled; how many, and how many wide and Cyrillic characters there are.

    A bit of `inside` stands for a byte of a word that is no wide character, one of `apart` for a byte of these, each of which is a word.
    """
    begun, ended, at, wide, cyrillic = filled, filled, start, U(0), U(0)
    carried, carried_apart, carried_ends = U(0), U(0), U(0)
    while at <= end:
        told = (U(1) << (end - at)) - U(1) if end - at < U(WIDTH) else ~U(0)
        inside, first, apart, over = letters(content, at) & told, U(0), carried_apart, carried_ends
        carried_apart, carried_ends = U(0), U(0)
        others = reaching(content, at, np.uint8(CYRILLIC_LEAD)) & told
        if others:
            cyrillic += bits(others & ~reaching(content, at, np.uint8(CYRILLIC_LEAD + 2)))
            first = others & reaching(content, at, np.uint8(CJK_LEAD))
            four = first & reaching(content, at, np.uint8(FOUR_LEAD))
            three = first ^ four
            wide += bits(first)
            apart |= first | first << U(1) | first << U(2) | four << U(3)
            over |= three << U(3) | four << U(4)
            carried_apart = first >> U(63) | first >> U(62) | four >> U(61)
            carried_ends = three >> U(61) | four >> U(60)
        inside &= ~apart
        before = (inside << U(1)) | carried
        starts, ends = (inside & ~before) | first, (before & ~inside) | over
        more_begun, more_ended = begun + bits(starts), ended + bits(ends)
        while starts | ends:
            for one in range(_AT_ONCE):
                held.starts[begun + U(one)] = np.uint32(at + first_bit(starts))
                held.ends[ended + U(one)] = np.uint32(at + first_bit(ends))
                starts &= starts - U(1)
                ends &= ends - U(1)
            begun += U(_AT_ONCE)
            ended += U(_AT_ONCE)
        begun, ended, carried = more_begun, more_ended, inside >> U(WIDTH - 1)
        at += U(WIDTH)
    return int(np.int64(ended - filled)), int(np.int64(wide)), int(np.int64(cyrillic))


@nb.njit(cache=True, nogil=True)
def _write_keys(content: Bytes, count: int, fold: Bytes, held: Room) -> None:
    """Write the keys of so many words: first as if none were longer than eight letters, then those of the others."""
    number, others = U(0), U(0)
    while number < U(count):
        held.words[number] = eight(content, U(held.starts[number]))
        number += U(1)
    _write_short(U(count), held)
    number = U(0)
    while number < U(count):
        is_other = held.others[number]
        held.others[others] = np.uint32(number)
        others += U(is_other)
        number += U(1)
    at = U(0)
    while at < others:
        number = U(held.others[at])
        held.words[number] = _key_of_any(content, U(held.starts[number]), U(held.ends[number]), fold)
        at += U(1)


@nb.njit(cache=True, nogil=True, inline="always")
def _folded(some: np.uint64) -> np.uint64:
    """Eight bytes in lower case where they are ASCII's letters; digits stay what they are."""
    return U(some | (_CASE & ~(some >> U(2))))


@nb.njit(cache=True, nogil=True, inline="always")
def _letters_of(some: np.uint64) -> np.uint64:
    """A bit for each of eight bytes that is no digit."""
    return U((some | some >> U(1)) & _LETTERS)


@nb.njit(cache=True, nogil=True)
def _write_short(count: np.uint64, held: Room) -> None:
    """The keys of so many words from the eight bytes at the beginning of each, many words at a time; `others` says which words are not so."""
    number = U(0)
    while number < count:
        size = U(held.ends[number]) - U(held.starts[number])
        unused = (U(WORD) - min(size, U(WORD))) << U(3)
        last, key = _folded(held.words[number]) << unused, U(0)
        for place in range(WORD):
            key = (key + ((last >> U(8 * place)) & _BYTE)) * FNV
        held.words[number] = key
        held.others[number] = np.uint32((size > U(WORD)) | (_letters_of(last) != (_LETTERS << unused)))
        number += U(1)


@nb.njit(cache=True, nogil=True)
def _key_of_any(content: Bytes, first: np.uint64, end: np.uint64, fold: Bytes) -> np.uint64:
    """The key of a word that may be long, or hold digits, or what is not ASCII; of what begins it, eight letters at a time."""
    h, previous, p = U(0), U(0), first
    while p + U(WORD) <= end:
        some = _folded(eight(content, p))
        if _letters_of(some) != _LETTERS:
            break
        h = h * _EIGHT_ON + _eight_letters(some)
        p += U(WORD)
    while p < end:
        c = U(fold[content[p]])
        if c != U(DIGIT) or previous != U(DIGIT):
            h = (h + c) * FNV
        previous = c
        p += U(1)
    return h
