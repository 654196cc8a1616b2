"""Campaigns that work together for a part of the time: one uses the exits, programs, hours and texts of the other.

Seen from the beginning that is one operation which parts; seen from the end, two which become one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stillwatch.simulate.arrays import Floats, Rng
from stillwatch.simulate.campaigns import Campaign
from stillwatch.simulate.exits import Exits
from stillwatch.simulate.group import Borrowed, Group, Phase
from stillwatch.simulate.scene import Scene


def join(scene: Scene, campaigns: Sequence[Campaign]) -> None:
    """Let campaigns use each other's means, as far as their plans say."""
    hosts = {campaign.plan.archetype: campaign.group for campaign in campaigns}
    for campaign in campaigns:
        wanted = campaign.plan.together
        if wanted is not None:
            days = (wanted.begins * scene.days, wanted.ends * scene.days)
            _borrow(scene.rng("together", campaign.identifier), campaign.group, hosts[wanted.archetype], days)


def _borrow(rng: Rng, group: Group, host: Group, days: tuple[float, float]) -> None:
    first, last = days
    like = rng.integers(0, len(host), len(group))
    exits = Exits(
        host.exits.own[like],
        host.exits.ladders[like],
        host.exits.host_bits[like],
        host.exits.pool,
        host.exits.pool_share,
        sticky=host.exits.sticky,
    )
    group.borrowed = Borrowed(first, last, exits, host.clients[like], host.rhythm)
    own, asked = _extended(group, host)
    begun = () if first <= 0 else (Phase(first, asked, 1.0),)
    ended = () if last >= group.end.max() else (Phase(last, own, 1.0),)
    group.taste_ladders = own if begun else asked
    group.phases = (*begun, *ended)


def _extended(group: Group, host: Group) -> tuple[Floats, Floats]:
    """Ladders of what the group asks of its own, and of what the host asks, over the contents of both."""
    contents = [replace(content, account_systems=None) for content in host.contents if content.extraction]
    weights = np.diff(host.taste_ladders, axis=1, prepend=0.0).mean(axis=0)[
        [content.extraction for content in host.contents]
    ]
    group.contents = [*group.contents, *contents]
    group.tastes = np.tile(np.arange(len(group.contents)), (len(group), 1))
    mine = np.diff(group.taste_ladders, axis=1, prepend=0.0)
    theirs = np.tile(weights / weights.sum(), (len(group), 1))
    nothing = np.zeros_like
    return (
        np.cumsum(np.concatenate([mine, nothing(theirs)], axis=1), axis=1),
        np.cumsum(np.concatenate([nothing(mine), theirs], axis=1), axis=1),
    )
