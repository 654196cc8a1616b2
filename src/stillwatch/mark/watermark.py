"""A watermark in sampled text: a secret key makes some tokens green after each context, and green ones are written more often.

The rule of Kirchenbauer et al. (2023), with one bit for each (context, token) in place of a permuted vocabulary: a share gamma of
tuples is green, drawn independently by the key, so that keys nobody used are exchangeable with ours.

Where the model gives one token half of the probability or more, nothing is raised (a gate, after Lee et al., 2024): what it would rather write
than anything else is never outvoted. The gate needs the model's scores and no detector has them: every token is counted as before, gated ones
too, and under a key that nobody used each is green with chance gamma. What the gate costs is strength, never the p-value.
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
CERTAIN = 0.5
"""The share of one token from which on nothing is raised."""
LEAST_KEY = 16
"""Bytes of a key."""


@dataclass(frozen=True)
class Watermark:
    """A key and how strongly it marks: green tokens are `exp(delta)` times as likely as red ones, where no token has a share of `certain` or more."""

    key: bytes = field(repr=False)
    gamma: float = field(default=GAMMA, kw_only=True)
    delta: float = field(default=3.0, kw_only=True)
    window: int = field(default=1, kw_only=True)
    certain: float = field(default=CERTAIN, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what marks nothing or can be guessed."""
        if len(self.key) < LEAST_KEY:
            raise SettingsError(
                f"A watermark's key has {len(self.key)} bytes; it needs {LEAST_KEY}. `stillwatch mark plan` draws keys."
            )
        if not 0 < self.gamma < 1 or self.delta <= 0 or self.window < 1 or not 0 < self.certain <= 1:
            raise SettingsError(
                "A watermark needs gamma between 0 and 1, delta above 0, a window of 1 or more and a share of certain tokens up to 1."
            )

    def is_green(self, context: Ints, token: Ints) -> Bools:
        """Whether each token is green after its context: contexts n x window, tokens n."""
        found: Bools = self.green([self.key], np.atleast_2d(context), np.atleast_1d(token))[0]
        return found

    def green(self, keys: Sequence[bytes], contexts: Ints, tokens: Ints) -> Bools:
        """The same under many keys, decoys as well: keys x n."""
        return green(keys, contexts[:, -self.window :], tokens, gamma=self.gamma)

    def __call__(self, so_far: Ints, scores: Scores) -> Scores:
        """Scores of the next token with the green ones raised, if none is near certain: a processor of the small model's scores."""
        size = scores.shape[1]
        raised: Scores = scores.copy()
        open_ = np.flatnonzero(_largest(scores) < self.certain)
        if not len(open_):
            return raised
        context = np.repeat(so_far[open_, -self.window :], size, axis=0)
        is_green = self.is_green(context, np.tile(np.arange(size), len(open_))).reshape(len(open_), size)
        raised[open_] += np.float32(self.delta) * is_green.astype(np.float32)
        return raised


def _largest(scores: Scores) -> NDArray[np.float64]:
    """The share of each row's likeliest token."""
    wide = scores.astype(np.float64)
    shares: NDArray[np.float64] = 1 / np.exp(wide - wide.max(axis=1, keepdims=True)).sum(axis=1)
    return shares


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
