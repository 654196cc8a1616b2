"""How many members of a cluster one hand can hold: those that addresses, cards and tokens tie to no other circle than the largest, and part of the others."""

from __future__ import annotations

import numba as nb
import numpy as np

from stillwatch.link.cluster import Cluster
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.holding import Holdings, Integers, Mask
from stillwatch.weigh.incidence import Int32s

MEANS = frozenset({"network", "identity", "token"})
CIRCLE = 3
"""Fewer members that share means are a coincidence."""


def who_asked(holdings: Holdings) -> int:
    """How many principals made a request."""
    asked = np.zeros(holdings.everyone, np.bool_)
    for held in holdings:
        asked |= held.support > 0
    return int(np.count_nonzero(asked))


def to_choose_from(holdings: Holdings) -> int:
    """Of how many principals a text and a program may have made a cluster of strangers; of none where few addresses show whose they are."""
    shown = (h.support for h in holdings if WITNESSES[h.family] == "network")
    known, everyone = max(map(np.count_nonzero, shown), default=0), who_asked(holdings)
    return everyone if 2 * known >= everyone else 0


def in_one_hand(holdings: Holdings, others: float, cluster: Cluster, parties: Integers) -> float:
    """How many of these principals, all of them members, one hand can hold; of those in other circles this share.

    Members that share means which set the cluster apart are of one circle, and so are those who share others with them. Who is in no circle
    shows nothing that speaks against one hand; members of a second circle do. A chain may lead through members who are counted elsewhere. Where
    addresses do not speak, cards alone part nobody.
    """
    if not any(WITNESSES[said.family] == "network" for said in cluster.weighed.signals):
        return len(parties)
    circle = _circles(holdings, cluster)[np.isin(cluster.members, parties)]
    return len(parties) - (1.0 - others) * int(np.count_nonzero(_elsewhere(circle)))


def _elsewhere(circle: Int32s) -> Mask:
    """Who is in a circle that is not the largest; `circle` numbers them by one of their members."""
    size = np.bincount(circle, minlength=1)
    largest = int(np.argmax(size))
    found: Mask = (size[circle] >= CIRCLE) & (circle != largest)
    return found


def _circles(holdings: Holdings, cluster: Cluster) -> Int32s:
    """The circle of each member: those that a chain of shared means joins."""
    place = np.full(holdings.everyone, -1, np.int32)
    place[cluster.members] = np.arange(len(cluster.members))
    circle = np.arange(len(cluster.members), dtype=np.int32)
    for said in cluster.weighed.signals:
        if WITNESSES[said.family] in MEANS:
            held = holdings.by_signal[said.signal].by_trait
            _join(held.starts, held.others, said.traits, place, circle)
    return _settled(circle)


@nb.njit(cache=True, nogil=True)
def _root(circle: Int32s, of: int) -> int:
    """The member that stands for the circle of this one; the way there is halved (Tarjan and van Leeuwen, 1984)."""
    while circle[of] != of:
        circle[of] = circle[circle[of]]
        of = circle[of]
    return of


@nb.njit(cache=True, nogil=True)
def _join(starts: Integers, holders: Int32s, traits: Integers, place: Int32s, circle: Int32s) -> None:
    """Make one circle of the members that hold a trait, for each of these traits."""
    for trait in traits:
        first = -1
        for at in range(starts[trait], starts[trait + 1]):
            member = place[holders[at]]
            if member < 0:
                continue
            if first < 0:
                first = _root(circle, member)
                continue
            other = _root(circle, member)
            if other != first:
                circle[max(first, other)] = min(first, other)
                first = min(first, other)


@nb.njit(cache=True, nogil=True)
def _settled(circle: Int32s) -> Int32s:
    """The same circles, each numbered by its first member."""
    for at in range(len(circle)):
        circle[at] = _root(circle, at)
    return circle
