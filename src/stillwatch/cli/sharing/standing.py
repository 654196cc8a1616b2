"""What others told and what of it counts, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Table

from stillwatch.cli.screen import table, text
from stillwatch.model.sighting import Sighting, Told
from stillwatch.share.ways import together


def standing_table(parts: Sequence[Told]) -> Table:
    """One row for each maker, way, marking, code and what was seen."""
    now = datetime.now(UTC).isoformat()
    standing = together(parts)
    counts = {s.sighting_id for s in standing.sightings}
    told = {s.sighting_id: s for part in reversed(parts) for s in part.sightings}
    counted: dict[tuple[str, ...], Counter[str]] = {}
    for sighting in standing.sightings:
        state = "expired" if sighting.valid_until < now else "counts"
        counted.setdefault(_row(sighting), Counter())[state] += 1
    for sighting in (s for name, s in told.items() if name not in counts):
        counted.setdefault(_row(sighting), Counter())["taken back"] += 1
    states = ("Counts", "Expired", "Taken back")
    made = table("Maker", "By way of", "TLP", "Code", "Seen as", "Names", *states, right=states)
    for row, mine in sorted(counted.items()):
        made.add_row(*map(text, row), *(str(mine[state.lower()]) for state in states))
    return made


def _row(sighting: Sighting) -> tuple[str, ...]:
    seen_as = f"{sighting.sighted_as}{' (simulated)' if sighting.simulated else ''}"
    maker = sighting.maker_name or sighting.maker
    return (
        maker,
        sighting.source,
        sighting.tlp.upper(),
        sighting.admiralty,
        seen_as,
        sighting.names or "nobody",
    )
