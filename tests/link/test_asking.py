"""Shares of requests, entry by entry: the same as whole arrays give, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.link.asking import mainly, put_edges, who_mainly
from stillwatch.weigh.incidence import Incidence, Integers

SHARE = 0.15


def drawn(traits: int, everyone: int, seed: int) -> tuple[Incidence, np.ndarray]:
    """Who holds each of some traits, in a few of how many requests."""
    rng = np.random.default_rng(seed)
    trait, other = np.nonzero(rng.random((traits, everyone)) < 0.4)
    values = rng.integers(1, 9, len(trait)).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(np.bincount(trait, minlength=traits))])
    support = rng.integers(0, 40, everyone).astype(np.float64)
    return Incidence(starts, other.astype(np.int32), values, everyone), support


@given(st.integers(1, 12), st.integers(1, 20), st.integers(0, 1000))
def test_edges_are_those_of_whole_arrays(traits: int, everyone: int, seed: int) -> None:
    held, support = drawn(traits, everyone, seed)
    some: Integers = np.arange(0, traits, 2)
    rarity = np.random.default_rng(seed).random(len(some))
    lengths = np.diff(held.starts)[some]
    others, weights = np.zeros(lengths.sum(), np.int32), np.zeros(lengths.sum())
    put_edges(held, support, some, rarity, (others, weights))
    at = np.concatenate([np.arange(held.starts[t], held.starts[t + 1]) for t in some])
    share = held.values[at] / np.maximum(support[held.others[at]], 1)
    assert others.tolist() == held.others[at].tolist()
    assert weights.tolist() == (np.repeat(rarity, lengths) * np.sqrt(np.minimum(1.0, share))).tolist()


@given(st.integers(1, 12), st.integers(1, 20), st.integers(0, 1000))
def test_who_asks_mainly_so_is_who_does_by_whole_arrays(traits: int, everyone: int, seed: int) -> None:
    held, support = drawn(traits, everyone, seed)
    is_so = held.values >= SHARE * support[held.others]
    who = [
        held.others[a:b][is_so[a:b]].tolist() for a, b in zip(held.starts[:-1], held.starts[1:], strict=True)
    ]
    assert [who_mainly(held, support, SHARE, trait).tolist() for trait in range(traits)] == who
    assert mainly(held, support, SHARE).tolist() == list(map(len, who))
