"""A pool that wants all reasoning written out: one demand in the system prompts, or the prompts, of talk that is dealt evenly over its parties.

People pass such a text on as well, and firms have it in a product: each of them uses it by the day and as much as they need, and a
product's load follows its customers. Chains and classes ask single questions.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stillwatch.judge.assigned import along
from stillwatch.weigh.holding import Floats, Mask

DEMANDED_LEVEL, DEMANDED_LOG2, DEMANDED_TALK = (0.7, 0.8), (4.0, 5.0), (0.35, 0.45)
"""Level load, log2 of parties and share of requests that continue a conversation from which a pool may want all reasoning, and from which that counts in full (docs/adr/0080)."""
CONDITIONS = (*DEMANDED_LEVEL, *DEMANDED_LOG2, *DEMANDED_TALK)
"""The same as numbers; what was measured with others is measured anew (`judge/references.py`)."""
SOME, NEARLY_ALL = 0.15, 0.95
"""Share of requests below such a demand from which, and up to which, a group may hold others beside those who make it."""


def demanded_pool(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """The share of requests that are to have the whole reasoning written out, if the cluster is such a pool; less if it hardly is, NaN if not.

    Below a system prompt of its own; or in what is asked, where one text is in most requests of a conversation and most openings ask for reasoning.
    """

    def of(name: str) -> Floats:
        return measured.get(name, nothing)

    is_pool = along(of("level_load"), *DEMANDED_LEVEL) * along(of("pool_size"), *DEMANDED_LOG2)
    is_pool = is_pool * along(of("conversations"), *DEMANDED_TALK)
    asked = np.minimum(of("fixed_injection"), of("asks_for_training_value"))
    share = np.fmax(of("demanded_reasoning"), asked)
    return np.where(is_pool > 0, is_pool * share, np.nan)


def may_be_beside(measured: Mapping[str, Floats], nothing: Floats) -> Mask:
    """Whether a cluster may hold those who make such a demand, and others beside them."""
    share = measured.get("demanded_reasoning", nothing)
    talks = measured.get("conversations", nothing) > DEMANDED_TALK[0]
    result: Mask = talks & (share >= SOME) & (share < NEARLY_ALL)
    return result
