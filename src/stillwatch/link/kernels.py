"""Louvain on bipartite graphs (Blondel et al., 2008), compiled: a scan partitions hundreds of small graphs.

Nodes are visited in order, so that one graph always falls into the same groups. Why not a library: docs/adr/0018.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from stillwatch.weigh.incidence import Floats, Int32s, Integers

LEAST_GAIN = 1e-3
"""A pass that adds less modularity than this is the last one on its level, and such a level the last."""


@nb.njit(cache=True, nogil=True)
def communities_of(starts: Integers, columns: Int32s, weights: Floats, width: int) -> Integers:
    """The community of each row, then of each of `width` columns, numbered from 0."""
    start, other, weight = both_ways(starts, columns, weights, width)
    found = np.arange(len(start) - 1)
    degree = np.zeros(len(found))
    for node in range(len(found)):
        for at in range(start[node], start[node + 1]):
            degree[node] += weight[at]
    total = np.sum(degree)
    while True:
        joined, gain = moved(start, other, weight, degree, total)
        label, groups = numbered(joined)
        found = label[found]
        if gain <= LEAST_GAIN or groups == len(label):
            return found
        start, other, weight, degree = gathered(start, other, weight, degree, label, groups)


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


@nb.njit(cache=True, nogil=True)
def both_ways(
    starts: Integers, columns: Int32s, weights: Floats, width: int
) -> tuple[Integers, Int32s, Floats]:
    """The graph with rows and columns as nodes of one kind, and each edge from either end."""
    rows = len(starts) - 1
    start = np.zeros(rows + width + 1, np.int64)
    start[: rows + 1] = starts
    for column in columns:
        start[rows + column + 1] += 1
    for node in range(rows, rows + width):
        start[node + 1] += start[node]
    other, weight = np.empty(start[-1], np.int32), np.empty(start[-1])
    place = start.copy()
    for row in range(rows):
        for at in range(starts[row], starts[row + 1]):
            other[at], weight[at] = rows + columns[at], weights[at]
            back = place[rows + columns[at]]
            other[back], weight[back] = row, weights[at]
            place[rows + columns[at]] += 1
    return start, other, weight


@nb.njit(cache=True, nogil=True)
def moved(
    start: Integers, other: Int32s, weight: Floats, degree: Floats, total: float
) -> tuple[Int32s, float]:
    """Each node in the community of neighbours where modularity gains most, pass by pass; and what was gained.

    A neighbour's community is written down, and overwritten by the next if it was met before. Indices are without a sign,
    which spares a look at whether they count from the end.
    """
    nodes = len(degree)
    label, volume = np.arange(nodes).astype(np.int32), degree.copy()
    near, touched = np.zeros(nodes), np.empty(nodes + 1, np.int32)
    gained, last = 0.0, 1.0
    while last > LEAST_GAIN:
        last = 0.0
        for node in range(nodes):
            found = np.uint64(0)
            for at in range(np.uint64(start[node]), np.uint64(start[node + 1])):
                if other[at] != node:
                    community = np.uint32(label[np.uint32(other[at])])
                    before = near[community]
                    touched[found] = community
                    found += np.uint64(before == 0.0)
                    near[community] = before + weight[at]
            own = label[node]
            volume[own] -= degree[node]
            stay = near[own] - degree[node] * volume[own] / total
            best, most = own, stay
            for i in range(found):
                to = np.uint32(touched[i])
                gain = near[to] - degree[node] * volume[to] / total
                if gain > most:
                    best, most = touched[i], gain
                near[to] = 0.0
            volume[best] += degree[node]
            label[node] = best
            last += 2.0 * (most - stay) / total
        gained += last
    return label, gained


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
    start: Integers, other: Int32s, weight: Floats, degree: Floats, label: Integers, groups: int
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
    others, weights = np.empty(len(other), np.int32), np.empty(len(other))
    near, found = np.zeros(groups), 0
    for group in range(groups):
        for i in range(first[group], first[group + 1]):
            for at in range(start[member[i]], start[member[i] + 1]):
                to = label[other[at]]
                if near[to] == 0.0:
                    others[found] = to
                    found += 1
                near[to] += weight[at]
        starts[group + 1] = found
        for at in range(starts[group], found):
            weights[at] = near[others[at]]
            near[others[at]] = 0.0
    return starts, others[:found], weights[:found], degrees
