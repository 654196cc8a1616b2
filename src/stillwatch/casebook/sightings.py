"""What others told, kept as it came: each act of reading is an entry of the log, and nothing is taken away by a retraction.

What counts is worked out anew whenever it is asked for, from all that was told in its order (`share.ways.together`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from stillwatch.casebook.chain import append, told_digest
from stillwatch.casebook.store import Casebook
from stillwatch.casebook.tables import APPEARANCE, SIGHTING, SPOKEN
from stillwatch.model.finding import Findings
from stillwatch.model.sighting import Retraction, Sighting, Told

READER = "stillwatch share read"
ROWS_AT_ONCE = 10_000


def keep(place: str | Path, told: Told, *, who: str = READER) -> int:
    """Keep what was told and is not kept yet; gives how many rows are new."""
    book = Casebook(place, is_new_allowed=True)
    try:
        with book.writing() as connection:
            return _keep(connection, told, who)
    finally:
        book.close()


def _keep(connection: Connection, told: Told, who: str) -> int:
    known = {
        msgspec.json.encode(row, order="sorted")
        for row in connection.execute(select(SIGHTING.c.told)).scalars()
    }
    rows_told = [(False, _row(s)) for s in told.sightings] + [(True, asdict(r)) for r in told.retractions]
    new = [(back, row) for back, row in rows_told if msgspec.json.encode(row, order="sorted") not in known]
    if not new:
        return 0
    body = {"rows": len(new), "digest": told_digest(row for _, row in new)}
    entry = append(connection, who=who, what="sightings", body=body)
    rows: list[dict[str, object]] = [
        {"entry": entry, "number": at, "sighting_id": row["sighting_id"], "is_retraction": back, "told": row}
        for at, (back, row) in enumerate(new)
    ]
    for at in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(SIGHTING.insert(), rows[at : at + ROWS_AT_ONCE])
    return len(new)


def _row(sighting: Sighting) -> dict[str, Any]:
    """A sighting as it is kept: without what it does not say, so that rows of older versions stay the same."""
    return {part: said for part, said in asdict(sighting).items() if part != "names" or said}


def parts(connection: Connection) -> tuple[Told, ...]:
    """All that was told, one part for each act of reading, in its order."""
    found: dict[int, tuple[list[Sighting], list[Retraction]]] = {}
    for row in connection.execute(select(SIGHTING).order_by(SIGHTING.c.entry, SIGHTING.c.number)):
        sightings, retractions = found.setdefault(row.entry, ([], []))
        if row.is_retraction:
            retractions.append(msgspec.convert(row.told, Retraction))
        else:
            sightings.append(msgspec.convert(row.told, Sighting))
    return tuple(Told(tuple(s), tuple(r)) for s, r in found.values())


def spoke(connection: Connection) -> Mapping[str, Mapping[str, str]]:
    """Of each campaign the sightings that spoke for it when it was last seen, each with its maker's name."""
    last = select(func.max(APPEARANCE.c.appearance_id)).group_by(APPEARANCE.c.campaign_id)
    query = (
        select(APPEARANCE.c.campaign_id, SPOKEN.c.sighting_id, SPOKEN.c.maker)
        .join(SPOKEN, SPOKEN.c.appearance_id == APPEARANCE.c.appearance_id)
        .where(APPEARANCE.c.appearance_id.in_(last))
        .order_by(APPEARANCE.c.campaign_id, SPOKEN.c.sighting_id)
    )
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.campaign_id, {})[row.sighting_id] = row.maker
    return found


def all_told(place: str | Path) -> tuple[Sequence[Told], Mapping[str, Mapping[str, str]]]:
    """The same two, of the casebook at that place."""
    book = Casebook(place, is_new_allowed=True)
    try:
        with book.reading() as connection:
            return parts(connection), spoke(connection)
    finally:
        book.close()


def remember(connection: Connection, told: Findings, campaign_id: str, appearance_id: int) -> None:
    """Keep which sightings spoke for a campaign in this scan."""
    rows: list[dict[str, Any]] = [
        {"appearance_id": appearance_id, "sighting_id": name, "maker": ", ".join(c.makers)}
        for c in told.corroborated
        if c.campaign_id == campaign_id
        for name in c.sightings
    ]
    if rows:
        connection.execute(SPOKEN.insert(), rows)
