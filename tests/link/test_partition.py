"""Groups of rows, on graphs whose parts are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from stillwatch.link.partition import Partition, partition
from stillwatch.weigh.incidence import Incidence


def blocks(sizes: list[int], width: int, noise: float, seed: int) -> sparse.csr_matrix:
    """Rows of each block hold most of `width` columns of its own, and a few of the others'."""
    rng = np.random.default_rng(seed)
    of_row = np.repeat(np.arange(len(sizes)), sizes)
    of_column = np.repeat(np.arange(len(sizes)), width)
    chance = np.where(of_row[:, None] == of_column[None, :], 0.6, noise)
    return sparse.csr_matrix((rng.random(chance.shape) < chance) * rng.uniform(0.5, 2.0, chance.shape))


def plain(graph: sparse.csr_matrix) -> Incidence:
    """The same graph without a library."""
    starts, others = graph.indptr.astype(np.int64), graph.indices.astype(np.int32)
    return Incidence(starts, others, graph.data.astype(np.float64), graph.shape[1])


def modularity(graph: sparse.csr_matrix, found: Partition) -> float:
    """Barber's modularity by its definition, each column in the group that gains most by it."""
    weights, whole = graph.toarray(), graph.sum()
    excess = weights / whole - np.outer(weights.sum(axis=1), weights.sum(axis=0)) / whole**2
    return float(np.array([excess[g].sum(axis=0) for g in found.groups]).max(axis=0).sum())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_blocks_are_found(seed: int) -> None:
    found = partition(plain(blocks([30, 50, 20], 12, 0.02, seed)))
    assert sorted(g.tolist() for g in found.groups) == [
        list(range(30)),
        list(range(30, 80)),
        list(range(80, 100)),
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_modularity_is_that_of_its_definition(seed: int) -> None:
    graph = blocks([30, 50, 20], 12, 0.02, seed)
    found = partition(plain(graph))
    assert found.modularity == pytest.approx(modularity(graph, found), abs=1e-9)
    assert found.modularity > 0.4


def test_one_block_has_next_to_no_modularity() -> None:
    assert partition(plain(sparse.csr_matrix(np.ones((40, 10))))).modularity < 0.01


@given(st.integers(0, 40), st.integers(1, 20), st.floats(0, 0.4), st.integers(0, 1000))
def test_every_row_with_an_edge_is_in_one_group_and_no_other(
    rows: int, columns: int, density: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    graph = sparse.csr_matrix((rng.random((rows, columns)) < density) * 1.0)
    held = np.concatenate([np.zeros(0, np.int64), *partition(plain(graph)).groups])
    assert sorted(held.tolist()) == np.flatnonzero(np.diff(graph.indptr) > 0).tolist()
