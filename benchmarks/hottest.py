"""The table of where a large scan spends its time and what its memory holds, for the manual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pieces import on, table

LEAST = 0.005
"""Smaller shares are not shown."""


def hottest(result: Mapping[str, Any]) -> Iterator[str]:
    """Shares by room, and the functions that have most of them."""
    cpu, memory = result["cpu"], result["memory"]
    yield (
        f"Simulated world `{result['world']}`, seed {result['seed']}, {result['exchanges']:,} exchanges asked for, {result['threads']} threads; "
        f"{cpu['samples']:,} samples of threads that ran, and {memory['peak_gib']:.1f} GiB allocated at the peak; {on(result)}."
    )
    yield ""
    rooms = dict.fromkeys([*cpu["rooms"], *memory["rooms"]])
    rows = ((room, cpu["rooms"].get(room, 0.0), memory["rooms"].get(room, 0.0)) for room in rooms)
    yield from table(
        ("room", "share of CPU", "share of the memory at its peak"),
        ((f"{name}", f"{mine:.1%}", f"{held:.1%}") for name, mine, held in rows if max(mine, held) >= LEAST),
    )
    yield ""
    yield f"Functions, CPU: {_told(cpu['functions'])}."
    yield ""
    yield f"Functions, memory at its peak: {_told(memory['functions'])}."


def _told(shares: Mapping[str, float]) -> str:
    return ", ".join(f"`{name}` {share:.1%}" for name, share in shares.items() if share >= LEAST)
