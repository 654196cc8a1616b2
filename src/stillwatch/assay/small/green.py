"""A keyed share of green (context, token) tuples by integer hashing: small and fast, for tests and simulations."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stillwatch.assay.radioactivity import Ints

GAMMA = 0.25
_FIRST, _SECOND, _STEP = (
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
    np.uint64(0x9E3779B97F4A7C15),
)


def green(keys: Sequence[bytes], contexts: Ints, tokens: Ints) -> NDArray[np.bool_]:
    """Whether each tuple is green under each key: a share of `GAMMA`, splitmix64 over key, context and token."""
    seeds = np.array([int.from_bytes(hashlib.sha256(key).digest()[:8], "big") for key in keys], np.uint64)
    state = np.zeros(len(tokens), np.uint64)
    for column in (*contexts.T, tokens):
        state = _mixed(state + column.astype(np.uint64) + _STEP)
    return _mixed(state[None, :] ^ seeds[:, None]) < np.uint64(int(GAMMA * 2**64))


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    mixed: NDArray[np.uint64] = state ^ (state >> np.uint64(31))
    return mixed
