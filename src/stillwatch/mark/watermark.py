"""A watermark in sampled text: a secret key makes some tokens green after each context, and green ones are written more often.

The rule of Kirchenbauer et al. (2023), with one bit for each (context, token) in place of a permuted vocabulary: a share gamma of
tuples is green, drawn independently by the key, so that keys nobody used are exchangeable with ours.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stillwatch.errors import SettingsError

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Scores = NDArray[np.float32]
_FIRST, _SECOND, _STEP = (
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
    np.uint64(0x9E3779B97F4A7C15),
)
GAMMA = 0.25
"""A quarter of all tuples is green."""
LEAST_KEY = 16
"""Bytes of a key."""


@dataclass(frozen=True)
class Watermark:
    """A key and how strongly it marks: green tokens are `exp(delta)` times as likely as red ones."""

    key: bytes = field(repr=False)
    gamma: float = field(default=GAMMA, kw_only=True)
    delta: float = field(default=3.0, kw_only=True)
    window: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what marks nothing or can be guessed."""
        if len(self.key) < LEAST_KEY:
            raise SettingsError(
                f"A watermark's key has {len(self.key)} bytes; it needs {LEAST_KEY}. `stillwatch mark plan` draws keys."
            )
        if not 0 < self.gamma < 1 or self.delta <= 0 or self.window < 1:
            raise SettingsError(
                "A watermark needs gamma between 0 and 1, delta above 0 and a window of 1 or more."
            )

    def is_green(self, context: Ints, token: Ints) -> Bools:
        """Whether each token is green after its context: contexts n x window, tokens n."""
        found: Bools = self.green([self.key], np.atleast_2d(context), np.atleast_1d(token))[0]
        return found

    def green(self, keys: Sequence[bytes], contexts: Ints, tokens: Ints) -> Bools:
        """The same under many keys, decoys as well: keys x n."""
        return green(keys, contexts[:, -self.window :], tokens, gamma=self.gamma)

    def __call__(self, so_far: Ints, scores: Scores) -> Scores:
        """Scores of the next token with the green ones raised: a processor of the small model's scores."""
        rows, size = scores.shape
        context = np.repeat(so_far[:, -self.window :], size, axis=0)
        is_green = self.is_green(context, np.tile(np.arange(size), rows)).reshape(rows, size)
        raised: Scores = scores + np.float32(self.delta) * is_green.astype(np.float32)
        return raised


def green(keys: Sequence[bytes], contexts: Ints, tokens: Ints, gamma: float = GAMMA) -> Bools:
    """Whether each tuple is green under each key: contexts n x window and tokens n give keys x n, a share gamma of them true."""
    seeds = np.array([_seed(key) for key in keys], np.uint64)
    state = np.zeros(len(tokens), np.uint64)
    for column in (*contexts.T, tokens):
        state = _mixed(state + column.astype(np.uint64) + _STEP)
    is_green: Bools = _mixed(_mixed(state[None, :] ^ seeds[:, :1]) ^ seeds[:, 1:]) < np.uint64(
        int(gamma * 2**64)
    )
    return is_green


def _seed(key: bytes) -> list[int]:
    made = hmac.new(key, b"stillwatch watermark 1", hashlib.sha256).digest()
    return [int.from_bytes(made[:8], "big"), int.from_bytes(made[8:16], "big")]


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    mixed: NDArray[np.uint64] = state ^ (state >> np.uint64(31))
    return mixed
