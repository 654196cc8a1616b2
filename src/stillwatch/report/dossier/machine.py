"""A dossier as JSON for tools: everything it says, as values, under the names that the code uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from stillwatch.report.dossier.page import TITLES, diamond
from stillwatch.report.dossier.telling import Whole
from stillwatch.report.result import run_fields, stable_json
from stillwatch.report.shown import shown

FORMAT = "stillwatch-dossier/1"
LONGEST = 2_000


def machine(whole: Whole, pack_digest: str) -> str:
    """The JSON document."""
    return stable_json(
        _visible(
            {
                "format": FORMAT,
                "parts": TITLES,
                "pack_digest": pack_digest,
                "simulated": whole.run.simulated,
                "run": run_fields(whole.run),
                "dossier": whole.dossier,
                "events": whole.events,
                "evidence": whole.pieces,
                "assays": whole.assays,
                "ledger": whole.ledger,
                "without_one_family": whole.without,
                "accounts_with_two_witnesses": {"with": whole.held_by_two[0], "of": whole.held_by_two[1]},
                "capabilities": whole.sweep,
                "breadth": whole.breadth,
                "worth": whole.worth,
                "attribution": whole.attribution,
                "diamond": dict(diamond(whole)),
                "options": whole.options,
                "from_log": whole.pack.log,
                "extent": whole.pack.extent,
                "sources": whole.pack.sources,
                "hr8283": {"headings": whole.annex, "exclusions": whole.exclusions},
                "record": whole.pack.record,
            }
        )
    )


def _visible(value: Any) -> Any:
    """The value with every text in it fit to be shown: tools hand on to people what they read."""
    if is_dataclass(value) and not isinstance(value, type):
        return _visible({f.name: getattr(value, f.name) for f in fields(value)})
    if isinstance(value, str):
        return shown(value, LONGEST)
    if isinstance(value, Mapping):
        return {shown(str(name), LONGEST): _visible(item) for name, item in value.items()}
    return [_visible(item) for item in value] if isinstance(value, (list, tuple)) else value
