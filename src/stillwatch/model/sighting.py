"""What others say they saw, as values: each with its source, its marking, and how far it goes.

Nothing here is believed. A sighting is what somebody told; what it weighs is decided by who uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stillwatch.model.corroborated import Admiralty, SightedAs
from stillwatch.model.shared import Tlp


@dataclass(frozen=True)
class Sighting:
    """By what somebody recognised something, when, and until when that is good.

    `sighting_id` is its identifier where it was made: it counts once, however often it is relayed, unless two ways
    tell it differently. `maker` is the identity
    that says it made it; `source` is who handed it to us, in our words. `told` is either a token (`is_token`) of `signal`, made by
    `key_rules`, or the value itself. `finding` is what it speaks for, and `names` the organisation
    that the maker names behind that, if it names one.
    """

    sighting_id: str
    maker: str
    maker_name: str
    source: str
    finding: str
    sighted_as: SightedAs
    signal: str
    told: str
    is_token: bool
    key_rules: str | None
    parties: int
    confidence: int
    admiralty: Admiralty
    first_seen: str | None
    last_seen: str | None
    valid_until: str
    modified: str
    tlp: Tlp
    permitted: str
    simulated: bool
    names: str = ""


@dataclass(frozen=True)
class Spoken:
    """What sightings say of one group: they name traits that a `share` of its members holds; `has_hands`: and its networks or cards.

    `alone` is the probability of a training set without them; `is_called_alone`: it is called distillation without them, too.
    """

    sightings: tuple[Sighting, ...]
    signals: tuple[str, ...]
    share: float
    bits: float
    has_hands: bool
    alone: float = 0.0
    is_called_alone: bool = False


@dataclass(frozen=True)
class Retraction:
    """Somebody takes back what it told. It holds only for what the same maker told through the same source before."""

    sighting_id: str
    maker: str
    source: str
    modified: str


@dataclass(frozen=True)
class Told:
    """What was read of one or several bundles. `problems` are what was left out, and why, by count."""

    sightings: tuple[Sighting, ...] = ()
    retractions: tuple[Retraction, ...] = ()
    problems: tuple[str, ...] = field(default=())
