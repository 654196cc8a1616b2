"""A stream of byte blocks as lists of lines; a line too long to hold is skipped, and said so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.stream import BLOCK, BrokenStreamError

LONGEST = 16 * 1024 * 1024
"""Bytes of the longest line that is read."""

_EXCERPT = 4_096


@dataclass(frozen=True)
class TooLong:
    """Stands where a line was that is longer than allowed: its first bytes, and how many it had."""

    excerpt: bytes
    size: int

    @property
    def shown(self) -> str:
        """The line as far as it can be shown."""
        return f"{self.excerpt[:200].decode('utf-8', 'replace')}... ({self.size} bytes)"

    @property
    def reason(self) -> str:
        """Why the line was rejected."""
        return f"line longer than {LONGEST // (1024 * 1024)} MB"


def lines(blocks: Iterator[bytes], longest: int = LONGEST) -> Iterator[list[bytes | TooLong]]:
    """The lines without their ends, in lists of about one block; the last one need not have an end.

    Holds one block and one line at most. If the stream breaks off, what there is of the last line
    comes before `BrokenStreamError` is raised.
    """
    held, size = b"", 0
    try:
        for block in blocks:
            head, end, rest = block.partition(b"\n")
            held, size = _grown(held, size, head, longest)
            if not end:
                continue
            whole = rest.split(b"\n")
            last = whole.pop()
            within = [_line(one, len(one), longest) for one in whole] if len(block) > longest else whole
            yield [_line(held, size, longest), *within]
            held, size = _grown(b"", 0, last, longest)
    except BrokenStreamError:
        if size:
            yield [_line(held, size, longest)]
        raise
    if size:
        yield [_line(held, size, longest)]


def pieces(blocks: Iterator[bytes], longest: int = LONGEST) -> Iterator[bytes | TooLong]:
    """The same lines with their ends, many in one piece of about a block."""
    held, size = b"", 0
    try:
        for block in _small(blocks):
            first, cut = block.find(b"\n") + 1, block.rfind(b"\n") + 1
            if not cut:
                held, size = _grown(held, size, block, longest)
                continue
            if size + first - 1 > longest:
                held, size = _grown(held, size, block[: first - 1], longest)
                yield TooLong(held[:_EXCERPT], size)
                piece = block[first:cut]
            else:
                piece = b"".join((held, memoryview(block)[:cut]))
            if piece:
                yield piece
            held, size = _grown(b"", 0, block[cut:], longest)
    except BrokenStreamError:
        if size:
            yield _line(held, size, longest)
        raise
    if size:
        yield _line(held, size, longest)


def _small(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes in blocks that are not much longer than others; packed files may unpack to longer ones."""
    for block in blocks:
        if len(block) <= 2 * BLOCK:
            yield block
        else:
            yield from (block[start : start + BLOCK] for start in range(0, len(block), BLOCK))


def _grown(held: bytes, size: int, more: bytes, longest: int) -> tuple[bytes, int]:
    """A line after more bytes of it have come; beyond the longest only its beginning is kept."""
    if size > longest:
        return held, size + len(more)
    held += more
    return (held if len(held) <= longest else held[:_EXCERPT]), size + len(more)


def _line(held: bytes, size: int, longest: int) -> bytes | TooLong:
    return held if size <= longest else TooLong(held[:_EXCERPT], size)


class Lines(Sequence[bytes]):
    """Some lines of a piece, cut out when one is asked for."""

    def __init__(self, piece: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Lines from each start to its end, which may be the next one's start."""
        self.piece, self.starts, self.ends = piece, starts, ends

    @classmethod
    def of(cls, lines: Sequence[object]) -> Lines:
        """Lines in one piece; for one that is not there, an empty one."""
        some = [line if isinstance(line, bytes) else b"" for line in lines]
        ends = np.cumsum([len(line) + 1 for line in some], dtype=np.int64) - 1
        return cls(
            b"".join([line + b"\n" for line in some]),
            np.array([0, *(ends[:-1] + 1)], np.int64)[: len(some)],
            ends,
        )

    def __len__(self) -> int:
        """How many lines."""
        return len(self.starts)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Lines: ...
    def __getitem__(self, at: int | slice) -> bytes | Lines:
        """The line without its end."""
        if isinstance(at, slice):
            return Lines(self.piece, self.starts[at], self.ends[at])
        return self.piece[self.starts[at] : self.ends[at]].removesuffix(b"\n")

    @property
    def size(self) -> int:
        """Bytes of all lines."""
        return int((self.ends - self.starts).sum())

    def only(self, places: Sequence[int]) -> Lines:
        """Some of the lines."""
        chosen = np.asarray(places, np.int64)
        return Lines(self.piece, self.starts[chosen], self.ends[chosen])
