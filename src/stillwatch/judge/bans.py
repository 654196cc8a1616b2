"""What bans of a cluster's accounts say for a training set: a relay's pool is banned and refilled as well, and so are some of its customers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stillwatch.judge.assigned import POOL_CONVERSATIONS, along
from stillwatch.weigh.holding import Floats

SOME_BANS_MOST = 4.0
"""What a few bans say at most, by how much likelier they are of a pool (`excess_bans`); many say more by their share."""
TALK_WORTH = (0.46, 0.58)
"""Share of openings worth training on from which, and up to which more and more, bans count where people talk (docs/adr/0079)."""


def bans(churn: Floats, measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """Bits of each cluster's bans, of those that their share alone gives (`churn`): where people talk, as far as what they open with is worth training on; elsewhere a few count too."""
    worth = along(measured.get("training_value", nothing), *TALK_WORTH)
    talks = measured.get("conversations", nothing) >= POOL_CONVERSATIONS
    asks = measured.get("conversations", nothing) < POOL_CONVERSATIONS
    by_share = churn * np.where(talks & ~np.isnan(worth), worth, 1.0)
    few = np.where(asks, np.minimum(measured.get("excess_bans", nothing), SOME_BANS_MOST), nothing)
    result: Floats = np.fmax(by_share, few)
    return result
