"""Bits of evidence that a principal belongs to a community, signal by signal.

A community's profile is the set of traits that its members hold far more often than everybody else does. What
counts for a principal is how many of its requests carry the profile (k of n), compared under two beta-binomial
models: that of the members without the principal itself, and that of all principals outside (leave-community-out).
An address, a card or a sign-up batch is a trait with n = 1.

Source: Fellegi and Sunter (1969) with term frequencies; leave-community-out and request counts after measurements
described in docs/explanation/how-finding-works.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betaln, gammainc

from stillwatch.errors import SettingsError
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.holding import Floats, Holding, Integers, Mask
from stillwatch.weigh.kernels import holders_of, tally

FEWEST_HOLDERS = 4
LOOSEST, TIGHTEST = 0.3, 8.0
TYPICAL_FROM = 0.5
LEAST_SHARE = 0.05
SAMPLED_MEMBERS = 1200
"""The profile of a larger community is read from every k-th member."""


@dataclass(frozen=True)
class WeighSettings:
    """How measurements become bits.

    chance: a trait enters a profile if its excess among members would arise by chance with this probability.
    lift: and if members hold it this many times as often as outsiders. coverage: and if this share of the
    members holds it. requests: an account's requests are not independent; more than this many count as this many.
    against_bits, for_bits: the most that one witness can say against or for membership.
    """

    chance: float = 1e-6
    lift: float = 8.0
    coverage: float = 0.05
    requests: int = 20
    against_bits: float = 20.0
    for_bits: float = 8.0

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        if not 0 < self.chance < 1 or not 0 <= self.coverage < 1:
            raise SettingsError(
                f"weigh.chance is {self.chance} and weigh.coverage {self.coverage}; give numbers between 0 and 1"
            )
        if self.requests < 1 or self.against_bits < 0 or self.for_bits <= 0 or self.lift < 1:
            raise SettingsError(
                f"weigh.requests is {self.requests}, weigh.lift {self.lift}, weigh.for_bits {self.for_bits} and "
                f"weigh.against_bits {self.against_bits}; give at least 1, at least 1, more than 0 and at least 0"
            )


@dataclass(frozen=True, eq=False)
class Profile:
    """What sets a community apart in one signal.

    `traits` are columns of the holding; `carried` has, for each of the principals `touched`, the requests that
    carry any of them. `log10_chance` bounds the chance of the most striking trait, times the traits tried.
    """

    holding: Holding
    traits: Integers
    touched: Integers
    carried: Floats
    log10_chance: float


@dataclass(frozen=True, eq=False)
class SignalBits:
    """What one signal says of the principals `rows` of its community's `Weighed`: bits, 0 where it saw nothing."""

    signal: str
    family: str
    bits: Floats
    seen: Mask
    traits: Integers
    share_inside: float
    share_outside: float
    log10_chance: float


def profile(holding: Holding, inside: Mask, members: Integers, settings: WeighSettings) -> Profile | None:
    """Traits whose holders among members exceed chance (a Poisson tail at the outsiders' rate), lift and coverage."""
    size, everyone = len(members), len(inside)
    step = -(-size // SAMPLED_MEMBERS)
    least = max(FEWEST_HOLDERS, settings.coverage * size) / step
    matrix, scratch = holding.counts, holding.scratch
    candidate, held, carried_inside = tally(
        matrix.indptr, matrix.indices, matrix.data, members[::step], least, scratch.held, scratch.carried
    )
    if not len(candidate):
        return None
    held = np.minimum(held * step, holding.holders[candidate])
    rate = size * (holding.holders[candidate] - held + 1.0) / max(1, everyone - size)
    striking = (held >= settings.lift * rate) & (gammainc(held, rate) < settings.chance)
    if not striking.any():
        return None
    traits, found, expected = candidate[striking], held[striking], rate[striking]
    bound = (found - expected - found * np.log(found / expected)) / np.log(10)
    typical = _typicality(found / size, carried_inside[striking])
    columns = holding.by_trait
    touched, carried = holders_of(
        columns.indptr, columns.indices, columns.data, traits, typical, scratch.principals
    )
    return Profile(
        holding=holding,
        traits=traits,
        touched=touched,
        carried=np.minimum(carried, holding.support[touched]),
        log10_chance=min(0.0, float(bound.min() + np.log10(len(holding.keys)))),
    )


def _typicality(cover: Floats, carried_inside: Floats) -> Floats:
    """Weight of each profile trait: 1 if as widely held as the trait of a typical request, less at the fringe.

    Without it a cluster drifts: a few accounts bring traits of their own clique, which bring in the clique.
    """
    expected = float(carried_inside @ cover / carried_inside.sum())
    result: Floats = np.minimum(1.0, cover / (TYPICAL_FROM * expected))
    return result


@dataclass(frozen=True, eq=False)
class Weighed:
    """All evidence about one community.

    `rows` are the principals that two witnesses touch, and the members; `witnesses` has each witness's bits for
    them, `signals` what each signal said.
    """

    rows: Integers
    witnesses: dict[str, Floats]
    signals: tuple[SignalBits, ...]

    def total(self) -> Floats:
        """Sum over witnesses."""
        total: Floats = np.sum([*self.witnesses.values(), np.zeros(len(self.rows))], axis=0)
        return total

    def voices(self, bits: float) -> Integers:
        """How many witnesses say at least so many bits."""
        loud = [w >= bits for w in self.witnesses.values()]
        count: Integers = np.sum([*loud, np.zeros(len(self.rows), np.bool_)], axis=0).astype(np.int64)
        return count


def weigh(
    holdings: Sequence[Holding], members: Integers, settings: WeighSettings, *, also: Integers | None = None
) -> Weighed:
    """Bits for membership in the community of `members`.

    Signals of one witness follow from one cause and are not added: the strongest for membership speaks, and the
    strongest against. Two programs with one TLS library are two programs if their headers differ. `also` names
    principals to weigh in any case.
    """
    everyone = holdings[0].counts.shape[0]
    inside = np.zeros(everyone, np.bool_)
    inside[members] = True
    profiles = [p for h in holdings if (p := profile(h, inside, members, settings)) is not None]
    rows = _worth_weighing(profiles, inside)
    rows = rows if also is None else np.union1d(rows, also)
    said = tuple(_signal_bits(p, inside, rows, settings) for p in profiles)
    witnesses: dict[str, Floats] = {}
    for name in dict.fromkeys(WITNESSES.values()):
        mine = [s for s in said if WITNESSES[s.family] == name]
        if mine:
            bits = np.stack([np.where(s.seen, s.bits, 0.0) for s in mine])
            strongest_for = np.minimum(bits.max(axis=0).clip(min=0.0), settings.for_bits)
            strongest_against = np.maximum(bits.min(axis=0).clip(max=0.0), -settings.against_bits)
            witnesses[name] = strongest_for + strongest_against
    return Weighed(rows, witnesses, said)


def _worth_weighing(profiles: Sequence[Profile], inside: Mask) -> Integers:
    touched: dict[str, Mask] = {}
    for p in profiles:
        telling = p.touched[p.carried >= LEAST_SHARE * p.holding.support[p.touched]]
        touched.setdefault(WITNESSES[p.holding.family], np.zeros(len(inside), np.bool_))[telling] = True
    count = np.sum([*touched.values(), np.zeros(len(inside), np.bool_)], axis=0)
    return np.flatnonzero(inside | (count >= 2))


def _signal_bits(p: Profile, inside: Mask, rows: Integers, settings: WeighSettings) -> SignalBits:
    support, weight = p.holding.support, p.holding.support_weight
    share_touched = p.carried / support[p.touched]
    mine = inside[p.touched]
    total = float(weight[rows][inside[rows]].sum())
    others = max(0.0, p.holding.total_weight - total)
    members = _moments(share_touched[mine], weight[p.touched[mine]], total, prior=0.05)
    outside = _moments(share_touched[~mine], weight[p.touched[~mine]], others, prior=0.5)
    at = np.minimum(np.searchsorted(p.touched, rows), len(p.touched) - 1)
    share = np.where(p.touched[at] == rows, share_touched[at], 0.0)
    n = np.minimum(support[rows], settings.requests)
    silent = np.arange(settings.requests + 1, dtype=np.float64)
    bits = _ratio(np.zeros(len(silent)), silent, members, outside)[n.astype(np.int64)]
    speak = np.flatnonzero((share > 0) | inside[rows])
    own = np.where(inside[rows[speak]], weight[rows[speak]], 0.0)
    without = (members.mean * (total + 0.1) - own * share[speak]) / np.maximum(total + 0.1 - own, 0.05)
    bits[speak] = _ratio(share[speak] * n[speak], n[speak], replace(members, mean=without), outside)
    return SignalBits(
        signal=p.holding.signal,
        family=p.holding.family,
        bits=bits,
        seen=n > 0,
        traits=p.traits,
        share_inside=float(members.mean),
        share_outside=float(outside.mean),
        log10_chance=p.log10_chance,
    )


@dataclass(frozen=True, eq=False)
class _Shares:
    """A beta distribution of shares of requests: its mean, one for all or one for each, and its concentration."""

    mean: Floats | float
    concentration: float

    def log_likelihood(self, k: Floats, n: Floats) -> Floats:
        """Natural log likelihood of k of n requests, without the binomial coefficient, which cancels in a ratio."""
        alpha, beta = self.mean * self.concentration, (1 - self.mean) * self.concentration
        result: Floats = betaln(k + alpha, n - k + beta) - betaln(alpha, beta)
        return result


def _moments(share: Floats, weight: Floats, total: float, *, prior: float) -> _Shares:
    """Mean and concentration of a beta distribution of shares by moments, with `prior` of an observation.

    Only shares above 0 are given; the rest of the `total` weight has share 0.
    """
    mean = float((share @ weight + prior) / (total + 2 * prior))
    squares = float(((share - mean) ** 2) @ weight) + mean**2 * max(0.0, total - float(weight.sum()))
    concentration = mean * (1 - mean) / max(squares / max(total, 1e-9), 1e-9) - 1
    return _Shares(mean, float(np.clip(concentration, LOOSEST, TIGHTEST)))


def _ratio(k: Floats, n: Floats, members: _Shares, outside: _Shares) -> Floats:
    """Bits for the members' shares against the outsiders'."""
    inner = replace(members, mean=np.clip(members.mean, 1e-4, 1 - 1e-4))
    outer = replace(outside, mean=np.clip(outside.mean, 1e-7, 0.999))
    result: Floats = (inner.log_likelihood(k, n) - outer.log_likelihood(k, n)) / np.log(2)
    return result
