"""The answer to what others told: STIX sightings of their own indicators, seen so often, or looked for and not seen.

Looked at are one's own findings, not the whole log, and the answer says so. What cannot be compared, such as a token of another circle, is
not answered. The answer tells a maker which of its indicators others see, so it bears the strictest marking of all that it answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from stillwatch.model.finding import Campaign
from stillwatch.model.shared import Handling, Producer, Shared
from stillwatch.model.sighting import Sighting
from stillwatch.share.blind import COMPARABLE, KEYS, Blind
from stillwatch.share.marking import STRICTEST
from stillwatch.share.objects import Writer, stix_time
from stillwatch.share.policy import PERMITTED, kind_of, plain_value
from stillwatch.share.prepare import Found
from stillwatch.share.stix import bundle_bytes

LOOKED = "Looked for among what members of own findings share, not in the whole log."
TIER = 2
"""What is told of is of tier 2 at most; how often it was seen says no more."""


def answer(sightings: Sequence[Sighting], found: Found, producer: Producer, blind: Blind) -> bytes:
    """A bundle with a sighting for each indicator that could be compared: the number of parties that share it, 0 for none."""
    counts = seen(sightings, found.campaigns, blind)
    answered = [s for s in sightings if s.sighting_id in counts]
    tlp = min(("amber+strict", *(s.tlp for s in answered)), key=STRICTEST.index)
    shared = Shared(producer, Handling(tlp, TIER, PERMITTED), found.made, found.version, found.simulated, ())
    writer = Writer(shared, blind)
    made = [_sighting(s, counts[s.sighting_id], writer) for s in answered]
    return bundle_bytes([*writer.markings, writer.producer, *made], blind)


def seen(sightings: Iterable[Sighting], campaigns: Iterable[Campaign], blind: Blind) -> dict[str, int]:
    """How many parties of one's own findings share what each sighting names, of those that can be compared."""
    known: dict[tuple[str, str], int] = {}
    for trait in (t for campaign in campaigns for t in campaign.traits):
        kind = kind_of(trait.family)
        told = {plain_value(kind, trait.signal, trait.text)}
        if kind in COMPARABLE:
            told.add(blind.trait(kind, trait.signal, trait.key))
        for value in told - {None}:
            at = (trait.signal, str(value))
            known[at] = known.get(at, 0) + trait.parties
    return {
        s.sighting_id: known.get((s.signal, s.told), 0)
        for s in sightings
        if not s.is_token or (s.key_rules == KEYS and blind.circle)
    }


def _sighting(sighting: Sighting, count: int, writer: Writer) -> dict[str, Any]:
    return writer.domain(
        "sighting",
        "answer",
        sighting.sighting_id,
        since=writer.shared.made,
        description=LOOKED,
        sighting_of_ref=sighting.sighting_id,
        where_sighted_refs=[writer.producer["id"]],
        last_seen=stix_time(writer.shared.made),
        count=count,
    )
