"""What a test needs that starts real programs: the word that it may."""

from __future__ import annotations

import os

import pytest


def allowed(does: str) -> pytest.MarkDecorator:
    """Skips where STILLWATCH_PRODUCERS does not say that the tests may do so."""
    may = os.environ.get("STILLWATCH_PRODUCERS") == "1"
    return pytest.mark.skipif(not may, reason=f"{does}: set STILLWATCH_PRODUCERS=1 to let it")
