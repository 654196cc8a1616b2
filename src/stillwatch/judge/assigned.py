"""An assignment: many accounts ask the same few prompts, once each, as a class does and as evaluators of one suite do.

A pool divides its tasks among its accounts, so that one that comes again comes at few of them. Some texts of a pool are everywhere
as well: what asks for stored reasoning again, one instruction above pictures, what follows in a talk. So it counts where prompts come
again at all, fewer than half of requests continue a conversation, and either the work is done in days or texts differ by a word or two.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stillwatch.weigh.holding import Floats

POOL_CONVERSATIONS = 0.5
"""Where so many requests continue a conversation, people are served."""
ASSIGNED_FRESH, ASSIGNED_DAYS, ASSIGNED_WORDS = (0.65, 0.55), (14.0, 10.0), (3.5, 2.0)
"""Share of distinct prompts, days that are filled, and words by which texts of one template differ: from which a prompt may be an assignment, and from which it counts in full (docs/adr/0079)."""
CONDITIONS = (*ASSIGNED_FRESH, *ASSIGNED_DAYS, *ASSIGNED_WORDS)
"""The same as numbers; what was measured with others is measured anew (`judge/references.py`)."""


def assignment(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """The share of openings that a quarter of the accounts send (`assigned_prompts`), if they are an assignment; less if they hardly are, NaN if not."""

    def of(name: str) -> Floats:
        return measured.get(name, nothing)

    is_one = np.fmax(along(of("active_days"), *ASSIGNED_DAYS), along(of("varied_slots"), *ASSIGNED_WORDS))
    again = along(of("fresh_prompts"), *ASSIGNED_FRESH)
    is_one = is_one * np.where(np.isnan(again), 1.0, again) * (of("conversations") < POOL_CONVERSATIONS)
    return np.where(is_one > 0, is_one * of("assigned_prompts"), np.nan)


def along(value: Floats, begin: float, end: float) -> Floats:
    """How far a value lies from `begin` to `end`, between 0 and 1."""
    result: Floats = np.clip((value - begin) / (end - begin), 0.0, 1.0)
    return result
