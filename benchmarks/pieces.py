"""What the tables of the manual are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Lines of a table in Markdown."""
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def on(result: Mapping[str, Any]) -> str:
    """The machine and the versions that a result was measured with."""
    m = result["machine"]
    packages = ", ".join(
        f"{name} {m['packages'][name]}" for name in ("stillwatch", "duckdb", "numba", "pyarrow")
    )
    return f"{m['cores']} cores of {m['processor']}, {m['memory_gib']} GiB, Python {m['python']}, {packages}"


def number(value: float | None, places: int = 3) -> str:
    """A count as it is, a figure with so many places, a dash for what could not be measured."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.{places}f}"


def rate(found: int, of: int) -> str:
    """A share; where nothing was found, 3/n bounds it with 95 % confidence (Hanley, 1983)."""
    return f"{found / of:.3%}" if found else f"0 (at most {min(1.0, 3 / of):.2%})"
