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

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammainc

from stillwatch.errors import SettingsError
from stillwatch.model.finding import WITNESSES
from stillwatch.weigh.holding import Floats, Holding, Integers

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class WeighSettings:
    """How measurements become bits.

    chance: a trait enters a profile if its excess among members would arise by chance with this probability.
    requests: an account's requests are not independent; more than this many count as this many.
    against_bits, for_bits: the most that one witness can say against or for membership.
    """

    chance: float = 1e-6
    requests: int = 20
    against_bits: float = 4.0
    for_bits: float = 8.0

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        if not 0 < self.chance < 1:
            raise SettingsError(f"weigh.chance is {self.chance}; it is a probability, give a number between 0 and 1")
        if self.requests < 1 or self.against_bits < 0 or self.for_bits <= 0:
            raise SettingsError("weigh.requests, weigh.against_bits and weigh.for_bits must be positive")


@dataclass(frozen=True, eq=False)
class SignalBits:
    """What one signal says: bits for each of N principals (0 where it saw nothing), profile traits by column."""

    signal: str
    family: str
    bits: Floats
    seen: Mask
    profile: Integers
    share_inside: float
    share_outside: float


def profile(holding: Holding, inside: Mask, settings: WeighSettings) -> Integers:
    """Columns whose number of member holders exceeds chance, by a Poisson tail at the outsiders' rate."""
    members = np.flatnonzero(inside)
    size, everyone = len(members), len(inside)
    rows = holding.counts[members]
    held = np.bincount(rows.indices, minlength=len(holding.keys))
    candidate = np.flatnonzero(held >= 3)
    outside = holding.holders[candidate] - held[candidate]
    rate = size * (outside + 1.0) / max(1, everyone - size)
    tail = gammainc(held[candidate], rate)
    return candidate[tail < settings.chance]


def _carried(holding: Holding, traits: Integers) -> Floats:
    """Requests of each principal that carry any of the traits, at most its support."""
    chosen = holding.by_trait[:, traits]
    carried = np.bincount(chosen.indices, chosen.data, minlength=len(holding.support))
    return np.minimum(carried, holding.support)


def _moments(share: Floats, weight: Floats) -> tuple[float, float]:
    """Mean and concentration of a beta distribution of shares, by moments, with half an observation of prior."""
    total = weight.sum()
    mean = (np.dot(share, weight) + 0.05) / (total + 0.1)
    variance = np.dot((share - mean) ** 2, weight) / max(total, 1e-9)
    concentration = mean * (1 - mean) / max(variance, 1e-9) - 1
    return float(mean), float(np.clip(concentration, 0.3, 8.0))


def signal_bits(holding: Holding, inside: Mask, settings: WeighSettings) -> SignalBits | None:
    """Bits for every principal, or None if the community has no profile in this signal."""
    traits = profile(holding, inside, settings)
    if not len(traits):
        return None
    seen = holding.support > 0
    carried = _carried(holding, traits)
    scale = np.minimum(1.0, settings.requests / np.maximum(holding.support, 1))
    n = holding.support * scale
    k = carried * scale
    share = np.divide(k, n, out=np.zeros_like(k), where=n > 0)
    weight = n / (n + 4.0)
    outside_rate = _rate_outside(share, weight, seen & ~inside, len(inside) - int(inside.sum()))
    mean_in, tight_in = _moments(share[seen & inside], weight[seen & inside])
    own = np.where(inside & seen, weight, 0.0)
    total = own.sum()
    without = np.where(inside, (mean_in * (total + 0.1) - own * share) / np.maximum(total + 0.1 - own, 0.05), mean_in)
    without = np.clip(without, 1e-4, 1 - 1e-4)
    mean_out, tight_out = outside_rate
    bits = _beta_binomial(k, n, without, tight_in) - _beta_binomial(k, n, np.full_like(k, mean_out), tight_out)
    bits = np.where(seen, bits / np.log(2), 0.0)
    return SignalBits(holding.signal, holding.family, bits, seen, traits, mean_in, mean_out)


def _rate_outside(share: Floats, weight: Floats, outside: Mask, size: int) -> tuple[float, float]:
    total = weight[outside].sum()
    mean = (np.dot(share[outside], weight[outside]) + 0.5) / (total + 1.0)
    variance = np.dot((share[outside] - mean) ** 2, weight[outside]) / max(total, 1e-9)
    concentration = mean * (1 - mean) / max(variance, 1e-9) - 1
    mean = max(mean, 0.5 / max(size, 1))
    return float(np.clip(mean, 1e-7, 0.999)), float(np.clip(concentration, 0.3, 8.0))


def _beta_binomial(k: Floats, n: Floats, mean: Floats, concentration: float) -> Floats:
    """Natural log likelihood without the binomial coefficient, which cancels in the ratio."""
    alpha, beta = mean * concentration, (1 - mean) * concentration
    result: Floats = betaln(k + alpha, n - k + beta) - betaln(alpha, beta)
    return result


@dataclass(frozen=True, eq=False)
class Weighed:
    """All evidence about one community: bits of each witness over N principals, and what each signal said."""

    witnesses: dict[str, Floats]
    signals: tuple[SignalBits, ...]

    def total(self) -> Floats:
        """Sum over witnesses."""
        return np.sum(list(self.witnesses.values()), axis=0)

    def voices(self, bits: float) -> npt.NDArray[np.int64]:
        """How many witnesses say at least so many bits."""
        return np.sum([w >= bits for w in self.witnesses.values()], axis=0)


def weigh(holdings: Sequence[Holding], inside: Mask, settings: WeighSettings) -> Weighed:
    """Bits for membership in the community `inside`. Signals of one witness are not added: the strongest speaks."""
    said = [s for h in holdings if (s := signal_bits(h, inside, settings)) is not None]
    witnesses: dict[str, Floats] = {}
    for name in dict.fromkeys(WITNESSES.values()):
        mine = [s for s in said if WITNESSES[s.family] == name]
        if mine:
            loudest = np.max([np.where(s.seen, s.bits, -np.inf) for s in mine], axis=0)
            heard = np.where(np.isfinite(loudest), loudest, 0.0)
            witnesses[name] = np.clip(heard, -settings.against_bits, settings.for_bits)
    if not witnesses:
        witnesses["content"] = np.zeros(len(inside))
    return Weighed(witnesses, tuple(said))
