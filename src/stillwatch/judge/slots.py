"""What is put into a frame: a corpus has questions and texts of all lengths, a shop's frame holds keywords and names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stillwatch.judge.assigned import along
from stillwatch.weigh.holding import Floats

MUCH_FRAMED, CORPUS_WORDS = 0.4, 5.0
"""Prompts of one template that differ by fewer words hold keywords and names, not questions and texts."""
CORPUS_SPREAD, AWAKE, IDLE_FALLS = (4.0, 11.0), (0.75, 0.95), 0.7
"""Spread in words, and share of the day's hours, from which and up to which an idle frame says less; and by what part at most."""
CONDITIONS = (MUCH_FRAMED, CORPUS_WORDS, *CORPUS_SPREAD, *AWAKE, IDLE_FALLS)
"""The same as numbers; what was measured with others is measured anew (`judge/references.py`)."""


def poor_slots(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """How many times what is put into shared texts would have to vary twice as much to be a corpus, where it would and much goes through them."""
    short = np.log2(CORPUS_WORDS / np.maximum(measured.get("varied_slots", nothing), 1.0))
    return np.where((measured.get("framed_prompts", nothing) >= MUCH_FRAMED) & (short > 0), short, nothing)


def corpus_day_and_night(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """By what part an idle frame says less: what is put into it is a corpus, and it goes on while people sleep."""
    spread = np.maximum(measured.get("varied_slots", nothing), 1.0)
    corpus = along(np.log2(spread), *np.log2(CORPUS_SPREAD))
    awake = along(measured.get("no_human_rhythm", nothing), *AWAKE)
    return np.nan_to_num(IDLE_FALLS * corpus * awake)
