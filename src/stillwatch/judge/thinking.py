"""A relay that harvests its own users: it asks for extended thinking whoever asks, and moves to a new model at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stillwatch.judge.assigned import POOL_CONVERSATIONS, along
from stillwatch.weigh.holding import Floats

POOL_CONTROL_BITS, POOL_LOG2_ACCOUNTS = 4.0, 6.0
"""Common control, and log2 of parties, of a large pool under one hand."""
HELD_CONTROL_BITS, HARDLY_HELD = (4.5, 6.0), 0.05
"""Common control up to which relays that linking joined come, and from which thinking counts in full; and by what part it counts at least (docs/adr/0080)."""
PIVOTED_SHARE = 0.15
ALWAYS_THINKS = (0.6, 0.9)
"""People ask for extended thinking now and then; where nearly all do it is the pool that asks."""
CONDITIONS = (
    POOL_CONTROL_BITS,
    POOL_LOG2_ACCOUNTS,
    *HELD_CONTROL_BITS,
    HARDLY_HELD,
    PIVOTED_SHARE,
    *ALWAYS_THINKS,
)
"""The same as numbers; what was measured with others is measured anew (`judge/references.py`)."""


def thinking_pool(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """Share of extended thinking times the pivot, or times how nearly all requests think, in large pools under common control; elsewhere 0."""
    people = measured.get("conversations", nothing) >= POOL_CONVERSATIONS
    pooled = (
        people
        & (measured["common_control"] >= POOL_CONTROL_BITS)
        & (measured["pool_size"] >= POOL_LOG2_ACCOUNTS)
    )
    thinks = measured.get("extended_thinking", nothing)
    pivot = np.minimum(1.0, measured.get("release_pivot", nothing) / PIVOTED_SHARE)
    return np.where(pooled, thinks * np.fmax(pivot, along(thinks, *ALWAYS_THINKS)), 0.0)


def held(measured: Mapping[str, Floats]) -> Floats:
    """By what part that counts: several honest relays that linking joined have little in common, and the users of one may always think."""
    return np.maximum(HARDLY_HELD, along(measured["common_control"], *HELD_CONTROL_BITS))
