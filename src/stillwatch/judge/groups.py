"""Groups that clusters are compared with: accounts that share one ordinary trait, taken from the same log.

A cluster is never compared with everybody: a batch customer differs from everybody too. References are groups
that the same kind of trait joins (one client, one system prompt, one address range, one sign-up batch, one opening),
outside all clusters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from stillwatch.weigh.bits import Mask
from stillwatch.weigh.holding import Holding, Integers

PER_SIGNAL = 24
LEAST, MOST = 8, 400
CLEAN_SHARE = 0.8


def references(holdings: Sequence[Holding], taken: Mask) -> list[Integers]:
    """Reference groups as sorted principals, at most `PER_SIGNAL` of each signal, without members of clusters."""
    groups: dict[bytes, Integers] = {}
    for holding in holdings:
        for members in _of(holding, taken):
            groups.setdefault(members.tobytes(), members)
    return list(groups.values())


def _of(holding: Holding, taken: Mask) -> list[Integers]:
    free = np.bincount(
        holding.counts.tocoo().col, (~taken)[holding.counts.tocoo().row].astype(np.float64), minlength=len(holding.keys)
    )
    fits = np.flatnonzero((free >= LEAST) & (free >= CLEAN_SHARE * holding.holders))
    spread = fits[np.argsort(free[fits], kind="stable")]
    chosen = spread[np.unique(np.linspace(0, len(spread) - 1, PER_SIGNAL).round().astype(np.int64))] if len(spread) else spread
    found = []
    for trait in chosen:
        start, end = holding.by_trait.indptr[trait], holding.by_trait.indptr[trait + 1]
        members = np.sort(holding.by_trait.indices[start:end].astype(np.int64))
        members = members[~taken[members]]
        found.append(members[:: -(-len(members) // MOST)])
    return found


def member_table(groups: Sequence[Integers], principal: Integers) -> pa.Table:
    """The relation `member`: every account of every group's principals, `cluster` counted from 0."""
    order = np.argsort(principal, kind="stable")
    starts = np.searchsorted(principal[order], np.arange(int(principal.max()) + 2 if len(principal) else 1))
    account, cluster = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for number, members in enumerate(groups):
        mine = np.concatenate([order[starts[m] : starts[m + 1]] for m in members] or [np.zeros(0, np.int64)])
        account.append(mine.astype(np.int32))
        cluster.append(np.full(len(mine), number, np.int32))
    return pa.table({"account": np.concatenate(account), "cluster": np.concatenate(cluster)})
