"""Releases of the actors' own products on the time axis of a campaign: a layer to look at, which raises one band at most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from stillwatch.attribute.compare import is_near
from stillwatch.attribute.weighed import current
from stillwatch.model.actor import Actor
from stillwatch.model.attributed import OwnRelease
from stillwatch.model.finding import Campaign

MOST = 40


def calendar(actors: Sequence[Actor], campaign: Campaign, day: str | None) -> tuple[OwnRelease, ...]:
    """The releases near a campaign of all actors that are compared, in order of time; who is likelier stands no higher."""
    if not campaign.first_seen:
        return ()
    found = [
        OwnRelease(actor.name, said.value["product"], out, said.source, said.code)
        for actor in actors
        for said in current(actor, day)
        if said.kind == "release" and is_near(out := date.fromisoformat(said.value["date"]), campaign)
    ]
    return tuple(sorted(found, key=lambda r: (r.day, r.actor, r.product))[:MOST])
