"""How the benchmarks read what stands behind an option, with commas between."""

from __future__ import annotations


def names(text: str) -> list[str]:
    """Names; none of an empty text."""
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(text: str) -> list[int]:
    """Whole numbers."""
    return [int(part) for part in text.split(",")]
