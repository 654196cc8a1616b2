"""The profile of a community, compiled: which traits set its members apart."""

from __future__ import annotations

from math import ceil, log

import numba as nb
import numpy as np

from stillwatch.weigh.likelihood import log_tail
from stillwatch.weigh.table import HALF_WEIGHT_REQUESTS, Bars, Floats, Integers, Profile, Space, Table

TYPICAL_FROM = 0.5
LOG10 = log(10.0)
LOOKED_FOR = np.iinfo(np.uint16).max
"""A number of holders that no sample of members reaches."""
CLEARLY = 1e-9
"""More than a bound is rounded by."""


@nb.njit(cache=True, nogil=True)
def member_weight(table: Table, members: Integers, traits: Integers) -> Floats:
    """How much the members' requests say in each signal of these traits, summed: n / (n + 4) for n requests."""
    weight, asked = np.zeros(len(table.support)), np.zeros(len(table.support), np.bool_)
    for trait in traits:
        asked[table.signal[trait]] = True
    for signal in np.flatnonzero(asked):
        for member in members:
            support = table.support[signal, member]
            weight[signal] += support / (support + HALF_WEIGHT_REQUESTS)
    return weight


@nb.njit(cache=True, nogil=True)
def most_shared(table: Table, members: Integers, step: int, enough: int) -> int:
    """How many traits every step-th member can at most share with `enough` of them."""
    entries = 0
    for i in range(0, len(members), step):
        entries += table.row_start[members[i] + 1] - table.row_start[members[i]]
    return entries // enough


@nb.njit(cache=True, nogil=True)
def shared_traits(table: Table, space: Space, members: Integers, step: int, enough: int) -> Integers:
    """Traits that so many of every step-th member hold, in order; how many hold any trait is left in `space.held`.

    A trait is written down each time, and overwritten by the next unless it has just become shared.
    """
    shared = np.empty(most_shared(table, members, step, enough) + 1, np.int64)
    found = np.uint64(0)
    for i in range(0, len(members), step):
        first, end = table.row_start[members[i]], table.row_start[members[i] + 1]
        for at in range(np.uint64(first), np.uint64(end)):
            trait = np.uint32(table.row_trait[at])
            held = space.held[trait] + np.uint16(1)
            space.held[trait] = held
            shared[found] = trait
            found += np.uint64(held == enough)
    return np.sort(shared[:found])


@nb.njit(cache=True, nogil=True)
def presence_among(table: Table, space: Space, members: Integers, step: int, traits: Integers) -> Floats:
    """What those traits make of the requests of every step-th member, summed; `space.held` is zero again after it."""
    presence = np.zeros(len(traits))
    for column in range(len(traits)):
        space.held[traits[column]], space.column[traits[column]] = LOOKED_FOR, column
    for i in range(0, len(members), step):
        first, end = table.row_start[members[i]], table.row_start[members[i] + 1]
        for at in range(np.uint64(first), np.uint64(end)):
            trait = np.uint32(table.row_trait[at])
            if space.held[trait] == LOOKED_FOR:
                presence[np.uint32(space.column[trait])] += table.row_presence[at]
            else:
                space.held[trait] = 0
    for trait in traits:
        space.held[trait] = space.column[trait] = 0
    return presence


@nb.njit(cache=True, nogil=True)
def is_beyond_chance(count: float, rate: float, log_chance: float) -> bool:
    """Whether a Poisson variable of this rate reaches `count` with less than that chance; Chernoff's bound mostly tells."""
    if count <= rate:
        return False
    if count - rate + count * log(rate / count) < log_chance - CLEARLY:
        return True
    return log_tail(count, rate) < log_chance


@nb.njit(cache=True, nogil=True)
def kinds_among(table: Table, traits: Integers) -> int:
    """How many kinds of witness speak through these traits."""
    kinds, found = 0, 0
    for trait in traits:
        kinds |= 1 << table.witness[table.signal[trait]]
    while kinds:
        kinds &= kinds - 1
        found += 1
    return found


@nb.njit(cache=True, nogil=True)
def traits_beyond_chance(
    table: Table, space: Space, members: Integers, bars: Bars, step: int
) -> tuple[Integers, Floats, Floats]:
    """Traits that members hold beyond chance, lift and coverage, in order; with each its holders among them, and those expected.

    Chance is that of what was counted, of every `step`-th member. Of fewer kinds of witness than have to speak, none.
    """
    size, everyone = len(members), len(space.position)
    enough = ceil(max(float(bars.fewest), min(bars.coverage * size, float(bars.many))) / step)
    traits = shared_traits(table, space, members, step, max(enough, bars.fewest))
    held, rate = np.empty(len(traits)), np.empty(len(traits))
    log_chance, found = log(bars.chance), 0
    for trait in traits:
        holders = table.trait_start[trait + 1] - table.trait_start[trait]
        inside = min(float(space.held[trait]) * step, float(holders))
        expected = size * (holders - inside + 1.0) / max(1, everyone - size)
        counted = inside / step
        if inside >= bars.lift * expected and is_beyond_chance(counted, expected / step, log_chance):
            traits[found], held[found], rate[found] = trait, inside, expected
            found += 1
    if kinds_among(table, traits[:found]) < bars.speaking:
        found = 0
    return traits[:found], held[:found], rate[:found]


@nb.njit(cache=True, nogil=True)
def profile_traits(
    table: Table, space: Space, members: Integers, bars: Bars
) -> tuple[Integers, Floats, Floats, Floats, Floats]:
    """Traits that members hold, and carry in their requests, beyond chance, lift and coverage; in order.

    A large operation spreads over so many exits and cards that none covers its part of the members: many holders are enough.
    Where the profile is read from some of the members, chance is that of what was counted.

    With each: holders among members, their presence, and the holders expected at the outsiders' rate (`rate`). That many
    hold a popular prompt says only that they ask much; that it is a larger part of what they ask says more.
    Last, how much the members' requests say in each signal that has any.
    """
    step = -(-len(members) // bars.sampled)
    traits, held, rate = traits_beyond_chance(table, space, members, bars, step)
    presence = presence_among(table, space, members, step, traits)
    if not len(traits):
        return traits, held, presence, rate, np.zeros(0)
    inner, kept = member_weight(table, members, traits), 0
    for i in range(len(traits)):
        signal, everywhere = table.signal[traits[i]], table.presence[traits[i]]
        carried = min(presence[i] * step, everywhere)
        outer = max(table.total_weight[signal] - inner[signal], 1.0)
        if carried >= bars.lift * inner[signal] * (everywhere - carried) / outer:
            traits[kept], held[kept], rate[kept], presence[kept] = traits[i], held[i], rate[i], carried
            kept += 1
    return traits[:kept], held[:kept], presence[:kept], rate[:kept], inner


@nb.njit(cache=True, nogil=True)
def profile(table: Table, space: Space, members: Integers, bars: Bars) -> Profile:
    """What sets a community apart: traits whose holders among members exceed chance, lift and coverage.

    Chance is a Poisson tail at the outsiders' rate. A trait counts in full if it is as widely held as the trait of a
    typical request of its signal, and less at the fringe: without that a cluster drifts, as a few accounts bring
    traits of their own clique, which bring in the clique.
    """
    traits, held, presence, expected, inner = profile_traits(table, space, members, bars)
    starts, runs = np.empty(len(traits) + 1, np.int64), 0
    for i in range(len(traits)):
        if i == 0 or table.signal[traits[i]] != table.signal[traits[i - 1]]:
            starts[runs] = i
            runs += 1
    starts[runs] = len(traits)
    signals, chance, weight = np.empty(runs, np.int64), np.empty(runs), np.empty(len(traits))
    for run in range(runs):
        signals[run] = table.signal[traits[starts[run]]]
        least, carried, typical = np.inf, 0.0, 0.0
        for i in range(starts[run], starts[run + 1]):
            least = min(least, held[i] - expected[i] - held[i] * log(held[i] / expected[i]))
            carried += presence[i]
            typical += presence[i] * (held[i] / len(members))
        chance[run] = min(0.0, (least + log(float(table.traits[signals[run]]))) / LOG10)
        bar = TYPICAL_FROM * (typical / carried)
        for i in range(starts[run], starts[run + 1]):
            weight[i] = min(1.0, held[i] / len(members) / bar)
    return Profile(traits, weight, starts[: runs + 1], signals, chance, inner[signals])
