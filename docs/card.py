"""Fills the tables of the capability model's card from `benchmarks/capability/result.json`, each time the manual is built.

mkdocs calls `on_page_markdown`; the tests call `filled`. Nothing is written into the source tree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from stillwatch.model.tables import CAPABILITIES

RESULT = Path(__file__).parents[1] / "benchmarks" / "capability" / "result.json"
MARKER = re.compile(r"<!-- card: ([a-z]+) -->")
NONE = "-"

Measured = Mapping[str, Any]


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill in the tables of the model card."""
    return filled(markdown)


def filled(markdown: str) -> str:
    """A page with each `<!-- card: NAME -->` replaced by a table of what was measured."""
    if not MARKER.search(markdown):
        return markdown
    result = json.loads(RESULT.read_text("utf-8"))
    return MARKER.sub(lambda match: TABLES[match[1]](result), markdown)


def published(result: Measured) -> str:
    """Published prompts that no training example holds, as they are and inside templates."""
    each = result["published_prompts_held_out"]
    return _rates({"as published": each["as_published"], "in templates": each["in_templates"]})


def languages(result: Measured) -> str:
    """Requests put together of phrases and tasks that no training example holds."""
    return _rates(result["composed_held_out"])


def harvests(result: Measured) -> str:
    """Extraction exchanges with a prompt, in simulated worlds."""
    return _rates(_of_worlds(result, "extraction_with_prompt"))


def ordinary(result: Measured) -> str:
    """Exchanges that are no extraction, in simulated worlds."""
    return _rates(_of_worlds(result, "other_exchanges"))


def shares(result: Measured) -> str:
    """Total variation between true shares and those named, for each campaign and as a mean of each world."""
    rows: list[tuple[str, ...]] = []
    for world, measured in result["simulated_worlds"].items():
        found = measured["total_variation"]
        rows += [(world, campaign, *_three(values)) for campaign, values in found.items()]
        means = {
            key: sum(one[key] for one in found.values()) / len(found) for key in next(iter(found.values()))
        }
        rows.append((world, "**mean**", *_three(means)))
    return _table(("world", "campaign", "all exchanges", "those with a prompt", "as reported"), rows)


def _three(values: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{values[key]:.2f}" for key in ("all", "with_prompt", "as_reported"))


def _of_worlds(result: Measured, part: str) -> Mapping[str, Measured]:
    return {world: measured[part] for world, measured in result["simulated_worlds"].items()}


def _rates(columns: Mapping[str, Measured]) -> str:
    rows = [("all", *(f"{column['right']:.2f} of {column['of']:,}" for column in columns.values()))]
    for capability in CAPABILITIES:
        found = [column["each"].get(capability) for column in columns.values()]
        if any(found):
            rows.append((capability, *(f"{one['right']:.2f}" if one else NONE for one in found)))
    return _table(("capability", *columns), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "published": published,
    "languages": languages,
    "harvests": harvests,
    "ordinary": ordinary,
    "shares": shares,
}
