"""Whether a text holds the rows of a table, compiled: by its separators and figures, whatever its language."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

NEW_LINE = 10
TABLE_LINES = 4
"""So many alike lines of figures are a table."""


@nb.njit(cache=True, nogil=True)
def _columns(line: npt.NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Commas, bars, tabs and semicolons of a line with a digit; none of another."""
    commas, bars, tabs, semicolons, digits = 0, 0, 0, 0, 0
    for c in line:
        commas += c == 44
        bars += c == 124
        tabs += c == 9
        semicolons += c == 59
        digits += (c >= 48) & (c <= 57)
    return (commas, bars, tabs, semicolons) if digits else (0, 0, 0, 0)


@nb.njit(cache=True, nogil=True)
def _has_lines(text: npt.NDArray[np.uint8]) -> bool:
    """Whether there are `TABLE_LINES` lines: most texts with numbers in them have fewer."""
    ends = 1
    for c in text:
        ends += c == NEW_LINE
        if ends >= TABLE_LINES:
            return True
    return False


@nb.njit(cache=True, nogil=True)
def holds_table(text: npt.NDArray[np.uint8], words: npt.NDArray[np.uint64], number: np.uint64) -> bool:
    """Whether `TABLE_LINES` lines in a row have digits and as many of one separator as each other.

    Most texts are told apart by their words' keys: a table has a `number` in each line.
    """
    numbers = 0
    for word in words:
        numbers += word == number
    if numbers < TABLE_LINES or not _has_lines(text):
        return False
    before, run, start = (0, 0, 0, 0), 0, 0
    for p in range(len(text) + 1):
        if p < len(text) and text[p] != NEW_LINE:
            continue
        now, alike = _columns(text[start:p]), False
        for one in range(4):
            alike |= now[one] > 0 and now[one] == before[one]
        run = run + 1 if alike else int(now[0] + now[1] + now[2] + now[3] > 0)
        if run >= TABLE_LINES:
            return True
        before, start = now, p + 1
    return False
