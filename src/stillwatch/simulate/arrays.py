"""Array types, seeds and vectorised mixing used by every generator of the room."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Rows = dict[str, npt.NDArray[Any]]
Rng = np.random.Generator

_HEX = np.frombuffer(b"".join(f"{i:02x}".encode() for i in range(256)), dtype=np.uint16)


def salt(*names: object) -> int:
    """A 64-bit number that follows from the names alone."""
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def generator(*names: object) -> Rng:
    """A random generator that follows from the names alone."""
    return np.random.Generator(np.random.PCG64(salt(*names)))


def mix(values: npt.ArrayLike, seed: int) -> Words:
    """A bijection of 64-bit numbers that hides their order."""
    x = np.asarray(values).astype(np.uint64) + np.uint64(seed)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Words = x ^ (x >> np.uint64(31))
    return result


def hex_strings(values: Words, prefix: str = "") -> pa.Array:
    """The 16 hexadecimal digits of each value after the prefix, as an Arrow string array."""
    big_endian = values.astype(">u8").view(np.uint8).reshape(-1, 8)
    digits = np.ascontiguousarray(_HEX[big_endian]).view(np.uint8).reshape(-1, 16)
    head = np.frombuffer(prefix.encode(), dtype=np.uint8)
    rows = np.concatenate([np.broadcast_to(head, (len(values), len(head))), digits], axis=1)
    width = rows.shape[1]
    offsets = np.arange(0, (len(values) + 1) * width, width, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows))]
    return pa.StringArray.from_buffers(len(values), *buffers[1:])


def pick(rng: Rng, weights: Sequence[float] | Floats, count: int) -> Ints:
    """Positions drawn in proportion to the weights."""
    ladder = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(ladder / ladder[-1], rng.random(count), side="right").clip(0, len(ladder) - 1)


def column_of(rng: Rng, ladders: Floats) -> Ints:
    """For each row of cumulative weights, the column that was drawn."""
    draws = rng.random(len(ladders))[:, None] * ladders[:, -1:]
    drawn: Ints = (draws >= ladders).sum(axis=1).clip(0, ladders.shape[1] - 1).astype(np.int64)
    return drawn
