"""Meta's TextSeal in its usual form, Gumbel-max (arXiv 2605.12456; package `textseal`, MIT): the token with the largest u^(1/p) is written.

The uniform numbers are computed by `textseal` itself, so that what was marked with it is told by the same rule. What a token says is -log(1 - u),
as its own detector counts. The choice is fixed by the context, so that text in repeated contexts repeats: count distinct tuples too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np

from stillwatch.errors import UsageError
from stillwatch.mark.schemes._base import (
    Ints,
    Processor,
    Scores,
    Values,
    configuration,
    drawn,
    is_configuration,
    number,
    whole,
    written,
)

EXTRA = "TextSeal needs the package textseal: pip install textseal."
KEY_BITS, NGRAM, MOST_NGRAM = 31, 1, 10
_LEAST = 1e-9


@dataclass(frozen=True, repr=False)
class Configured:
    """A configuration: the parts of textseal's `WatermarkConfig` that Gumbel-max reads."""

    secret_key: int
    ngram: int = NGRAM


def configured(key: bytes) -> Configured:
    """The configuration that a key is, or that follows from a drawn one."""
    if not is_configuration(key):
        return Configured(number(key, "stillwatch textseal", KEY_BITS))
    told = configuration(key, "TextSeal")
    if told.get("watermark_type", "gumbelmax") != "gumbelmax":
        raise UsageError("Of TextSeal's ways this adapter knows gumbelmax. Give a configuration of that.")
    return Configured(whole(told, "secret_key", 0), min(whole(told, "ngram", 1, NGRAM), MOST_NGRAM))


class TextSeal:
    """The adapter."""

    name = "textseal"

    def window(self, key: bytes) -> int:
        """The n-gram before a token."""
        return configured(key).ngram

    def expected(self, key: bytes) -> float:  # noqa: ARG002  every key's is the same
        """The mean of -log(1 - u)."""
        return 1.0

    def values(self, keys: Sequence[bytes], contexts: Ints, tokens: Ints) -> Values:
        """-log(1 - u) of each token."""
        found = np.empty((len(keys), len(tokens)), np.float32)
        for at, key in enumerate(keys):
            found[at] = -np.log1p(-np.minimum(_uniform(configured(key), contexts, tokens), 1 - _LEAST))
        return found

    def decoys(self, key: bytes, count: int, random_seed: int) -> list[bytes]:
        """Random keys; of a configuration the same with other numbers of as many bits."""
        if not is_configuration(key):
            return drawn(count, random_seed)
        own = configured(key)
        bits = max(own.secret_key.bit_length(), KEY_BITS)
        rng = np.random.default_rng([random_seed, 0xDEC0])
        return [
            written({"secret_key": int(k), "ngram": own.ngram}) for k in rng.integers(0, 1 << bits, count)
        ]

    def processor(self, key: bytes, delta: float) -> Processor:  # noqa: ARG002  it distorts nothing, so there is no strength
        """The one token that the key chooses."""
        needed()
        return GumbelMax(key)


@dataclass(frozen=True, repr=False)
class GumbelMax:
    """Scores that leave the chosen token alone."""

    key: bytes

    def __call__(self, so_far: Ints, scores: Scores) -> Scores:
        """Choose the token with the largest u^(1/p)."""
        told = configured(self.key)
        rows, size = scores.shape
        context = np.repeat(so_far[:, -told.ngram :], size, axis=0)
        u = _uniform(told, context, np.tile(np.arange(size), rows)).reshape(rows, size)
        wide = scores.astype(np.float64)
        p = np.exp(wide - wide.max(axis=1, keepdims=True))
        best = (np.log(np.maximum(u, _LEAST)) / np.maximum(p / p.sum(axis=1, keepdims=True), 1e-300)).argmax(
            axis=1
        )
        chosen = np.full_like(scores, -1e9)
        chosen[np.arange(rows), best] = 0
        return chosen


def _uniform(told: Configured, contexts: Ints, tokens: Ints) -> Any:
    needed()
    import torch  # noqa: PLC0415  an extra

    prf_uniform = _pseudorandom().prf_uniform
    window = torch.from_numpy(np.ascontiguousarray(contexts[:, -told.ngram :], np.int64))
    return (
        prf_uniform(window, torch.from_numpy(tokens.astype(np.int64)), told.secret_key)
        .numpy()
        .astype(np.float64)
    )


@cache
def _pseudorandom() -> Any:
    """The one file of textseal that is needed, by itself: importing the package would fetch data of other libraries from the network."""
    found = find_spec("textseal")
    assert found is not None and found.submodule_search_locations is not None  # noqa: S101, PT018  `needed` asked
    file = Path(found.submodule_search_locations[0]) / "common" / "watermark" / "pseudorandom.py"
    made = spec_from_file_location("_textseal_pseudorandom", file)
    assert made is not None and made.loader is not None  # noqa: S101, PT018  a path gives both
    module = module_from_spec(made)
    made.loader.exec_module(module)
    return module


def needed() -> None:
    """Refuse where the package is missing."""
    if find_spec("textseal") is None or find_spec("torch") is None:
        raise UsageError(EXTRA)
