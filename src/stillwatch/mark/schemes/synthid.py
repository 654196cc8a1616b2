"""SynthID-Text as `transformers` serves it (Dathathri et al., Nature 634 (2024) 818): tournaments among tokens, won by the keys' g-values.

The g-values are computed by `transformers` itself, so that what a provider marked with `SynthIDTextWatermarkingConfig` is told by the same rule. What
a token says is the mean of its g-values over the depth, earlier layers weighing more, as in the weighted mean of that paper.
Their Bayesian detector needs some ten thousand texts to be trained; decoy keys need none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from stillwatch.errors import InputError, UsageError
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

EXTRA = "SynthID needs the packages torch and transformers: pip install 'stillwatch[assay]' transformers."
DEPTH, KEY_BITS = 30, 31
NGRAM, TABLE_SIZE, TABLE_SEED = 5, 65536, 0
"""The usual values of `SynthIDTextWatermarkingConfig`."""
_CELLS = 20_000_000


@dataclass(frozen=True, repr=False)
class Configured:
    """A configuration: what `SynthIDTextWatermarkingConfig` is made with."""

    keys: tuple[int, ...]
    ngram_len: int = NGRAM
    sampling_table_size: int = TABLE_SIZE
    sampling_table_seed: int = TABLE_SEED


def configured(key: bytes) -> Configured:
    """The configuration that a key is, or that follows from a drawn one: a gateway serves with it, an assay tells by it."""
    if not is_configuration(key):
        return Configured(tuple(number(key, f"stillwatch synthid {i}", KEY_BITS) for i in range(DEPTH)))
    told = configuration(key, "SynthID")
    keys = told.get("keys")
    if not isinstance(keys, list) or not keys or not all(type(k) is int and 0 <= k < 1 << 62 for k in keys):
        raise InputError(
            "The configuration of SynthID needs keys: a list of whole numbers, one for each layer."
        )
    return Configured(
        tuple(keys),
        whole(told, "ngram_len", 2, NGRAM),
        whole(told, "sampling_table_size", 2, TABLE_SIZE),
        whole(told, "sampling_table_seed", 0, TABLE_SEED),
    )


class SynthId:
    """The adapter."""

    name = "synthid"

    def window(self, key: bytes) -> int:
        """An n-gram less the token itself."""
        return configured(key).ngram_len - 1

    def expected(self, key: bytes) -> float:  # noqa: ARG002  every key's is the same
        """Half of all g-values are 1."""
        return 0.5

    def values(self, keys: Sequence[bytes], contexts: Ints, tokens: Ints) -> Values:
        """The weighted mean of g-values over the layers."""
        every = [configured(key) for key in keys]
        depth = len(every[0].keys)
        weights = _weights(depth)
        step, found = max(_CELLS // max(len(tokens) * depth, 1), 1), []
        rows = np.concatenate([contexts[:, -(every[0].ngram_len - 1) :], tokens[:, None]], axis=1)
        for at in range(0, len(every), step):
            some = every[at : at + step]
            g = _g_values(some, rows).reshape(len(rows), len(some), depth)
            found.append((g @ weights).T)
        return np.concatenate(found)

    def decoys(self, key: bytes, count: int, random_seed: int) -> list[bytes]:
        """Random keys; of a configuration the same with other numbers of as many bits."""
        if not is_configuration(key):
            return drawn(count, random_seed)
        own = configured(key)
        bits = max((k.bit_length() for k in own.keys if k), default=1)
        rng = np.random.default_rng([random_seed, 0xDEC0])
        told = rng.integers(0, 1 << bits, (count, len(own.keys))).tolist()
        rest = {
            "ngram_len": own.ngram_len,
            "sampling_table_size": own.sampling_table_size,
            "sampling_table_seed": own.sampling_table_seed,
        }
        return [written({**rest, "keys": numbers}) for numbers in told]

    def processor(self, key: bytes, delta: float) -> Processor:  # noqa: ARG002  it distorts nothing, so there is no strength
        """Tournaments over the whole vocabulary, layer by layer."""
        needed()
        return Tournament(key)


@dataclass(frozen=True, repr=False)
class Tournament:
    """Scores after a tournament: log-probabilities. Every n-gram is marked, whether its context was there before or not."""

    key: bytes

    def __call__(self, so_far: Ints, scores: Scores) -> Scores:
        """Update by the formula of `transformers`: p <- p (1 + g - sum of p g), once a layer."""
        told = configured(self.key)
        rows, size = scores.shape
        context = np.repeat(so_far[:, -(told.ngram_len - 1) :], size, axis=0)
        grams = np.concatenate([context, np.tile(np.arange(size), rows)[:, None]], axis=1)
        g = _g_values([told], grams).reshape(rows, size, len(told.keys))
        wide = scores.astype(np.float64)
        p = np.exp(wide - wide.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        for layer in range(g.shape[2]):
            p *= 1 + g[:, :, layer] - (p * g[:, :, layer]).sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            logs: Scores = np.maximum(np.log(p), -1e9).astype(np.float32)
        return logs


def _weights(depth: int) -> Any:
    """Weights that fall evenly from 10 to 1 with the layer, and sum to 1."""
    weights = np.linspace(10, 1, depth)
    return (weights / weights.sum()).astype(np.float32)


def _g_values(told: Sequence[Configured], ngrams: Ints) -> Any:
    """G-values of n-grams under the keys of configurations that differ in nothing else: n x (configurations x depth)."""
    needed()
    import torch  # noqa: PLC0415  an extra
    from transformers import SynthIDTextWatermarkLogitsProcessor  # noqa: PLC0415  as above

    first = told[0]
    made = SynthIDTextWatermarkLogitsProcessor(
        ngram_len=first.ngram_len,
        keys=[k for one in told for k in one.keys],
        sampling_table_size=first.sampling_table_size,
        sampling_table_seed=first.sampling_table_seed,
        context_history_size=1,
        device=torch.device("cpu"),
    )
    found = made.sample_g_values(made.compute_ngram_keys(torch.from_numpy(ngrams.astype(np.int64))[None]))
    return found[0].numpy().astype(np.float32)


def needed() -> None:
    """Refuse where the packages are missing."""
    if find_spec("transformers") is None or find_spec("torch") is None:
        raise UsageError(EXTRA)
