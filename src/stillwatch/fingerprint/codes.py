"""A column of few values as codes: each value is held once, and a row holds a number of one or two bytes.

Most columns of a log say one of some hundred things. Which do is seen as the rows come, by one rule for all: codes are one
byte wide until values outnumber them, then two bytes; a column with more values than that is held plainly, as is one
whose codes and values would take no less room. What is made is an Arrow dictionary, which queries read as it lies.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.columns import filled
from stillwatch.fingerprint.often import place

Int32s = npt.NDArray[np.int32]

FEWEST, MOST = 1 << 8, 1 << 16
"""Values that codes of one byte and of two tell apart."""
_TO_BEGIN_WITH = 1 << 10
"""Values that there is room for before more is made."""


def plain(values: Any) -> Any:
    """The values of an Arrow array or column, row by row, whether they were held as codes or not."""
    return values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values


def plain_table(table: pa.Table) -> pa.Table:
    """The table with all of its columns plain."""
    return pa.table([plain(column) for column in table.columns], names=table.column_names)


def coded(values: pa.Array) -> pa.ChunkedArray:
    """A column that is there at once, as codes if these take less room."""
    one = Coded(values.type)
    part, kind = one.of(values), one.finish()
    return one.column(pa.chunked_array([one.settled(part)], kind))


class Coded:
    """The codes of one column, batch by batch; what stands for what is told at the end."""

    def __init__(self, kind: pa.DataType) -> None:
        """Of a column of numbers of this type, of which none has come yet."""
        self.kind = kind
        self._values = np.empty(_TO_BEGIN_WITH, kind.to_pandas_dtype())
        self._places = np.zeros(2 * _TO_BEGIN_WITH, np.int32)
        self._count = self._rows = 0
        self._are_few = pa.types.is_integer(kind) and kind.bit_width > _index(0).bit_width

    def of(self, values: pa.Array) -> pa.Array:
        """The codes of a batch's values; the values themselves once there are too many, or where codes are no narrower."""
        self._rows += len(values)
        codes = self._codes(values) if self._are_few else None
        self._are_few = codes is not None
        return plain(values) if codes is None else codes

    def finish(self) -> pa.DataType:
        """The type that all batches are to be `settled` to, now that no more come: of codes if they take less room."""
        index = _index(self._count)
        kept = self._count * self.kind.bit_width + self._rows * index.bit_width
        self._are_few = self._are_few and kept < self._rows * self.kind.bit_width
        return index if self._are_few else self.kind

    def settled(self, part: pa.Array) -> pa.Array:
        """What `of` gave for a batch, in the type of the whole column."""
        if self._are_few:
            return part.cast(_index(self._count))
        return part if part.type == self.kind else self._column(part).dictionary_decode()

    def column(self, parts: pa.ChunkedArray) -> pa.ChunkedArray:
        """The column, of all parts as they were settled."""
        if not self._are_few:
            return parts
        return pa.chunked_array(
            [self._column(part) for part in parts.chunks], pa.dictionary(parts.type, self.kind)
        )

    def _column(self, part: pa.Array) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(part, pa.array(self._values[: self._count], self.kind))

    def _codes(self, values: pa.Array) -> pa.Array | None:
        """The codes, None if there are too many values; of a dictionary each value is looked at once."""
        has_values = pa.types.is_dictionary(values.type) and len(values.dictionary) > 0
        numbers = self._numbers(values.dictionary if has_values else plain(values))
        if numbers is None:
            return None
        codes = self._narrow(numbers)
        found = pa.array(codes[filled(values.indices)] if has_values else codes)
        return pc.if_else(values.is_valid(), found, None) if values.null_count else found

    def _narrow(self, codes: Int32s) -> npt.NDArray[Any]:
        return codes.astype(_index(self._count).to_pandas_dtype())

    def _numbers(self, values: pa.Array) -> Int32s | None:
        """The number of each value, None if there are too many; a null has that of some value."""
        rows = filled(values)
        codes, done = np.empty(len(rows), np.int32), 0
        while True:
            done, self._count = _numbered(rows, done, self._values, self._places, self._count, codes)
            if done == len(rows):
                return codes
            if self._count == MOST:
                return None
            self._widen()

    def _widen(self) -> None:
        self._values = np.concatenate([self._values, np.empty_like(self._values)])
        self._places = np.zeros(2 * len(self._values), np.int32)
        _placed(self._values[: self._count], self._places)


def _index(values: int) -> pa.DataType:
    """The narrowest type of codes of so many values."""
    return pa.uint8() if values <= FEWEST else pa.uint16()


@nb.njit(cache=True, nogil=True)
def _numbered(  # noqa: PLR0917  compiled
    rows: npt.NDArray[Any], done: int, values: npt.NDArray[Any], places: Int32s, count: int, codes: Int32s
) -> tuple[int, int]:
    """Number the rows from `done` on by their value, a new one with the next number, until `values` is full.

    `places` holds the number of the value of each place and one, 0 where there is none. Gives how many rows have a number now, and how
    many values there are.
    """
    for row in range(done, len(rows)):
        at = _place(rows[row], values, places)
        if not places[at]:
            if count == len(values):
                return row, count
            values[count] = rows[row]
            count += 1
            places[at] = count
        codes[row] = places[at] - 1
    return len(rows), count


@nb.njit(cache=True, nogil=True)
def _place(value: Any, values: npt.NDArray[Any], places: Int32s) -> np.uint64:
    """Where the value has its place, or else where it may get one."""
    at = place(np.uint64(value), len(places))
    while places[at] and values[places[at] - 1] != value:
        at = (at + np.uint64(1)) & np.uint64(len(places) - 1)
    return at


@nb.njit(cache=True, nogil=True)
def _placed(values: npt.NDArray[Any], places: Int32s) -> None:
    """Give all values their places."""
    for number in range(len(values)):
        places[_place(values[number], values, places)] = number + 1
