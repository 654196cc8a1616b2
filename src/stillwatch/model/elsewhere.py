"""How often the signals of a technique stand out in simulated campaigns that have none of it: what is common there is weak.

The counts are those of `benchmarks/techniques.py`; a test holds them to its result.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

WEAK = 0.1
"""From so large a share of other campaigns on, what points to a technique says little."""


@cache
def elsewhere() -> Mapping[str, tuple[int, int]]:
    """By technique: campaigns without it that seem to show it, of how many."""
    text = resources.files("stillwatch.model").joinpath("data", "elsewhere.json").read_text("utf-8")
    return msgspec.json.decode(text, type=dict[str, tuple[int, int]])


def is_weak(technique_id: str) -> bool:
    """Whether what points to a technique is common in campaigns that have none of it."""
    seen, others = elsewhere().get(technique_id, (0, 1))
    return seen >= WEAK * others
