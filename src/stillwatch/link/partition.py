"""Groups of the rows of a bipartite graph: what belongs together more than chance would have it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stillwatch.link.kernels import communities_of, shared_weight
from stillwatch.weigh.holding import Floats, Integers
from stillwatch.weigh.incidence import Incidence, Int32s, turned


@dataclass(frozen=True, eq=False)
class Partition:
    """Groups of rows, and the modularity (Barber, 2007, for bipartite graphs) of the partition."""

    groups: list[Integers]
    modularity: float


def partition(graph: Incidence, back: Incidence | None = None) -> Partition:
    """Louvain on the rows of a bipartite graph that have an edge; weights are above 0. `back` is the same graph by column, if somebody has it."""
    starts, columns, weights, _ = graph
    joined = np.flatnonzero(np.diff(starts) > 0)
    if len(joined) < 2:
        return Partition([joined], 0.0)
    label = communities_of(graph, turned(graph) if back is None else back)
    rows, others = label[: len(starts) - 1], label[len(starts) - 1 :]
    order = joined[np.argsort(rows[joined], kind="stable")]
    bounds = np.flatnonzero(np.diff(rows[order], prepend=-1, append=-1))
    groups = [order[a:b] for a, b in pairwise(bounds)]
    return Partition(groups, _modularity(starts, columns, weights, rows=rows, others=others))


def _modularity(
    starts: Integers, columns: Int32s, weights: Floats, *, rows: Integers, others: Integers
) -> float:
    """Weight inside groups less what rows and columns of their degrees would share by accident (Barber, 2007)."""
    groups = int(max(rows.max(), others.max())) + 1
    whole, inside, by_row, by_column = shared_weight(starts, columns, weights, (rows, others), groups)
    return inside / whole - float((by_row * by_column).sum()) / whole**2
