"""How large a part of a principal's requests carries a trait, compiled: edges of the graph, and who asks mainly so.

As whole arrays they were six, each as long as all entries.
"""

from __future__ import annotations

from math import sqrt

import numba as nb
import numpy as np

from stillwatch.weigh.incidence import Floats, Incidence, Int32s, Integers


@nb.njit(cache=True, nogil=True)
def put_edges(
    held: Incidence, support: Floats, traits: Integers, rarity: Floats, edges: tuple[Int32s, Floats]
) -> None:
    """Write who holds these traits, and the weight of each edge: how rare its trait is, by the root of the share of requests."""
    others, weights = edges
    to = np.uint64(0)
    for i in range(len(traits)):
        first, end = held.starts[traits[i]], held.starts[traits[i] + 1]
        for at in range(np.uint64(first), np.uint64(end)):
            other = np.uint32(held.others[at])
            share = held.values[at] / max(support[other], 1.0)
            others[to], weights[to] = other, rarity[i] * sqrt(min(1.0, share))
            to += np.uint64(1)


@nb.njit(cache=True, nogil=True)
def mainly(held: Incidence, support: Floats, share: float) -> Integers:
    """How many hold each trait in at least that share of their requests."""
    many = np.zeros(len(held.starts) - 1, np.int64)
    for trait in range(len(many)):
        for at in range(np.uint64(held.starts[trait]), np.uint64(held.starts[trait + 1])):
            many[trait] += held.values[at] >= share * support[np.uint32(held.others[at])]
    return many


@nb.njit(cache=True, nogil=True)
def who_mainly(held: Incidence, support: Floats, share: float, trait: int) -> Integers:
    """Who holds a trait in at least that share of their requests."""
    first, end = held.starts[trait], held.starts[trait + 1]
    who, found = np.empty(end - first, np.int64), 0
    for at in range(first, end):
        if held.values[at] >= share * support[held.others[at]]:
            who[found] = held.others[at]
            found += 1
    return who[:found]
