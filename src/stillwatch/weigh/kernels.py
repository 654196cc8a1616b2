"""The loops of weighing, compiled: who holds what sets members apart, and what that says. Work grows with the entries touched."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

from stillwatch.weigh.bounds import ROUNDING, bounds_of, most_said
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
from stillwatch.weigh.table import (
    HALF_WEIGHT_REQUESTS,
    Bars,
    Floats,
    Int32s,
    Integers,
    Marks,
    Mask,
    Profile,
    Space,
    Table,
)

MEMO = 1024
"""Places of the memo of bits, a power of two."""
NAMED, MEMBER = 1 << 6, 1 << 7
"""Marks of principals asked for and of members; each lower bit is of a kind of witness."""


class Heard(NamedTuple):
    """What is said of the principals `rows`: bits of each run of the `profile` and of each witness, each with a row for it.

    `seen` is whether a run could be seen; `inside` and `outside` are the mean shares of requests of members and others.
    """

    profile: Profile
    rows: Integers
    bits: Floats
    seen: Mask
    spoken: Floats
    inside: Floats
    outside: Floats


class Carriers(NamedTuple):
    """Who holds any of each signal's traits, run by run: run r lies between ends[r] and ends[r + 1].

    `share` is the part of their requests that carries them.
    """

    who: Int32s
    share: Floats
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
    for member in members:
        space.marks[member] = MEMBER
    held, model = carriers(table, space, found, bars.least_share)
    for principal in also:
        space.marks[principal] |= NAMED
    most = loudest(model, witness, bars.witnesses, bars.requests, bars.for_bits)
    rows, inside, stays = worth_weighing(space.marks, most, bars.prior)
    share = carried(space, rows, held)
    if bars.joining:
        above_the_bar(table, found.signals, model, rows, share, witness, bars, stays)
        rows, inside, share = rows[stays], inside[stays], share[:, np.flatnonzero(stays)]
    bits, seen = community_bits(table, rows, inside, found.signals, model, share, bars.requests)
    spoken = testimony(bits, witness, bars.witnesses, bars.for_bits, bars.against_bits)
    return Heard(found, rows, bits, seen, spoken, model.inside, model.outside)


@nb.njit(cache=True, nogil=True)
def carriers(table: Table, space: Space, found: Profile, least_share: float) -> tuple[Carriers, Shares]:
    """Who holds any of each run's traits, and how members and outsiders share them; members are marked.

    Who carries a run in `least_share` of the requests is marked with its witness.
    """
    entries, runs = 0, len(found.signals)
    for trait in found.traits:
        entries += table.trait_start[trait + 1] - table.trait_start[trait]
    held = Carriers(np.empty(entries, np.int32), np.empty(entries), np.zeros(runs + 1, np.int64))
    model = Shares(np.empty(runs), np.empty(runs), np.empty(runs), np.empty(runs), np.empty(runs))
    for run in range(runs):
        support, total = table.support[found.signals[run]], found.inner[run]
        others = max(0.0, table.total_weight[found.signals[run]] - total)
        first, mark = held.ends[run], 1 << table.witness[found.signals[run]]
        count = requests_carried(table, space, found, run, held.who[first:])
        held.ends[run + 1] = first + count
        who, share = held.who[first : first + count], held.share[first : first + count]
        inner, outer = shares_of(space, support, who, share, mark, least_share)
        model.weight[run] = total
        model.inside[run], model.concentration[run] = moments(inner[0], inner[1], total, 0.05)
        model.outside[run], model.outer_concentration[run] = moments(outer[0], outer[1], others, 0.5)
    return held, model


@nb.njit(cache=True, nogil=True)
def requests_carried(table: Table, space: Space, found: Profile, run: int, who: Int32s) -> int:
    """How many hold any of a run's traits: `who`, and in `space.by_principal` in how many requests, by a trait's weight.

    Who was met before is written and then overwritten, so that nothing need be foreseen. Indices are without a sign,
    which spares a look at whether they count from the end.
    """
    count = np.uint64(0)
    for i in range(found.starts[run], found.starts[run + 1]):
        trait, weight = found.traits[i], found.weight[i]
        for at in range(np.uint64(table.trait_start[trait]), np.uint64(table.trait_start[trait + 1])):
            principal = np.uint32(table.trait_row[at])
            before = space.by_principal[principal]
            who[count] = principal
            count += np.uint64(before == 0.0)
            space.by_principal[principal] = before + table.trait_requests[at] * weight
    return int(count)


@nb.njit(cache=True, nogil=True)
def shares_of(
    space: Space, support: Int32s, who: Int32s, share: Floats, mark: int, least_share: float
) -> tuple[Floats, Floats]:
    """Fill in which `share` of their requests carries a run; members' and outsiders' shares, and how much their requests say.

    Both are written for everybody, and overwritten by the next of a kind.
    """
    inner, outer = np.empty((2, len(who) + 1)), np.empty((2, len(who) + 1))
    members, others, both = np.uint64(0), np.uint64(0), (np.uint8(0), np.uint8(mark))
    for i in range(np.uint64(len(who))):
        principal = np.uint32(who[i])
        asked = float(support[principal])
        part = min(1.0, space.by_principal[principal] / max(1.0, asked))
        space.by_principal[principal] = 0.0
        before = space.marks[principal]
        space.marks[principal] = before | both[np.uint8(part >= least_share)]
        share[i] = part
        inner[0, members] = outer[0, others] = part
        inner[1, members] = outer[1, others] = asked / (asked + HALF_WEIGHT_REQUESTS)
        is_member = np.uint64(before >= MEMBER)
        members += is_member
        others += np.uint64(1) - is_member
    return inner[:, :members], outer[:, :others]


@nb.njit(cache=True, nogil=True)
def signal_bits(
    support: Int32s, model: Shares, run: int, inside: Mask, rows: Integers, share: Floats, most: int,
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
    """The part of the requests of `rows` that carries each run of traits; (runs, rows).

    What is not of these rows is written before the first, which spares a branch.
    """
    share = np.zeros((len(held.ends) - 1, 1 + len(rows)))
    for r in range(len(rows)):
        space.position[rows[r]] = 1 + r
    for run in range(len(share)):
        for i in range(np.uint64(held.ends[run]), np.uint64(held.ends[run + 1])):
            share[run, np.uint32(space.position[np.uint32(held.who[i])])] = held.share[i]
    for row in rows:
        space.position[row] = 0
    return share[:, 1:]


@nb.njit(cache=True, nogil=True)
def above_the_bar(
    table: Table, signals: Integers, model: Shares, rows: Integers, share: Floats, witness: Integers, bars: Bars,
    stays: Mask,
) -> None:  # fmt: skip
    """Of those rows that do not stay in any case, let those stay whose bits may be more than the prior asks for."""
    others = np.flatnonzero(~stays)
    who, most = rows[others], np.empty((len(signals), len(others)))
    for run in range(len(signals)):
        bounds, part = bounds_of(model, run, bars.requests), share[run]
        most[run] = most_said(bounds, table.support[signals[run]], who, part[others])
    spoken = testimony(most, witness, bars.witnesses, bars.for_bits, bars.against_bits)
    for r in range(len(others)):
        stays[others[r]] = np.sum(spoken[:, r]) > bars.prior - ROUNDING


@nb.njit(cache=True, nogil=True)
def community_bits(
    table: Table, rows: Integers, inside: Mask, signals: Integers, model: Shares, share: Floats, most: int
) -> tuple[Floats, Mask]:
    """Bits of each run of carriers for `rows`, of whom `share` carries it, and whether they could be seen to; both (runs, rows)."""
    bits, seen = np.empty((len(signals), len(rows))), np.empty((len(signals), len(rows)), np.bool_)
    for run in range(len(signals)):
        support = table.support[signals[run]]
        bits[run] = signal_bits(support, model, run, inside, rows, share[run], most)
        for r in range(len(rows)):
            seen[run, r] = support[rows[r]] > 0
    return bits, seen


@nb.njit(cache=True, nogil=True)
def worth_weighing(marks: Marks, loudest: Floats, bar: float) -> tuple[Integers, Mask, Mask]:
    """Members, those asked for, and whoever two witnesses or more can together say more bits for than the bar; in order.

    Of each whether it is a member, and whether it is either of the first two. `loudest` is what each witness can say
    at most. Eight marks are looked at together, since most are of nobody; all are taken away.
    """
    weighs = np.zeros(256, np.bool_)
    for mark in range(len(weighs)):
        heard = mark & (NAMED - 1)
        together = 0.0
        for kind in range(len(loudest)):
            if heard >> kind & 1:
                together += loudest[kind]
        weighs[mark] = mark >= NAMED or (heard & (heard - 1) > 0 and together > bar)
    found, rows = 0, np.empty(np.count_nonzero(marks), np.int64)
    inside, stays = np.empty(len(rows), np.bool_), np.empty(len(rows), np.bool_)
    eights = marks.view(np.uint64)
    for eight in range(len(eights)):
        if eights[eight] == 0:
            continue
        for principal in range(8 * eight, 8 * eight + 8):
            mark = marks[principal]
            if weighs[mark]:
                rows[found], inside[found], stays[found] = principal, mark >= MEMBER, mark >= NAMED
                found += 1
        eights[eight] = 0
    return rows[:found], inside[:found], stays[:found]


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
def entries_of(table: Table, members: Integers) -> int:
    """How many traits the members hold, one after the other."""
    entries = 0
    for member in members:
        entries += table.row_start[member + 1] - table.row_start[member]
    return entries


@nb.njit(cache=True, nogil=True)
def part_of(
    table: Table, space: Space, members: Integers, traits: Integers, entries: tuple[Int32s, Floats]
) -> tuple[Integers, Integers]:
    """Write the members' entries among those traits as compressed rows: places among `traits`, and shares of requests.

    Where each row starts, and how many of the members hold each trait. There is room for all that the members hold: each
    entry is written down, and overwritten by the next if it is of another trait, which spares a branch. Of those that are
    left, far fewer, the share is told then.
    """
    columns, share = entries
    starts, held = np.zeros(len(members) + 1, np.int64), np.zeros(len(traits), np.int64)
    signal = table.signal[traits]
    for i in range(len(traits)):
        space.column[traits[i]] = i + 1
    found = np.uint64(0)
    for i in range(len(members)):
        member, first = members[i], found
        for at in range(np.uint64(table.row_start[member]), np.uint64(table.row_start[member + 1])):
            place = np.uint32(space.column[np.uint32(table.row_trait[at])])
            columns[found], share[found] = np.int32(place) - 1, table.row_presence[at]
            found += np.uint64(place > 0)
        for at in range(first, found):
            column = np.uint32(columns[at])
            support = float(table.support[np.uint32(signal[column]), member])
            share[at] = share[at] * (support + HALF_WEIGHT_REQUESTS) / max(support, 1.0)
            held[column] += 1
        starts[i + 1] = found
    for trait in traits:
        space.column[trait] = 0
    return starts, held


@nb.njit(cache=True, nogil=True)
def multiply(share: Floats, columns: Int32s, by: Floats) -> None:
    """Multiply each entry by what its column is multiplied by."""
    for at in range(np.uint64(len(columns))):
        share[at] *= by[np.uint32(columns[at])]
