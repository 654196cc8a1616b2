"""Whether a text holds the rows of a table, compiled: by its separators and figures, whatever its language."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.vectors import WIDTH, being, bits, reaching
from stillwatch.fingerprint.words import NUMBER, Room

U = np.uint64
TABLE_LINES = 4
"""So many alike lines of figures are a table."""
NEW_LINE, COMMA, BAR, TAB, SEMICOLON = np.uint8(10), np.uint8(44), np.uint8(124), np.uint8(9), np.uint8(59)
ZERO, COLON = np.uint8(48), np.uint8(58)
"""Digits are from the one up to the other."""
Counts = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


@nb.njit(cache=True, nogil=True)
def mark_tables(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    held: Room,
    bit: int,
    marks: npt.NDArray[np.int64],
) -> None:
    """Set the bit of each text in which `TABLE_LINES` lines in a row have digits and as many of one separator as each other.

    Most texts are told apart by how many lines they have, and by their words' keys: a table has a `NUMBER` in each line. `WIDTH` bytes
    after the last text can be looked at.
    """
    for text in range(len(offsets) - 1):
        start, end = U(offsets[text]), U(offsets[text + 1])
        if _ends_of_lines(content, start, end) < U(TABLE_LINES - 1):
            continue
        numbers = 0
        for i in range(held.until[text], held.until[text + 1]):
            numbers += held.words[U(i)] == NUMBER
        if numbers >= TABLE_LINES and _has_rows(content, start, end):
            marks[text] |= bit


@nb.njit(cache=True, nogil=True, inline="always")
def _ends_of_lines(content: npt.NDArray[np.uint8], start: np.uint64, end: np.uint64) -> np.uint64:
    """How many lines end within the text."""
    count, at = U(0), start
    while at + U(WIDTH) <= end:
        count += bits(being(content, at, NEW_LINE))
        at += U(WIDTH)
    return U(count + bits(being(content, at, NEW_LINE) & ((U(1) << (end - at)) - U(1))))


@nb.njit(cache=True, nogil=True)
def _has_rows(content: npt.NDArray[np.uint8], start: np.uint64, end: np.uint64) -> bool:
    """Counts commas, bars, tabs, semicolons and digits line by line; `rest` are bytes of lines that were not counted yet."""
    before, run, at = (U(0), U(0), U(0), U(0)), 0, start
    commas, bars, tabs, semicolons, digits = U(0), U(0), U(0), U(0), U(0)
    while at <= end:
        left = end - at
        rest = (U(1) << left) - U(1) if left < U(WIDTH) else ~U(0)
        ends = (being(content, at, NEW_LINE) & rest) | (U(1) << left if left < U(WIDTH) else U(0))
        comma, bar = being(content, at, COMMA), being(content, at, BAR)
        tab, semicolon = being(content, at, TAB), being(content, at, SEMICOLON)
        digit = reaching(content, at, ZERO) & ~reaching(content, at, COLON)
        while True:
            line = rest & (ends ^ (ends - U(1))) if ends else rest
            commas += bits(comma & line)
            bars += bits(bar & line)
            tabs += bits(tab & line)
            semicolons += bits(semicolon & line)
            digits += bits(digit & line)
            if not ends:
                break
            now = (commas, bars, tabs, semicolons) if digits else (U(0), U(0), U(0), U(0))
            run = (
                run + 1
                if _is_alike(now, before)
                else int(commas + bars + tabs + semicolons > U(0)) * int(digits > U(0))
            )
            if run >= TABLE_LINES:
                return True
            before = now
            commas, bars, tabs, semicolons, digits = U(0), U(0), U(0), U(0), U(0)
            rest &= ~line
            ends &= ends - U(1)
        at += U(WIDTH)
    return False


@nb.njit(cache=True, nogil=True)
def _is_alike(now: Counts, before: Counts) -> bool:
    """Whether two lines have as many of one separator, and at least one."""
    alike = False
    for one in range(4):
        alike |= (now[one] > U(0)) & (now[one] == before[one])
    return alike
