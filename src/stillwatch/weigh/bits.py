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
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from stillwatch.errors import SettingsError
from stillwatch.weigh.holding import FEWEST_HOLDERS, KINDS, Floats, Holdings, Integers, Mask
from stillwatch.weigh.kernels import Heard, heard
from stillwatch.weigh.table import Bars

LEAST_SHARE = 0.05
SAMPLED_MEMBERS = 600
"""The profile of a larger community is read from every k-th member."""


@dataclass(frozen=True)
class WeighSettings:
    """How measurements become bits.

    chance: a trait enters a profile if its excess among members would arise by chance with this probability.
    lift: and if members hold it this many times as often as outsiders. coverage: and if this share of the
    members holds it. many: or so many of them, however large the community. requests: an account's requests are not independent; more than this many count as this many.
    against_bits, for_bits: the most that one witness can say against or for membership.
    """

    chance: float = 1e-6
    lift: float = 8.0
    coverage: float = 0.05
    many: int = 40
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


class _Said(Sequence[SignalBits]):
    """What each signal said, told apart when somebody asks: most communities are weighed on the way to another."""

    def __init__(self, told: Heard, holdings: Holdings) -> None:
        """Of one community."""
        self._told, self._holdings = told, holdings

    @cached_property
    def _said(self) -> list[SignalBits]:
        told, holdings = self._told, self._holdings
        traits, starts = told.profile.traits, told.profile.starts.tolist()
        return [
            SignalBits(
                signal=holdings[signal].signal,
                family=holdings[signal].family,
                bits=told.bits[run],
                seen=told.seen[run],
                traits=traits[starts[run] : starts[run + 1]] - holdings.first[signal],
                share_inside=float(told.inside[run]),
                share_outside=float(told.outside[run]),
                log10_chance=float(told.profile.log10_chance[run]),
            )
            for run, signal in enumerate(told.profile.signals.tolist())
        ]

    def __len__(self) -> int:
        return len(self._said)

    @overload
    def __getitem__(self, at: int) -> SignalBits: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[SignalBits]: ...

    def __getitem__(self, at: int | slice) -> SignalBits | Sequence[SignalBits]:
        return self._said[at]


@dataclass(frozen=True, eq=False)
class Weighed:
    """All evidence about one community.

    `rows` are the members, and the principals that two witnesses or more could make members; `witnesses` has each witness's bits for
    them, `signals` what each signal said.
    """

    rows: Integers
    witnesses: dict[str, Floats]
    signals: Sequence[SignalBits]

    def total(self) -> Floats:
        """Sum over witnesses."""
        total: Floats = np.sum([*self.witnesses.values(), np.zeros(len(self.rows))], axis=0)
        return total

    def voices(self, bits: float) -> Integers:
        """How many witnesses say at least so many bits."""
        loud = [w >= bits for w in self.witnesses.values()]
        count: Integers = np.sum([*loud, np.zeros(len(self.rows), np.bool_)], axis=0).astype(np.int64)
        return count


def prior_bits(size: int, everyone: int) -> float:
    """What it takes to belong to a community of that size by more than guessing: log2 of the odds against."""
    return float(np.log2(max(everyone - size, 1) / size))


def weigh(
    holdings: Holdings,
    members: Integers,
    settings: WeighSettings,
    *,
    also: Integers | None = None,
    speaking: int = 0,
    joining: bool = False,
) -> Weighed:
    """Bits for membership in the community of `members`, principals in order.

    Signals of one witness follow from one cause and are not added: the strongest for membership speaks, and the
    strongest against. Two programs with one TLS library are two programs if their headers differ. `also` names
    principals to weigh in any case. Where fewer witnesses than `speaking` have anything to say, nobody is weighed.
    With `joining`, others are weighed only if they may have more bits than `prior_bits`: who has is the same.
    """
    bars = _bars(settings, len(members), holdings.everyone, speaking=speaking, joining=joining)
    also = members[:0] if also is None else also
    told = heard(holdings.table, holdings.scratch.space, members, also, bars)
    loud = set(holdings.table.witness[told.profile.signals].tolist())
    spoken = {name: told.spoken[kind] for kind, name in enumerate(KINDS) if kind in loud}
    return Weighed(told.rows, spoken, _Said(told, holdings))


def _bars(settings: WeighSettings, size: int, everyone: int, *, speaking: int, joining: bool) -> Bars:
    return Bars(
        chance=settings.chance,
        lift=settings.lift,
        coverage=settings.coverage,
        many=settings.many,
        fewest=FEWEST_HOLDERS,
        sampled=SAMPLED_MEMBERS,
        prior=prior_bits(size, everyone),
        least_share=LEAST_SHARE,
        requests=settings.requests,
        witnesses=len(KINDS),
        speaking=speaking,
        joining=joining,
        for_bits=settings.for_bits,
        against_bits=settings.against_bits,
    )
