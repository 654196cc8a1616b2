"""FRAUDAR: the densest blocks of accounts and objects, with popular objects counting little.

Source: Hooi et al., FRAUDAR: Bounding Graph Fraud in the Face of Camouflage, KDD 2016; several blocks as in the same
authors' TKDD article (2017).
Kept: edge weight 1 / log(d + 5) for an object that d accounts hold; density g(S) = sum of edge weights inside S, divided
by the number of accounts and objects in S; greedy peeling of the node that carries least; the densest set on the way is a
block; its edges are taken out and the next is sought.
Adapted to API logs: objects are what an account and its requests show (card, device, sign-up address, client addresses,
TLS, headers), not products and followers. Objects of one account only are left out: they add density and no link. No
prior suspicion of nodes is used.
Parameters: the constant 5 is the paper's. Objects were chosen on trial worlds in favour of the method: with system
prompts, tools or prompts among them the densest blocks are the users of one agent framework. `BLOCKS` are sought, more
than any world has campaigns; which of them count follows from the common threshold on their density.
"""

from __future__ import annotations

import heapq

import numba as nb
import numpy as np
import numpy.typing as npt
from peers.indicators import Incidence, incidence
from peers.interface import Log, Numbering, Numbers, Peer, Ranked, nothing_to_learn

OF_ACCOUNTS = ("payment_fingerprint", "device_id", "signup_ip")
OF_EXCHANGES = ("client_ip", "ja4", "header_profile")
BLOCKS = 30
DAMPING = 5.0


def rank(log: Log, _learned: None) -> Ranked:
    """Accounts by the density of the first block that they are in; 0 outside all of them."""
    edges = incidence(log, OF_ACCOUNTS, OF_EXCHANGES).held_by(2, len(log.account_id))
    density = np.zeros(len(log.account_id))
    block = np.full(len(log.account_id), -1, dtype=np.int64)
    for number, (members, dense) in enumerate(blocks(edges, len(log.account_id))):
        new = members & (block < 0)
        block[new], density[new] = number, dense
    return Ranked(density, lambda above: np.where(density > above, block, -1))


def blocks(edges: Incidence, accounts: int) -> list[tuple[npt.NDArray[np.bool_], float]]:
    """The accounts and the density of each block, the densest first."""
    weight = (1.0 / np.log(edges.holders + DAMPING))[edges.value]
    left = np.arange(edges.account.size)
    found = []
    nodes = accounts + int(edges.value.max(initial=-1)) + 1
    while left.size and len(found) < BLOCKS:
        ends = np.stack([edges.account[left], accounts + edges.value[left]])
        inside, dense = _densest(nodes, ends, weight[left])
        found.append((inside[:accounts], dense))
        left = left[~(inside[ends[0]] & inside[ends[1]])]
    return found


def _densest(nodes: int, ends: Numbering, weight: Numbers) -> tuple[npt.NDArray[np.bool_], float]:
    both = np.concatenate([ends[0], ends[1]])
    order = np.argsort(both, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(both, minlength=nodes)))).astype(np.int64)
    other = np.concatenate([ends[1], ends[0]])[order]
    gone, dense = _peel(start, other, np.concatenate([weight, weight])[order])
    return gone, float(dense)


@nb.njit(cache=True)
def _peel(start: Numbering, other: Numbering, weight: Numbers) -> tuple[npt.NDArray[np.bool_], float]:
    """Take away the lightest node again and again; the densest of the sets on the way, and its density."""
    nodes = start.size - 1
    carried = np.zeros(nodes)
    for node in range(nodes):
        carried[node] = weight[start[node] : start[node + 1]].sum()
    queue = [(carried[node], node) for node in range(nodes) if carried[node] > 0]
    heapq.heapify(queue)
    removed_at = np.full(nodes, -1, dtype=np.int64)
    size, total = len(queue), carried.sum() / 2
    best, best_step, step = total / max(size, 1), 0, 0
    while size > 1:
        least, node = heapq.heappop(queue)
        if removed_at[node] >= 0 or least > carried[node]:
            continue
        removed_at[node] = step
        step, size, total = step + 1, size - 1, total - carried[node]
        for place in range(start[node], start[node + 1]):
            if removed_at[other[place]] < 0:
                carried[other[place]] -= weight[place]
                heapq.heappush(queue, (carried[other[place]], other[place]))
        if total / size > best:
            best, best_step = total / size, step
    inside = np.zeros(nodes, dtype=np.bool_)
    for node in range(nodes):
        has_edges = start[node + 1] > start[node]
        inside[node] = has_edges and (removed_at[node] < 0 or removed_at[node] >= best_step)
    return inside, best


PEER = Peer("fraudar", "FRAUDAR", "Hooi et al., KDD 2016", OF_EXCHANGES, nothing_to_learn, rank)
