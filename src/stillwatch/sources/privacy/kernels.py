"""The loop over the bytes of texts, compiled: each word is replaced by eight signs of its keyed hash.

The hash is SipHash-2-4 with a key of 128 bits, made for short texts: nobody without the key can tell what it gives.
Words are those of the scan: runs of ASCII letters and digits or of other bytes below U+3000, capitals and digits made
alike; from U+3000 on each character is one, and signs of punctuation stay.

Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

U = np.uint64
Bytes = NDArray[np.uint8]
State = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

TOKEN = 8
"""Signs of a hashed word; wide characters have a space on either side of theirs as well."""
_SIGNS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)
_WIDE = 0xE3
_DIGIT = 48
_SPACE = 32

_FOLD: Bytes = np.zeros(256, np.uint8)
for _code in range(256):
    _character = chr(_code)
    if _code >= 128:
        _FOLD[_code] = _code
    elif _character.isalnum():
        _FOLD[_code] = _DIGIT if _character.isdigit() else ord(_character.lower())


@nb.njit(cache=True, nogil=True, inline="always")
def _turned(value: np.uint64, bits: int) -> np.uint64:
    return (value << U(bits)) | (value >> U(64 - bits))


@nb.njit(cache=True, nogil=True)
def _round(a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64) -> State:
    a, c = a + b, c + d
    b, d = _turned(b, 13) ^ a, _turned(d, 16) ^ c
    a = _turned(a, 32)
    c, a = c + b, a + d
    b, d = _turned(b, 17) ^ c, _turned(d, 21) ^ a
    return a, b, _turned(c, 32), d


@nb.njit(cache=True, nogil=True)
def siphash(text: Bytes, first: np.uint64, second: np.uint64) -> np.uint64:
    """The 64-bit hash of bytes under a key in two halves."""
    a, b = first ^ U(0x736F6D6570736575), second ^ U(0x646F72616E646F6D)
    c, d = first ^ U(0x6C7967656E657261), second ^ U(0x7465646279746573)
    word = U(0)
    for place in range(len(text)):
        word |= U(text[place]) << U(8 * (place & 7))
        if place & 7 == 7:
            d ^= word
            a, b, c, d = _round(a, b, c, d)
            a, b, c, d = _round(a, b, c, d)
            a ^= word
            word = U(0)
    word |= U(len(text) & 255) << U(56)
    d ^= word
    a, b, c, d = _round(a, b, c, d)
    a, b, c, d = _round(a, b, c, d)
    a ^= word
    c ^= U(255)
    for _ in range(4):
        a, b, c, d = _round(a, b, c, d)
    return a ^ b ^ c ^ d


@nb.njit(cache=True, nogil=True)
def _is_sign(text: Bytes, at: int) -> bool:
    """Whether the three bytes there are wide punctuation, of Chinese, Japanese and Korean or of full width."""
    code = ((text[at] & 15) << 12) | ((text[at + 1] & 63) << 6) | (text[at + 2] & 63)
    if code < 0x3020:
        return bool(code <= 0x3003 or code >= 0x3008)
    if code < 0xFF01 or code > 0xFF65:
        return False
    return bool(code <= 0xFF0F or 0xFF1A <= code <= 0xFF20 or 0xFF3B <= code <= 0xFF40 or code >= 0xFF5B)


@nb.njit(cache=True, nogil=True)
def _put(hashed: np.uint64, out: Bytes, at: int) -> None:
    for place in range(TOKEN):
        out[at + place] = _SIGNS[np.int64(hashed >> U(5 * place)) & 31]


@nb.njit(cache=True, nogil=True)
def hash_words(text: Bytes, first: np.uint64, second: np.uint64, folded: Bytes, out: Bytes, at: int) -> int:
    """Write a text with hashed words into `out` from `at` on; where it ends.

    If `out` has no room at all, only that is told. `folded` has room for the longest word.
    """
    p, end, write = 0, len(text), len(out) > 0
    while p < end:
        byte = text[p]
        if byte >= _WIDE:
            size = min(4 if byte >= 0xF0 else 3, end - p)
            kept = size == 3 and _is_sign(text, p)
            if write and kept:
                out[at : at + size] = text[p : p + size]
            elif write:
                out[at] = out[at + TOKEN + 1] = _SPACE
                _put(siphash(text[p : p + size], first, second), out, at + 1)
            at += size if kept else TOKEN + 2
            p += size
            continue
        if _FOLD[byte] == 0:
            if write:
                out[at] = byte
            at += 1
            p += 1
            continue
        count, previous = 0, 0
        while p < end and text[p] < _WIDE and _FOLD[text[p]] != 0:
            sign = _FOLD[text[p]]
            if sign != _DIGIT or previous != _DIGIT:
                folded[count] = sign
                count += 1
            previous = sign
            p += 1
        number = count == 1 and folded[0] == _DIGIT
        if write and number:
            out[at] = _DIGIT
        elif write:
            _put(siphash(folded[:count], first, second), out, at)
        at += 1 if number else TOKEN
    return at


@nb.njit(cache=True, nogil=True)
def hash_texts(
    content: Bytes, offsets: NDArray[np.int32], first: np.uint64, second: np.uint64, ends: NDArray[np.int64]
) -> Bytes:
    """All texts with hashed words, one after the other; `ends` gets where each begins and the last one ends."""
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    folded = np.empty(longest, np.uint8)
    nowhere = np.empty(0, np.uint8)
    ends[0] = 0
    for i in range(len(offsets) - 1):
        text = content[offsets[i] : offsets[i + 1]]
        ends[i + 1] = hash_words(text, first, second, folded, nowhere, ends[i])
    out = np.empty(ends[-1], np.uint8)
    for i in range(len(offsets) - 1):
        text = content[offsets[i] : offsets[i + 1]]
        hash_words(text, first, second, folded, out, ends[i])
    return out
