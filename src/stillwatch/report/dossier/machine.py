"""A dossier as JSON for tools: everything it says, as values, under the names that the code uses."""

from __future__ import annotations

from stillwatch.report.dossier.page import TITLES
from stillwatch.report.dossier.telling import Whole
from stillwatch.report.result import run_fields, stable_json

FORMAT = "stillwatch-dossier/1"


def machine(whole: Whole, pack_digest: str) -> str:
    """The JSON document."""
    return stable_json(
        {
            "format": FORMAT,
            "parts": TITLES,
            "pack_digest": pack_digest,
            "simulated": whole.run.simulated,
            "run": run_fields(whole.run),
            "dossier": whole.dossier,
            "events": whole.events,
            "evidence": whole.pieces,
            "ledger": whole.ledger,
            "without_one_family": whole.without,
            "accounts_with_two_witnesses": {"with": whole.held_by_two[0], "of": whole.held_by_two[1]},
            "capabilities": whole.sweep,
            "breadth": whole.breadth,
            "worth": whole.worth,
            "attribution": whole.attribution,
            "options": whole.options,
            "from_log": whole.pack.log,
            "extent": whole.pack.extent,
            "sources": whole.pack.sources,
            "hr8283": {"headings": whole.annex, "exclusions": whole.exclusions},
            "record": whole.pack.record,
        }
    )
