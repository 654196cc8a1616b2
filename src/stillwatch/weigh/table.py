"""What the compiled loops of weighing work on: all holdings side by side, and the space that they need."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.weigh.incidence import Incidence

Int32s = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Narrow = npt.NDArray[np.float32]
Counts = npt.NDArray[np.uint16]
Marks = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

HALF_WEIGHT_REQUESTS = 4.0


class Table(NamedTuple):
    """All signals of N principals side by side; trait numbers run on from signal to signal.

    Entries by principal and by trait: starts (length N + 1, traits + 1) and the other end. An entry has the requests
    that carry the trait and its presence, requests / (support + 4): the share of the principal's requests, weighed
    by how much that says. `presence` is the sum for each trait. `signal` has each trait's signal, `traits` the
    traits of each signal. `support` (signals, N) and `total_weight` (signals) are those of `Holding`, `witness`
    numbers each signal's witness.
    """

    row_start: Integers
    row_trait: Int32s
    row_presence: Narrow
    trait_start: Integers
    trait_row: Int32s
    trait_requests: Narrow
    presence: Floats
    signal: Int32s
    traits: Integers
    support: Int32s
    total_weight: Floats
    witness: Integers


class Space(NamedTuple):
    """Scratch space, zero before and after each call: two numbers for each trait, three for each principal.

    `marks` has room for a multiple of eight, so that eight are looked at together.
    """

    held: Counts
    column: Int32s
    by_principal: Floats
    marks: Marks
    position: Int32s


class Bars(NamedTuple):
    """What a trait must show to enter a profile, and how much is said of a principal, as in `WeighSettings`.

    `prior` is what membership takes. A carrier counts from `least_share` of its requests on; `witnesses` is how many
    kinds there are, and `speaking` how many of them must speak for anybody to be weighed. `joining` leaves out others
    whose bits cannot be more than the prior.
    """

    chance: float
    lift: float
    coverage: float
    many: int
    fewest: int
    sampled: int
    prior: float
    least_share: float
    requests: int
    witnesses: int
    speaking: int
    joining: bool
    for_bits: float
    against_bits: float


class Profile(NamedTuple):
    """What sets a community apart: traits of all signals in order, their weights, and each signal's run of them.

    Run r holds the traits from starts[r] up to starts[r + 1], which are of signals[r]. `log10_chance` bounds, run by
    run, the chance of the most striking trait, times the traits tried. `inner` is how much the members' requests say.
    """

    traits: Integers
    weight: Floats
    starts: Integers
    signals: Integers
    log10_chance: Floats
    inner: Floats


@nb.njit(cache=True, nogil=True)
def by_principal(held: Incidence, signal: Int32s, support: Int32s) -> tuple[Integers, Int32s, Narrow, Floats]:
    """Entries by principal from those by trait: starts, traits and presences; and the sum of each trait's presences."""
    starts = np.zeros(held.width + 1, np.int64)
    for principal in held.others:
        starts[principal + 1] += 1
    starts = np.cumsum(starts)
    free, sums = starts.copy(), np.zeros(len(signal))
    traits, presences = np.empty(len(held.others), np.int32), np.empty(len(held.others), np.float32)
    for trait in range(len(signal)):
        asked, total = support[signal[trait]], 0.0
        for at in range(np.uint64(held.starts[trait]), np.uint64(held.starts[trait + 1])):
            principal = np.uint32(held.others[at])
            presence = held.values[at] / (asked[principal] + HALF_WEIGHT_REQUESTS)
            total += presence
            to = np.uint64(free[principal])
            traits[to], presences[to] = trait, presence
            free[principal] = to + np.uint64(1)
        sums[trait] = total
    return starts, traits, presences, sums


@nb.njit(cache=True, nogil=True)
def rows_without(table: Table, left_out: Mask) -> tuple[Integers, Int32s, Narrow]:
    """Entries by principal without those of some traits: each is written, and overwritten by the next if it is left out."""
    starts, found = np.zeros(len(table.row_start), np.int64), np.uint64(0)
    traits, presences = np.empty_like(table.row_trait), np.empty_like(table.row_presence)
    for principal in range(len(starts) - 1):
        for at in range(np.uint64(table.row_start[principal]), np.uint64(table.row_start[principal + 1])):
            trait = np.uint32(table.row_trait[at])
            traits[found], presences[found] = trait, table.row_presence[at]
            found += np.uint64(not left_out[trait])
        starts[principal + 1] = found
    return starts, traits[:found], presences[:found]
