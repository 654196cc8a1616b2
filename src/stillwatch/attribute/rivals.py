"""From nats to probabilities: every actor has two rivals beside the other actors, nobody who is known and whoever copies it.

A mark that can be copied fits its copier as well as its owner. So the copier of each actor has the same prior as the actor
and is fitted by every family that is not hard to fake: without money or staff an actor never gets above one half.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.attribute.families import FAMILIES
from stillwatch.model.attributed import FamilyOfActor

UNKNOWN_PRIOR = 0.5
"""It is an even chance, before anything is seen, that it is nobody of whom something is known."""
FEWEST_ACTORS = 10
"""A list of two actors does not make each of them likely."""
SUREST = 0.94
"""No attribution is more than *very likely*: what it rests on was measured on simulated worlds."""
BANDS = (0.05, 0.20, 0.45, 0.55, 0.80, 0.95)
"""Upper ends of the bands of ICD 203."""


@dataclass(frozen=True)
class Odds:
    """Probabilities of each actor, of nobody who is known, and of a copier of each."""

    actors: tuple[float, ...]
    copiers: tuple[float, ...]
    unknown: float

    def best_rival(self, at: int) -> float:
        """The probability of the likeliest other explanation."""
        others = [p for n, p in enumerate(self.actors) if n != at]
        return max([self.unknown, *self.copiers, *others])


def odds(families: Sequence[Sequence[FamilyOfActor]], without: str | None = None) -> Odds:
    """Probabilities from what the families say of each actor, leaving one out if it is named."""
    return shares(
        [_sum(mine, without, is_copier=False) for mine in families],
        [_sum(mine, without, is_copier=True) for mine in families],
    )


def shares(own: Sequence[float], copied: Sequence[float]) -> Odds:
    """Probabilities from the nats of each actor, and those of a copier of each."""
    n = len(own)
    each = math.log((1 - UNKNOWN_PRIOR) / 2 / max(FEWEST_ACTORS, n))
    spare = 1 - 2 * math.exp(each) * n
    logs = [math.log(spare), *(each + nats for nats in own), *(each + nats for nats in copied)]
    top = max(logs)
    weights = [math.exp(x - top) for x in logs]
    found = [w / sum(weights) for w in weights]
    return Odds(tuple(found[1 : n + 1]), tuple(found[n + 1 :]), found[0])


def between(families: Sequence[Sequence[FamilyOfActor]], at: int) -> tuple[float, float]:
    """The least and the greatest probability of an actor if any one family is not believed."""
    told = [odds(families).actors[at]]
    told += [odds(families, f.family).actors[at] for f in families[at] if f.counts]
    return min(told), max(told)


def corroborated(probability: float, families: Sequence[FamilyOfActor]) -> float:
    """The probability with what only corroborates: up to the end of the next band, and only for what is likely already."""
    nats = sum(f.nats for f in families if FAMILIES[f.family].is_corroboration)
    if nats <= 0 or probability < BANDS[3]:
        return probability
    raised = 1 / (1 + (1 - probability) / probability * math.exp(-nats))
    band = next((n for n, upper in enumerate(BANDS) if probability < upper), len(BANDS) - 1)
    # few nats raise by less than arithmetic rounds away
    return max(probability, min(raised, BANDS[min(band + 1, len(BANDS) - 1)]))


def _sum(families: Sequence[FamilyOfActor], without: str | None, *, is_copier: bool) -> float:
    """Nats of the families that count. What a copier lacks is what is hard to fake, and a relay's exits: there it is like anybody."""
    return sum(f.nats for f in families if f.counts and f.family != without and not (is_copier and lacks(f)))


def lacks(family: FamilyOfActor) -> bool:
    """Whether a copier shows nothing of the family."""
    return family.is_hard_to_fake or FAMILIES[family.family].of_relays
