"""What the manual shows of two providers that tell each other what they saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pieces import on, table

Document = Mapping[str, Any]

WAYS = {
    "alone": "alone",
    "sightings": "with the other's sightings",
    "both": "and with the cards that both have",
}


def two_providers(result: Document) -> Iterator[str]:
    """What was found alone and together, and what innocents paid."""
    seeds = ", ".join(map(str, result["seeds"]))
    yield f"Worlds of about {result['exchanges']:,} exchanges, seeds {seeds}; {on(result)}."
    yield ""
    for goal in result["goals"]:
        yield f"- {goal['goal']}: {goal['value']}, {'met' if goal['met'] else '**not met**'}"
    yield ""
    worlds = {**result["worlds"], "all": result["all"]}
    yield from table(
        ("world", "scans", "", "campaigns found", "accounts found", "false alarms", "innocents called"),
        (
            (
                f"`{world}`" if world != "all" else "all",
                str(told["scans"]),
                text,
                _of(told[way]["campaigns_found"]),
                _of(told[way]["accounts_found"]),
                str(told[way]["false_alarms"]),
                str(told[way]["innocent_accounts_called"]),
            )
            for world, told in worlds.items()
            for way, text in WAYS.items()
        ),
    )
    told = result["all"]
    yield ""
    yield (
        f"Below the line on both sides stood {told['below_on_both']} campaigns; of these, {told['then_found_by_both']} are then found by both "
        f"providers, and {told['then_found_by_one']} by one."
    )


def _of(rate: Document) -> str:
    return f"{rate['found']} of {rate['of']}" if rate["of"] else "none there"
