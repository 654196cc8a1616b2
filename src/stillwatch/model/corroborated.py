"""What others' sightings say of one of our own campaigns, as a value that is kept and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SightedAs = Literal["distillation", "relay", "coordinated", "unknown"]

Admiralty = Literal["B2", "C3"]
"""B2: a provider tells what it observed; C3: it asserts something and tells no observation."""


@dataclass(frozen=True)
class Corroboration:
    """What others' sightings say of one of our campaigns, and how much that weighed.

    `training_set_alone` is the probability of a training set without them; `is_needed`: the campaign is not called distillation
    without them. `sighted_as` and `admiralty` are of whoever speaks loudest.
    """

    campaign_id: str
    makers: tuple[str, ...]
    sources: tuple[str, ...]
    sighted_as: SightedAs
    admiralty: Admiralty
    signals: tuple[str, ...]
    sightings: tuple[str, ...]
    bits: float
    training_set_alone: float
    is_needed: bool
