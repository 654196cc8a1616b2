"""The loops of weighing, compiled: who holds what sets members apart, and what that says. Work grows with the entries touched."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.weigh.bounds import ROUNDING, most_said
from stillwatch.weigh.likelihood import (
    LOG2,
    Shares,
    at_rest,
    likelihood_ratio,
    loudest,
    moments,
    parameters,
    spread,
)
from stillwatch.weigh.profile import profile
from stillwatch.weigh.table import HALF_WEIGHT_REQUESTS, Bars, Floats, Int32s, Integers, Profile, Space, Table

MEMO = 1024
"""Places of the memo of bits, a power of two."""


class Heard(NamedTuple):
    """What is said of the principals `rows`: bits of each run of the `profile` and of each witness, each with a row for it.

    `seen` is whether a run could be seen; `inside` and `outside` are the mean shares of requests of members and others.
    """

    profile: Profile
    rows: Integers
    bits: Floats
    seen: npt.NDArray[np.bool_]
    spoken: Floats
    inside: Floats
    outside: Floats


class Carriers(NamedTuple):
    """Who holds any of each signal's traits, run by run: run r lies between ends[r] and ends[r + 1].

    `share` is the part of their requests that carries them, `weight` how much their requests say: n / (n + 4) for n.
    """

    who: Int32s
    share: Floats
    weight: Floats
    ends: Integers


@nb.njit(cache=True, nogil=True)
def heard(table: Table, space: Space, members: Integers, also: Integers, bars: Bars) -> Heard:
    """What the members' profile says of them, of those `also` to be weighed, and of who else carries it.

    Nobody is weighed where fewer witnesses speak than are asked for, and of others perhaps only those who may join.
    """
    found = profile(table, space, members, bars)
    witness = table.witness[found.signals]
    if len(np.unique(witness)) < bars.speaking:
        nobody, unheard = members[:0], np.zeros((len(witness), 0))
        unknown, unspoken = np.zeros(len(witness)), np.zeros((bars.witnesses, 0))
        return Heard(found, nobody, unheard, unheard > 0.0, unspoken, unknown, unknown)
    held = carriers(table, space, found.traits, found.weight, found.starts)
    model = share_models(table, space, members, found.signals, held)
    most = loudest(model, witness, bars.witnesses, bars.requests, bars.for_bits)
    rows = worth_weighing(space, members, held, bars.least_share, also, witness, most, bars.prior)
    share = carried(space, rows, held)
    if bars.joining:
        stays = named_among(space, rows, members, also)
        above_the_bar(table, found.signals, model, rows, share, witness, bars, stays)
        rows, share = rows[stays], columns_of(share, stays)
    bits, seen = community_bits(table, space, members, rows, found.signals, model, share, bars.requests)
    spoken = testimony(bits, witness, bars.witnesses, bars.for_bits, bars.against_bits)
    return Heard(found, rows, bits, seen, spoken, model.inside, model.outside)


@nb.njit(cache=True, nogil=True)
def carriers(table: Table, space: Space, traits: Integers, weight: Floats, starts: Integers) -> Carriers:
    """Who holds any of each signal's traits; `starts` are the signals' runs among the traits.

    A trait's requests count by its weight. Who was met before is written and then overwritten, so that nothing need be foreseen.
    """
    entries = 0
    for trait in traits:
        entries += table.trait_start[trait + 1] - table.trait_start[trait]
    who, share, said = np.empty(entries, np.int32), np.empty(entries), np.empty(entries)
    ends = np.zeros(len(starts), np.int64)
    found = 0
    for run in range(len(starts) - 1):
        for i in range(starts[run], starts[run + 1]):
            for at in range(table.trait_start[traits[i]], table.trait_start[traits[i] + 1]):
                principal = table.trait_row[at]
                before = space.by_principal[principal]
                who[found] = principal
                found += before == 0.0
                space.by_principal[principal] = before + table.trait_requests[at] * weight[i]
        support = table.support[table.signal[traits[starts[run]]]]
        for i in range(ends[run], found):
            asked = support[who[i]]
            share[i] = min(1.0, space.by_principal[who[i]] / max(1.0, float(asked)))
            said[i] = asked / (asked + HALF_WEIGHT_REQUESTS)
            space.by_principal[who[i]] = 0.0
        ends[run + 1] = found
    return Carriers(who[:found], share[:found], said[:found], ends)


@nb.njit(cache=True, nogil=True)
def share_models(table: Table, space: Space, members: Integers, signals: Integers, held: Carriers) -> Shares:
    """How members and outsiders share each run of carriers."""
    for i in range(len(members)):
        space.position[members[i]] = i + 1
    runs = len(signals)
    model = Shares(np.empty(runs), np.empty(runs), np.empty(runs), np.empty(runs), np.empty(runs))
    longest = np.max(np.diff(held.ends)) if runs else 0
    share, weight = np.empty((2, longest + 1)), np.empty((2, longest + 1))
    for run in range(runs):
        support, total = table.support[signals[run]], 0.0
        for member in members:
            total += support[member] / (support[member] + HALF_WEIGHT_REQUESTS)
        inner, outer = 0, 0
        for i in range(held.ends[run], held.ends[run + 1]):
            is_inside = space.position[held.who[i]] > 0
            share[0, inner], weight[0, inner] = held.share[i], held.weight[i]
            share[1, outer], weight[1, outer] = held.share[i], held.weight[i]
            inner += is_inside
            outer += not is_inside
        others = max(0.0, table.total_weight[signals[run]] - total)
        model.weight[run] = total
        model.inside[run], model.concentration[run] = moments(
            share[0, :inner], weight[0, :inner], total, 0.05
        )
        model.outside[run], model.outer_concentration[run] = moments(
            share[1, :outer], weight[1, :outer], others, 0.5
        )
    for member in members:
        space.position[member] = 0
    return model


@nb.njit(cache=True, nogil=True)
def signal_bits(
    support: Int32s, model: Shares, run: int, inside: npt.NDArray[np.bool_], rows: Integers, share: Floats, most: int,
) -> Floats:  # fmt: skip
    """One signal's bits for `rows`, of whom `share` is what they carry; a member is weighed without itself.

    Many have as many requests and carry as much as somebody before them, whose bits a memo holds.
    """
    everybody, outer = parameters(model, run)
    total, inner, width = model.weight[run], model.inside[run], model.concentration[run]
    common = spread(most, width) - spread(most, model.outer_concentration[run])
    known_by, known_share, known = np.full(MEMO, -1), np.empty(MEMO), np.empty(MEMO)
    bits = np.empty(len(rows))
    for r in range(len(rows)):
        held = support[rows[r]] if inside[r] else min(support[rows[r]], most)
        by = 2 * held + inside[r]
        at = (by + int(share[r] * 1000.0)) & (MEMO - 1)
        if known_by[at] != by or known_share[at] != share[r]:
            n = min(held, most)
            k = share[r] * n
            mine = everybody
            if inside[r]:
                own = held / (held + HALF_WEIGHT_REQUESTS)
                mean = (inner * (total + 0.1) - own * share[r]) / max(total + 0.1 - own, 0.05)
                mean = min(max(mean, 1e-4), 1 - 1e-4)
                mine = (at_rest(mean * width), at_rest((1 - mean) * width))
            ratio = likelihood_ratio(k, n, mine, outer)
            known_by[at], known_share[at], known[at] = by, share[r], (common[n] + ratio) / LOG2
        bits[r] = known[at]
    return bits


@nb.njit(cache=True, nogil=True)
def carried(space: Space, rows: Integers, held: Carriers) -> Floats:
    """The part of the requests of `rows` that carries each run of traits; (runs, rows)."""
    share = np.zeros((len(held.ends) - 1, len(rows)))
    for r in range(len(rows)):
        space.position[rows[r]] = r + 1
    for run in range(len(share)):
        for i in range(held.ends[run], held.ends[run + 1]):
            position = space.position[held.who[i]]
            if position > 0:
                share[run, position - 1] = held.share[i]
    for row in rows:
        space.position[row] = 0
    return share


@nb.njit(cache=True, nogil=True)
def named_among(space: Space, rows: Integers, members: Integers, also: Integers) -> npt.NDArray[np.bool_]:
    """Which of the rows are members, or asked for."""
    for named in (members, also):
        for principal in named:
            space.position[principal] = 1
    is_named = space.position[rows] > 0
    for named in (members, also):
        for principal in named:
            space.position[principal] = 0
    return is_named


@nb.njit(cache=True, nogil=True)
def above_the_bar(
    table: Table, signals: Integers, model: Shares, rows: Integers, share: Floats, witness: Integers, bars: Bars,
    stays: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Of those rows that do not stay in any case, let those stay whose bits may be more than the prior asks for."""
    others = np.flatnonzero(~stays)
    most = np.empty((len(signals), len(others)))
    for run in range(len(signals)):
        support = table.support[signals[run]][rows[others]]
        most[run] = most_said(support, model, run, share[run][others], bars.requests)
    spoken = testimony(most, witness, bars.witnesses, bars.for_bits, bars.against_bits)
    for r in range(len(others)):
        stays[others[r]] = np.sum(spoken[:, r]) > bars.prior - ROUNDING


@nb.njit(cache=True, nogil=True)
def columns_of(share: Floats, stays: npt.NDArray[np.bool_]) -> Floats:
    """Some of the columns."""
    return share[:, np.flatnonzero(stays)]


@nb.njit(cache=True, nogil=True)
def community_bits(
    table: Table, space: Space, members: Integers, rows: Integers, signals: Integers, model: Shares, share: Floats,
    most: int,
) -> tuple[Floats, npt.NDArray[np.bool_]]:  # fmt: skip
    """Bits of each run of carriers for `rows`, of whom `share` is what they carry, and whether they could be seen to carry it; both (runs, rows)."""
    inside = named_among(space, rows, members, members[:0])
    bits, seen = np.empty((len(signals), len(rows))), np.empty((len(signals), len(rows)), np.bool_)
    for run in range(len(signals)):
        support = table.support[signals[run]]
        bits[run] = signal_bits(support, model, run, inside, rows, share[run], most)
        for r in range(len(rows)):
            seen[run, r] = support[rows[r]] > 0
    return bits, seen


@nb.njit(cache=True, nogil=True)
def worth_weighing(
    space: Space, members: Integers, held: Carriers, least_share: float, also: Integers, witness: Integers, loudest: Floats,
    bar: float,
) -> Integers:  # fmt: skip
    """Members, those `also` asked for, and whoever two witnesses or more can together say more bits for than the bar; in order.

    Carriers count from `least_share` on. `witness` is each run's, `loudest` what each witness can say at most.
    """
    who, share = held.who, held.share
    rows = np.empty(len(members) + len(also) + len(who), np.int64)
    found = 0
    for named in (members, also):
        for principal in named:
            if space.position[principal] == 0:
                space.position[principal] = 1
                rows[found] = principal
                found += 1
    together = np.zeros(1 << len(loudest))
    for heard in range(len(together)):
        for kind in range(len(loudest)):
            if heard >> kind & 1:
                together[heard] += loudest[kind]
    for run in range(len(witness)):
        for i in range(held.ends[run], held.ends[run + 1]):
            if share[i] < least_share:
                continue
            space.voices[who[i]] |= 1 << witness[run]
            heard = space.voices[who[i]]
            if heard & (heard - 1) and together[heard] > bar and space.position[who[i]] == 0:
                space.position[who[i]] = 1
                rows[found] = who[i]
                found += 1
    for principal in who:
        space.voices[principal] = 0
    for principal in rows[:found]:
        space.position[principal] = 0
    return np.sort(rows[:found])


@nb.njit(cache=True, nogil=True)
def testimony(bits: Floats, witness: Integers, kinds: int, for_bits: float, against_bits: float) -> Floats:
    """What each of so many kinds of witness says, shape (kinds, rows): its strongest bits for plus its strongest against."""
    said_for, against = np.zeros((kinds, bits.shape[1])), np.zeros((kinds, bits.shape[1]))
    for run in range(len(bits)):
        kind = witness[run]
        for r in range(bits.shape[1]):
            said_for[kind, r] = max(said_for[kind, r], min(bits[run, r], for_bits))
            against[kind, r] = min(against[kind, r], max(bits[run, r], -against_bits))
    return said_for + against


@nb.njit(cache=True, nogil=True)
def part_of(
    table: Table, space: Space, members: Integers, traits: Integers
) -> tuple[Integers, Int32s, Floats]:
    """The members' entries among those traits, in compressed rows: starts, places among `traits`, shares of requests."""
    starts = np.zeros(len(members) + 1, np.int64)
    for column in range(len(traits)):
        space.held[traits[column]] = column + 1
    for i in range(len(members)):
        starts[i + 1] = starts[i]
        for at in range(table.row_start[members[i]], table.row_start[members[i] + 1]):
            starts[i + 1] += space.held[table.row_trait[at]] > 0
    columns, share = np.empty(starts[-1], np.int32), np.empty(starts[-1])
    found = 0
    for member in members:
        for at in range(table.row_start[member], table.row_start[member + 1]):
            trait = table.row_trait[at]
            if space.held[trait] > 0:
                support = float(table.support[table.signal[trait], member])
                columns[found] = space.held[trait] - 1
                share[found] = table.row_presence[at] * (support + HALF_WEIGHT_REQUESTS) / max(support, 1.0)
                found += 1
    for trait in traits:
        space.held[trait] = 0
    return starts, columns, share
