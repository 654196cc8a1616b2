"""Several labs on one relay: a part of each lab's requests leaves through accounts that mostly serve another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stillwatch.simulate.arrays import Floats
from stillwatch.simulate.campaigns import Campaign
from stillwatch.simulate.content import Content
from stillwatch.simulate.group import Group

Foreign = list[tuple[Content, Floats]]


def spill(campaigns: Sequence[Campaign]) -> None:
    """Let the labs on a shared relay use each other's accounts, as far as their plans say."""
    tenants = [(i, c) for i, c in enumerate(campaigns) if c.plan.spill and c.plan.on_shared_relay]
    guests = {i: _as_guest(i, campaign) for i, campaign in tenants}
    for i, campaign in tenants:
        others = [guest for j, guests_of in guests.items() if j != i for guest in guests_of]
        if others:
            _take_in(campaign.group, others, campaign.plan.spill)


def _as_guest(number: int, campaign: Campaign) -> Foreign:
    """What a lab asks, as contents for other accounts, with its mean weights."""
    weights = np.diff(campaign.group.taste_ladders, axis=1, prepend=0.0).mean(axis=0)
    return [
        (replace(content, owner=number, account_systems=None), weight)
        for content, weight in zip(campaign.group.contents, weights, strict=True)
        if content.extraction
    ]


def _take_in(group: Group, guests: Foreign, share: float) -> None:
    own = np.diff(group.taste_ladders, axis=1, prepend=0.0) * (1 - share)
    foreign = np.array([weight for _, weight in guests])
    brought = np.tile(foreign / foreign.sum() * share, (len(group), 1))
    group.contents = [*group.contents, *(content for content, _ in guests)]
    group.tastes = np.tile(np.arange(len(group.contents)), (len(group), 1))
    group.taste_ladders = np.cumsum(np.concatenate([own, brought], axis=1), axis=1)
