"""Strangers who ask by day: users of one public program, whose text it is, whom nothing joins but that.

A course online, a library of judges and the default prompt of a framework give many people one text and one client. They share no
address, no card and no token, keep people's hours, use it as much as each of them needs, and nobody bans them. A hand that has nothing
in common to show deals its tasks evenly, or works while people sleep.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stillwatch.judge.assigned import along
from stillwatch.weigh.holding import Floats

STRANGE_CONTROL_BITS, STRANGE_LEVEL, STRANGE_HOURS, NOBODY_BANNED = (
    (1.0, 2.0),
    (0.83, 0.88),
    (0.58, 0.68),
    0.05,
)
"""Common control, level load and share of the day's hours from which parties are hardly strangers by day, and from which not at all; and bans below which hardly one was banned (docs/adr/0080)."""
CONDITIONS = (*STRANGE_CONTROL_BITS, *STRANGE_LEVEL, *STRANGE_HOURS, NOBODY_BANNED)
"""The same as numbers; what was measured with others is measured anew (`judge/references.py`)."""


def strangers_by_day(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """How plainly a cluster is one of strangers by day, from 0 to 1; NaN where their hours or their load are not known, or all reasoning is demanded."""

    def short_of(name: str, bounds: tuple[float, float]) -> Floats:
        return 1.0 - along(measured.get(name, nothing), *bounds)

    strange = short_of("common_control", STRANGE_CONTROL_BITS) * short_of("level_load", STRANGE_LEVEL)
    strange = strange * short_of("no_human_rhythm", STRANGE_HOURS)
    strange = strange * (np.nan_to_num(measured.get("churn", nothing)) < NOBODY_BANNED)
    return np.where(np.nan_to_num(measured["demanded_pool"]) > 0, np.nan, strange)
