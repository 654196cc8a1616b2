"""Louvain on bipartite graphs (Blondel et al., 2008), compiled: a scan partitions hundreds of small graphs.

Nodes are visited in order, so that one graph always falls into the same groups. Why not a library: docs/adr/0018.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

from stillwatch.weigh.incidence import Floats, Incidence, Int32s, Integers

LEAST_GAIN = 1e-3
"""A pass that adds less modularity than this is the last one on its level, and such a level the last."""


class Half(NamedTuple):
    """Nodes from `first` on, one after the other: node i has edges from start[i] to start[i + 1], to others numbered from `shift` on."""

    start: Integers
    other: Int32s
    weight: Floats
    first: int
    shift: int


@nb.njit(cache=True, nogil=True)
def communities_of(held: Incidence, back: Incidence) -> Integers:
    """The community of each row, then of each of its columns, numbered from 0; `back` has the same edges by column.

    Rows and columns are nodes of one kind. On the first level they lie apart, since each only has edges to the other;
    then all nodes are in the first half.
    """
    rows, columns = len(held.starts) - 1, len(back.starts) - 1
    one = Half(held.starts, held.others, held.values, 0, rows)
    two = Half(back.starts, back.others, back.values, rows, 0)
    none = Half(np.zeros(1, np.int64), back.others[:0], back.values[:0], 0, 0)
    found, degree = np.arange(rows + columns), np.zeros(rows + columns)
    add_weights(one, degree)
    add_weights(two, degree)
    total = np.sum(degree)
    while True:
        joined, gain = moved(one, two, degree, total)
        label, groups = numbered(joined)
        found = label[found]
        if gain <= LEAST_GAIN or groups == len(label):
            return found
        start, other, weight, degree = gathered(one, two, degree, label, groups)
        one, two = Half(start, other, weight, 0, 0), none


@nb.njit(cache=True, nogil=True)
def add_weights(half: Half, degree: Floats) -> None:
    """The weight of all edges of each node of a half."""
    for i in range(len(half.start) - 1):
        for at in range(np.uint64(half.start[i]), np.uint64(half.start[i + 1])):
            degree[half.first + i] += half.weight[at]


@nb.njit(cache=True, nogil=True)
def shared_weight(
    starts: Integers, columns: Int32s, weights: Floats, group: tuple[Integers, Integers], groups: int
) -> tuple[float, float, Floats, Floats]:
    """The weight of all edges, of those inside a group, and of each group's rows and columns; `group` has those of rows and of columns.

    In one pass: as sums of whole arrays it made six of them as long as the edges.
    """
    of_row, of_column = group
    whole, inside = 0.0, 0.0
    by_row, by_column = np.zeros(groups), np.zeros(groups)
    for row in range(len(starts) - 1):
        mine = of_row[row]
        for at in range(np.uint64(starts[row]), np.uint64(starts[row + 1])):
            theirs, weight = of_column[np.uint32(columns[at])], weights[at]
            whole += weight
            by_row[mine] += weight
            by_column[theirs] += weight
            if mine == theirs:
                inside += weight
    return whole, inside, by_row, by_column


class Joining(NamedTuple):
    """The community of each node, the weight of each community's edges, each node's, and space: zeros, and anything."""

    label: Int32s
    volume: Floats
    degree: Floats
    near: Floats
    touched: Int32s


@nb.njit(cache=True, nogil=True)
def moved(one: Half, two: Half, degree: Floats, total: float) -> tuple[Int32s, float]:
    """Each node in the community of neighbours where modularity gains most, pass by pass; and what was gained."""
    nodes = len(degree)
    label, touched = np.arange(nodes).astype(np.int32), np.empty(nodes + 1, np.int32)
    joining = Joining(label, degree.copy(), degree, np.zeros(nodes), touched)
    gained, last = 0.0, 1.0
    while last > LEAST_GAIN:
        last = moved_once(one, joining, total, 0.0)
        last = moved_once(two, joining, total, last)
        gained += last
    return label, gained


@nb.njit(cache=True, nogil=True)
def moved_once(half: Half, joining: Joining, total: float, gained: float) -> float:
    """One pass over the nodes of a half; what was gained before it and in it.

    A neighbour's community is written down, and overwritten by the next if it was met before. Indices are without a sign,
    which spares a look at whether they count from the end.
    """
    label, volume, degree, near, touched = joining
    shift = np.int32(half.shift)
    for i in range(len(half.start) - 1):
        node, found = half.first + i, np.uint64(0)
        for at in range(np.uint64(half.start[i]), np.uint64(half.start[i + 1])):
            other = half.other[at] + shift
            if other != node:
                community = np.uint32(label[np.uint32(other)])
                before = near[community]
                touched[found] = community
                found += np.uint64(before == 0.0)
                near[community] = before + half.weight[at]
        own = label[node]
        volume[own] -= degree[node]
        stay = near[own] - degree[node] * volume[own] / total
        best, most = own, stay
        for met in range(found):
            to = np.uint32(touched[met])
            gain = near[to] - degree[node] * volume[to] / total
            if gain > most:
                best, most = touched[met], gain
            near[to] = 0.0
        volume[best] += degree[node]
        label[node] = best
        gained += 2.0 * (most - stay) / total
    return gained


@nb.njit(cache=True, nogil=True)
def numbered(label: Int32s) -> tuple[Integers, int]:
    """The same labels as numbers from 0, in order of appearance, and how many there are."""
    number, groups = np.full(len(label), -1), 0
    result = np.empty(len(label), np.int64)
    for node in range(len(label)):
        if number[label[node]] < 0:
            number[label[node]] = groups
            groups += 1
        result[node] = number[label[node]]
    return result, groups


@nb.njit(cache=True, nogil=True)
def gathered(
    one: Half, two: Half, degree: Floats, label: Integers, groups: int
) -> tuple[Integers, Int32s, Floats, Floats]:
    """The graph of communities: edges between two add up, those inside one stay with it as an edge to itself."""
    first = np.zeros(groups + 1, np.int64)
    for group in label:
        first[group + 1] += 1
    first = np.cumsum(first)
    member, place = np.empty(len(label), np.int64), first.copy()
    degrees = np.zeros(groups)
    for node in range(len(label)):
        member[place[label[node]]] = node
        place[label[node]] += 1
        degrees[label[node]] += degree[node]
    starts = np.zeros(groups + 1, np.int64)
    edges = len(one.other) + len(two.other)
    others, weights = np.empty(edges + 1, np.int32), np.empty(edges + 1)
    near, found = np.zeros(groups), np.uint64(0)
    for group in range(groups):
        for i in range(first[group], first[group + 1]):
            half = one if member[i] < len(one.start) - 1 else two
            found = add_edges(half, member[i], label, near, others, found)
        starts[group + 1] = found
        for at in range(np.uint64(starts[group]), found):
            to = np.uint32(others[at])
            weights[at], near[to] = near[to], 0.0
    return starts, others[:found], weights[:found], degrees


@nb.njit(cache=True, nogil=True)
def add_edges(
    half: Half, node: int, label: Integers, near: Floats, others: Int32s, found: np.uint64
) -> np.uint64:
    """Add a node's edges to what is `near`, by community; those met first are written down after the ones `found`."""
    i, shift = node - half.first, np.int32(half.shift)
    for at in range(np.uint64(half.start[i]), np.uint64(half.start[i + 1])):
        to = np.uint32(label[np.uint32(half.other[at] + shift)])
        before = near[to]
        others[found] = to
        found += np.uint64(before == 0.0)
        near[to] = before + half.weight[at]
    return found
