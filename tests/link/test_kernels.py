"""Compiled Louvain: the same groups as one node visited after another gives, with rows and columns in one list."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.link.kernels import LEAST_GAIN, communities_of
from stillwatch.weigh.incidence import Incidence, turned

Edges = list[list[tuple[int, float]]]


def as_plain(edges: Edges) -> list[int]:
    """The community of each node, by a visit to each in order until little is gained, level by level."""
    found = list(range(len(edges)))
    degree = [sum(weight for _, weight in mine) for mine in edges]
    total = sum(degree)
    while True:
        label, gain = joined(edges, degree, total)
        numbers = {group: number for number, group in enumerate(dict.fromkeys(label))}
        found = [numbers[label[node]] for node in found]
        if gain <= LEAST_GAIN or len(numbers) == len(label):
            return found
        near: list[dict[int, float]] = [{} for _ in numbers]
        degrees = [0.0] * len(numbers)
        for node, mine in enumerate(edges):
            own = numbers[label[node]]
            degrees[own] += degree[node]
            for other, weight in mine:
                to = numbers[label[other]]
                near[own][to] = near[own].get(to, 0.0) + weight
        edges, degree = [list(mine.items()) for mine in near], degrees


def joined(edges: Edges, degree: list[float], total: float) -> tuple[list[int], float]:
    label, volume = list(range(len(edges))), list(degree)
    gained, last = 0.0, 1.0
    while last > LEAST_GAIN:
        last = 0.0
        for node, mine in enumerate(edges):
            near: dict[int, float] = {}
            for other, weight in mine:
                if other != node:
                    near[label[other]] = near.get(label[other], 0.0) + weight
            own = label[node]
            volume[own] -= degree[node]
            stay = near.get(own, 0.0) - degree[node] * volume[own] / total
            best, most = own, stay
            for to, weight in near.items():
                gain = weight - degree[node] * volume[to] / total
                if gain > most:
                    best, most = to, gain
            volume[best] += degree[node]
            label[node] = best
            last += 2.0 * (most - stay) / total
        gained += last
    return label, gained


@given(st.integers(1, 30), st.integers(1, 12), st.floats(0.05, 0.6), st.integers(0, 1000))
def test_groups_are_those_of_one_visit_after_another(
    rows: int, columns: int, density: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    row, column = np.nonzero(rng.random((rows, columns)) < density)
    weights = rng.choice([0.5, 1.0, 1.3, 2.0], len(row))
    if not len(row):
        return
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))])
    held = Incidence(starts, column.astype(np.int32), weights, columns)
    edges: Edges = [[] for _ in range(rows + columns)]
    for one, other, weight in zip(row.tolist(), column.tolist(), weights.tolist(), strict=True):
        edges[one].append((rows + other, weight))
        edges[rows + other].append((one, weight))
    assert communities_of(held, turned(held)).tolist() == as_plain(edges)
