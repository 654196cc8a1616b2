"""What the benchmarks are asked: options that several of them have, and how what stands behind one is read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path


def names(text: str) -> list[str]:
    """Names; none of an empty text."""
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(text: str) -> list[int]:
    """Whole numbers."""
    return [int(part) for part in text.split(",")]


def parser(
    about: str | None, *, seeds: Sequence[int], exchanges: int, result: Path
) -> argparse.ArgumentParser:
    """A parser with the seeds and the size of the worlds, and where the figures go; what is given here is the default."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(
        "--seeds",
        type=numbers,
        default=list(seeds),
        metavar="N,N",
        help=f"default: {seeds[0]} to {seeds[-1]}",
    )
    made.add_argument(
        "--exchanges", type=int, default=exchanges, help=f"size of each world; default: {exchanges:,}"
    )
    made.add_argument("--result", type=Path, default=result, metavar="FILE", help="where the figures go")
    return made
