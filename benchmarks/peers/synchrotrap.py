"""SynchroTrap: accounts that do the same things at the same time, again and again.

Source: Cao, Yang, Yu and Palow, Uncovering Large Groups of Active Malicious Accounts in Online Social Networks, CCS 2014.
Kept: an action is (account, time, object); two actions match if they have the object in common and lie within T of each
other; the similarity of two accounts is the Jaccard index of their actions; accounts that are similar enough are linked,
and linked ones are one cluster (single linkage); small clusters are dropped.
Adapted to API logs: a request is an action on its client address, which the paper uses for uploads and log-ins. The program
(TLS and headers) was tried as a second object and left out: it ranked worse on trial worlds. Times are cut into steps of T, so that an action matches in its own step
only; the paper slides its window, and compares pairs with MapReduce where one sparse product does here. Actions that more
than `MOST_ACTORS` accounts share are left out: they cost pairs in the square and say nothing of a group.
Parameters: T (among 1, 6, 24, 72 and 168 hours), `MOST_ACTORS` (50, 300, 1,000) and the least cluster (10, 20, 30, 50 of
9,000 accounts, hence `LEAST_SHARE`) were chosen on trial worlds in favour of the method; the similarity that
links follows from the common threshold, applied to the highest similarity at which an account is in a large cluster.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from peers.interface import Log, Numbering, Numbers, Peer, Ranked, nothing_to_learn
from scipy import sparse
from scipy.sparse.csgraph import connected_components

COLUMNS = ("client_ip",)
STEP_SECONDS = 72 * 3600
MOST_ACTORS = 300
LEAST_CLUSTER, LEAST_SHARE = 10, 0.005
LEAST_SIMILARITY = 0.02


def rank(log: Log, _learned: None) -> Ranked:
    """Accounts by the highest similarity at which they are in a large cluster."""
    accounts = len(log.account_id)
    first, second, similarity = similar(log)
    order = np.argsort(-similarity, kind="stable")
    first, second, similarity = first[order], second[order], similarity[order]
    least = max(LEAST_CLUSTER, round(LEAST_SHARE * accounts))
    value = _joined_at(accounts, least, first, second, similarity)

    def groups(above: float) -> Numbering:
        linked = similarity > above
        edges = sparse.coo_array(
            (np.ones(int(linked.sum()), np.int8), (first[linked], second[linked])), shape=(accounts, accounts)
        )
        cluster = connected_components(edges, directed=False)[1]
        return np.where(value > above, cluster, -1).astype(np.int64)

    return Ranked(value, groups)


def similar(log: Log) -> tuple[Numbering, Numbering, Numbers]:
    """Pairs of accounts with matching actions, and their Jaccard similarity."""
    acts = _actions(log)
    acts = acts[:, np.diff(acts.indptr) <= MOST_ACTORS].tocsr()
    done = np.diff(acts.indptr)
    common = sparse.triu((acts @ acts.T).tocoo(), k=1)
    first, second = (ends.astype(np.int64) for ends in common.coords)
    similarity = common.data / (done[first] + done[second] - common.data)
    kept = similarity >= LEAST_SIMILARITY
    return first[kept], second[kept], similarity[kept]


def _actions(log: Log) -> sparse.csc_array:
    """Accounts by (object, time step): 1 where the account did that."""
    step = pc.cast(log.exchanges["ts"], pa.int64()).to_numpy() // (STEP_SECONDS * 1_000_000)
    address = log.exchanges["client_ip"].combine_chunks().dictionary_encode().indices
    code = pc.fill_null(address, -1).to_numpy().astype(np.int64)
    known = code >= 0
    both = (code[known] << 20) + (step[known] - step.min(initial=0))
    action = np.unique(both, return_inverse=True)[1]
    shape = (len(log.account_id), int(action.max(initial=0)) + 1)
    acts = sparse.csc_array((np.ones(action.size, np.int32), (log.account[known], action)), shape=shape)
    acts.sum_duplicates()
    acts.data[:] = 1
    return acts


@nb.njit(cache=True)
def _root(parent: Numbering, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@nb.njit(cache=True)
def _joined_at(
    accounts: int, least: int, first: Numbering, second: Numbering, similarity: Numbers
) -> Numbers:
    """Single linkage from the most similar pair down: the similarity at which each account's cluster is large."""
    parent, size = np.arange(accounts), np.ones(accounts, dtype=np.int64)
    following, last = np.full(accounts, -1, dtype=np.int64), np.arange(accounts)
    value = np.zeros(accounts)
    for pair in range(first.size):
        one, other = _root(parent, first[pair]), _root(parent, second[pair])
        if one == other:
            continue
        if size[one] < size[other]:
            one, other = other, one
        together = size[one] + size[other]
        if together >= least:
            for small in (one, other):
                node = small if size[small] < least else -1
                while node >= 0:
                    value[node] = similarity[pair]
                    node = following[node]
        parent[other], size[one] = one, together
        following[last[one]], last[one] = other, last[other]
    return value


PEER = Peer("synchrotrap", "SynchroTrap", "Cao et al., CCS 2014", COLUMNS, nothing_to_learn, rank)
