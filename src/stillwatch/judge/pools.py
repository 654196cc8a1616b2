"""Pools divided into a tenant and the rest, where the tenant is plainly a harvest by itself.

What a pool asks is mostly what its customers ask. If one party's requests run through it, the accounts that carry them
are judged by those requests alone, and the accounts that carry none are judged without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa

from stillwatch.engine.batches import in_order
from stillwatch.judge.brought import Brought, brought
from stillwatch.judge.demanded import may_be_beside
from stillwatch.judge.gather import at_rows
from stillwatch.judge.purpose import FEW_IN_TALK, Purpose, control, values, weighed
from stillwatch.judge.served import DEMANDED, DISGUISED, Told, whole_pool
from stillwatch.judge.streams import Carried
from stillwatch.judge.tenant import FRAMES, READ, Tenant, tenant
from stillwatch.judge.thinking import POOL_CONTROL_BITS
from stillwatch.link.cluster import Cluster
from stillwatch.signals._base import Signal
from stillwatch.weigh.holding import Holding, Integers

LEAST_ACCOUNTS = 10
CLEAR = 0.95
"""A tenant is told apart if its own requests build a training set with this probability."""
BYSTANDERS = 0.1
"""A pool that is plain as a whole is divided only if this part of its accounts carries nothing of the tenant, and serves people in talk."""
MOSTLY = 0.8
"""A tenant that makes this part of all requests of its pool is the pool."""
MOST_BITS: Mapping[str, float] = {"framed_prompts": 2.5, "pool_size": 2.1}
"""What may speak for a tenant at most: it was found by its frames, and how many accounts there are is its pool's size."""
LEAST_TENANT = 0.02
UNFRAMED_BITS = -4.5
"""A pool of people under one hand, of whose requests no tenant's frames carry a fiftieth, is a relay."""
HARVESTED = ("thinking_pool", "stored_reasoning", "spliced_pool", "own_frame")
"""But not if one of these shows that its hand takes what people ask. One text above all they ask does not: a school has that too."""
TOLD = ("disguised_pool", "demanded_pool")
PLAIN_BITS = 2.0
"""From so many bits of one of what its own system prompts show on a pool is no relay of people, and a party that plainly shows no such prompt none of it."""


@dataclass(frozen=True, eq=False)
class Group:
    """A cluster with its accounts (positions), and the tenant by whose requests alone it is judged, if any."""

    cluster: Cluster
    accounts: Integers
    tenant: Tenant | None = None

    def rows(self, rows_of: Callable[[Integers], Integers]) -> Integers:
        """Positions of the exchanges that it is judged by."""
        return rows_of(self.accounts) if self.tenant is None else self.tenant.rows

    def parties(self, principal: Integers) -> Integers:
        """Its principals, in order."""
        return np.unique(principal[self.accounts])


Measure = Callable[[Sequence[Group]], Mapping[str, pa.Table]]
"""Cluster-level measurements of groups that share no account, by signal."""
Size = Callable[[Cluster, Integers], float]
"""How many of those principals of a cluster count as in one hand: others may count in part."""


def tenants(
    groups: Sequence[Group],
    whole: Purpose,
    everything: Brought,
    principal: Integers,
    *,
    holdings: Mapping[str, Holding],
    signals: Mapping[str, Signal],
    threads: int = 1,
    in_files: bool = False,
) -> dict[int, Tenant]:
    """The tenants of the pools among the groups, by the group's number; `whole` is what each group's traffic is for.

    A plain harvest in which hardly anything continues a conversation has no customers to be told from, and is left out.
    A few pools are looked at side by side; where columns lie `in_files`, in what was brought for many together.
    """
    told = _told(whole)

    def frames_of(number: int) -> list[Carried]:
        may = _may_hold_one(number, groups[number], whole)
        return _frames(groups[number].cluster, holdings, signals) if may else []

    every = ((number, frames_of(number)) for number in range(len(groups)))
    asked = [(number, frames) for number, frames in every if frames or number in told]

    def look(here: Brought, one: tuple[int, list[Carried]]) -> Tenant | None:
        number, frames = one
        rows = here.rows_of(groups[number].accounts)
        party = principal[at_rows(here.exchange["account"], rows)]
        found = whole_pool(here.exchange, rows, party, told[number]) if number in told else None
        if found is None and frames:
            found = tenant(here.exchange, rows, party, frames)
        return None if found is None else replace(found, rows=here.there(found.rows))

    looked: list[Tenant | None] = []
    read = {
        *READ,
        *(one.column for one in told.values()),
        *(frame.column for _, frames in asked for frame in frames),
    }
    few = replace(everything, exchange=everything.exchange.select(sorted(read)))
    for some, here in brought(few, [groups[n].accounts for n, _ in asked], in_files=in_files):
        looked += in_order(asked[some], partial(look, here), threads=threads, ahead=len(asked))
        del here
    found = zip((number for number, _ in asked), looked, strict=True)
    return {n: one for n, one in found if one is not None and len(one.parties) >= LEAST_ACCOUNTS}


def _told(whole: Purpose) -> dict[int, Told]:
    """The groups that may hold others beside parties with a system prompt of their own, and what shows it."""
    demanding = may_be_beside(whole.measured, np.full(len(whole.total), np.nan))
    told = dict.fromkeys(np.flatnonzero(demanding).tolist(), DEMANDED)
    return told | dict.fromkeys(
        np.flatnonzero(whole.bits["disguised_pool"] >= PLAIN_BITS).tolist(), DISGUISED
    )


def _may_hold_one(number: int, group: Group, whole: Purpose) -> bool:
    """Whether a group is a pool of so many accounts, and not a plain harvest in which hardly anything continues a conversation."""
    if whole.probability()[number] >= CLEAR and whole.value("conversations", number) < FEW_IN_TALK:
        return False
    return len(group.accounts) >= LEAST_ACCOUNTS and control(group.cluster) >= POOL_CONTROL_BITS


def _frames(
    cluster: Cluster, holdings: Mapping[str, Holding], signals: Mapping[str, Signal]
) -> list[Carried]:
    return [
        Carried(said.signal, column, holdings[said.signal].keys[said.traits])
        for said in cluster.weighed.signals
        if said.signal in FRAMES and (column := signals[said.signal].column) is not None
    ]


def divide(
    groups: Sequence[Group],
    whole: Purpose,
    found: Mapping[int, Tenant],
    *,
    principal: Integers,
    requests: Sequence[int],
    measure: Measure,
    size: Size,
    everyone: int,
) -> tuple[list[Group], Purpose]:
    """The groups, with those pools divided that have a plain tenant, and what each group's traffic is for.

    `requests` are the exchanges of each group. A tenant takes the place of its pool; what is left of pools comes after all others.
    """
    unframed = [_is_unframed(n, whole, found, requests) for n in range(len(groups))]
    whole = whole.less(UNFRAMED_BITS * np.array(unframed, np.float64))
    others = {n: _left(groups[n], one, principal) for n, one in found.items()}
    many = {n: len(part.accounts) >= BYSTANDERS * len(groups[n].accounts) for n, part in others.items()}
    tried = [
        n
        for n, one in found.items()
        if many[n] or one.is_all or (whole.probability()[n] < CLEAR and len(one.rows) < MOSTLY * requests[n])
    ]
    if not tried:
        return list(groups), whole
    carrying = {
        n: _part(groups[n], one.parties, principal, None if one.is_all else one)
        for n, one in found.items()
        if n in tried
    }
    left = {n: others[n] for n in tried if len(others[n].accounts)}
    parts = [*carrying.values(), *left.values()]
    sizes = [size(part.cluster, part.parties(principal)) for part in parts]
    about = _of_parts(parts, measure(parts), whole, tried, sizes, everyone=everyone)
    taken, order = list(groups), list(range(len(groups)))
    at_left = {n: len(tried) + at for at, n in enumerate(left)}
    for at, n in enumerate(tried):
        serves = many[n] and about.is_pool_of_people(at_left[n])
        is_clear = about.probability()[at] >= CLEAR and (serves or whole.probability()[n] < CLEAR)
        if found[n].is_all or is_clear:
            taken[n], order[n] = carrying[n], len(groups) + at
            if n in left:
                taken.append(left[n])
                order.append(len(groups) + at_left[n])
    return taken, whole.joined(about).chosen(order)


def _is_unframed(number: int, whole: Purpose, found: Mapping[int, Tenant], requests: Sequence[int]) -> bool:
    carried = len(found[number].rows) if number in found else 0
    return bool(
        whole.is_pool_of_people(number)
        and all(whole.bits[name][number] <= 0 for name in HARVESTED)
        and not _is_told(whole, number)
        and carried < LEAST_TENANT * requests[number]
    )


def _part(group: Group, parties: Integers, principal: Integers, found: Tenant | None) -> Group:
    """Those accounts of a group that belong to some of its parties."""
    cluster, mine = group.cluster, np.isin(principal[group.accounts], parties)
    members = cluster.members[np.isin(cluster.members, parties)]
    return Group(replace(cluster, members=members), group.accounts[mine], found)


def _left(group: Group, one: Tenant, principal: Integers) -> Group:
    """The accounts of a pool that do not carry its tenant."""
    return _part(group, np.setdiff1d(group.parties(principal), one.parties), principal, None)


def _of_parts(
    parts: Sequence[Group],
    about: Mapping[str, pa.Table],
    whole: Purpose,
    numbers: Sequence[int],
    sizes: Sequence[float],
    *,
    everyone: int,
) -> Purpose:
    """What the traffic of tenants, and then of what is left of pools, is for; the first are of the pools `numbers`.

    How level the load is, is the pool's, where a tenant is one of many: it is balanced for all of them alike.
    """
    measured = {name: values(table, len(parts)) for name, table in about.items()}
    if "level_load" in measured:
        among = [at for at in range(len(numbers)) if parts[at].tenant is not None]
        measured["level_load"][among] = whole.measured["level_load"][[numbers[at] for at in among]]
    found = weighed(measured, [part.cluster for part in parts], sizes, everyone)
    over = np.sum([np.maximum(0.0, found.bits[name] - most) for name, most in MOST_BITS.items()], axis=0)
    over *= np.array([part.tenant is not None for part in parts])
    talk = np.array([found.is_pool_of_people(at) and not _is_told(found, at) for at in range(len(parts))])
    return found.less(UNFRAMED_BITS * talk - over)


def _is_told(whole: Purpose, number: int) -> bool:
    """Whether a cluster plainly has system prompts of its own that no relay of people has."""
    return any(whole.bits[name][number] >= PLAIN_BITS for name in TOLD)


def judged_rows(groups: Sequence[Group], rows_of: Callable[[Integers], Integers]) -> Integers:
    """Positions of the exchanges that those groups are judged by, in order."""
    return np.sort(np.concatenate([np.zeros(0, np.int64), *(group.rows(rows_of) for group in groups)]))
