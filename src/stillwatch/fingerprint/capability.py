"""Name the capability an exchange draws on, from what its prompt asks for, its tools and its parts.

Every capability has a weight per probe; the largest sum wins, and the order of `CAPABILITIES` settles ties.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.probes import BIT
from stillwatch.model.tables import CAPABILITIES

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "agentic": {"agent": 3.0, "has_tools": 1.0, "many_turns": 1.5, "code": 0.3},
    "tool_use": {"tool": 2.6, "has_tools": 2.4, "structured": 0.3},
    "coding": {"code": 2.6, "make": 0.1},
    "reasoning": {"reason": 2.2, "math": 1.8, "tags": 1.0, "rationale": 0.8},
    "data_analysis": {"table": 2.7},
    "vision": {"has_images": 6.0, "picture": 0.5},
    "grading": {"grade": 2.9},
    "alignment": {"sensitive": 2.0, "rewrite": 1.2},
    "instruction": {"write": 1.4, "make": 1.6, "structured": 0.4},
    "conversation": {"converse": 1.2, "many_turns": 0.6},
    "translation": {"translate": 3.2},
    "other": {"nothing": 0.9},
}
"""Weight of each probe, and of four properties of the request, for each capability."""


def capabilities(
    asks: npt.NDArray[np.int64],
    *,
    has_tools: npt.NDArray[np.bool_],
    has_images: npt.NDArray[np.bool_],
    turns: npt.NDArray[np.int64],
) -> npt.NDArray[np.int8]:
    """Position in `CAPABILITIES` for each of n requests."""
    given = {
        "has_tools": has_tools,
        "has_images": has_images,
        "many_turns": turns >= 3,
        "nothing": np.ones(len(asks), np.bool_),
    }
    best = np.zeros(len(asks), np.int8)
    most = np.full(len(asks), -1.0, np.float32)
    known = {name: (asks & bit) != 0 for name, bit in BIT.items()} | given
    for position, capability in enumerate(CAPABILITIES):
        total = np.zeros(len(asks), np.float32)
        for name, weight in WEIGHTS[capability].items():
            total += known[name] * np.float32(weight)
        better = total > most
        best[better] = position
        most = np.maximum(most, total)
    return best
