"""The table of Spark beside DuckDB, for the manual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pieces import number, on, table


def beside(result: Mapping[str, Any]) -> Iterator[str]:
    """A row for each engine: what the same scan took."""
    yield (
        f"Simulated world `{result['world']}`, seed {result['seed']}, {result['exchanges']:,} exchanges of {result['accounts']:,} accounts, "
        f"`--master {result['master']}`, one run of each; {on(result)}. Load before the runs was {number(result['load_before'], 1)}."
    )
    yield ""
    yield from table(
        ("engine", "wall s", "CPU s"),
        ((name, number(one["wall"], 1), number(one["cpu"], 1)) for name, one in result["scans"].items()),
    )
    yield ""
    yield "The findings are equal." if result["equal_findings"] else "**The findings are not equal.**"
