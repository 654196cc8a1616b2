"""Sightings beside one's own findings: which of them name what one's own campaigns share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stillwatch.model.finding import Campaign
from stillwatch.model.sighting import Sighting
from stillwatch.share.blind import COMPARABLE, KEYS, Blind
from stillwatch.share.policy import kind_of, plain_value


@dataclass(frozen=True)
class Agreement:
    """A maker's sightings that name traits of one of our campaigns: how many, and of which signals."""

    campaign_id: str
    maker: str
    maker_name: str
    sightings: tuple[str, ...]
    signals: Mapping[str, int]


def agreements(sightings: Iterable[Sighting], campaigns: Iterable[Campaign], blind: Blind) -> list[Agreement]:
    """What sightings and campaigns have in common, by campaign and maker; without the circle's key only plain values."""
    known = _known(campaigns, blind)
    matched: dict[tuple[str, str], list[Sighting]] = {}
    for sighting in sightings:
        if sighting.is_token and sighting.key_rules != KEYS:
            continue
        for campaign_id in known.get((sighting.signal, sighting.told), ()):
            matched.setdefault((campaign_id, sighting.maker), []).append(sighting)
    return [
        Agreement(
            campaign_id,
            maker,
            told[0].maker_name,
            tuple(sorted(s.sighting_id for s in told)),
            dict(sorted(Counter(s.signal for s in told).items())),
        )
        for (campaign_id, maker), told in sorted(matched.items())
    ]


def _known(campaigns: Iterable[Campaign], blind: Blind) -> dict[tuple[str, str], list[str]]:
    """Campaigns by signal and what a sighting would tell of each of their traits."""
    known: dict[tuple[str, str], list[str]] = {}
    for campaign in campaigns:
        for trait in campaign.traits:
            kind = kind_of(trait.family)
            told = {plain_value(kind, trait.signal, trait.text)}
            if kind in COMPARABLE:
                told.add(blind.trait(kind, trait.signal, trait.key))
            for value in told - {None}:
                known.setdefault((trait.signal, str(value)), []).append(campaign.campaign_id)
    return known
