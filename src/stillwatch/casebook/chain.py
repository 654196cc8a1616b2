"""The log of a casebook: every act with the hash of the one before it, so that a change of the past shows.

A chain shows that nothing in the middle was changed, added or taken away. That its end was cut off shows only to somebody who
kept the last hash: every export names it, and `case verify --head` compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from stillwatch.casebook.assay_tables import ASSAY, ASSAY_REVIEW
from stillwatch.casebook.tables import (
    APPEARANCE,
    CAMPAIGN,
    DECISION,
    ENTRY,
    MARK,
    MEMBER,
    NOTE,
    REVIEW,
    SCAN,
    SIGHTING,
    SPOKEN,
)

GENESIS = "0" * 64
RECORDED: Mapping[str, Table] = {
    "note": NOTE,
    "decision": DECISION,
    "review": REVIEW,
    "assay": ASSAY,
    "assay_review": ASSAY_REVIEW,
}


@dataclass(frozen=True)
class Head:
    """How many entries a log has, and the hash of the last."""

    entries: int
    hash: str


def append(connection: Connection, *, who: str, what: str, body: Mapping[str, Any]) -> int:
    """Add an entry and give its number; the transaction has to be one that writes."""
    before = head(connection)
    number, recorded, told = before.entries + 1, now(), _canonical(body)
    connection.execute(
        ENTRY.insert().values(
            entry=number,
            recorded=recorded,
            who=who,
            what=what,
            body=told,
            hash_before=before.hash,
            hash=_hash(number, recorded, who, what, told, before.hash),
        )
    )
    return number


def record(connection: Connection, table: Table, *, who: str, row: Mapping[str, Any]) -> int:
    """Add a row of what somebody recorded, and its entry with the same values."""
    number = append(connection, who=who, what=table.name, body=row)
    connection.execute(table.insert().values(entry=number, **row))
    return number


def head(connection: Connection) -> Head:
    """The end of the log."""
    last = connection.execute(
        select(ENTRY.c.entry, ENTRY.c.hash).order_by(ENTRY.c.entry.desc()).limit(1)
    ).first()
    return Head(last.entry, last.hash) if last else Head(0, GENESIS)


def faults(connection: Connection, pinned: str | None = None) -> Iterator[str]:
    """All that does not fit together; nothing if the casebook is as it was written. `pinned` is a hash that has to be in it."""
    before, expected, found_pin = GENESIS, 0, pinned is None
    rows: dict[str, dict[int, str]] = {name: {} for name in (*RECORDED, "scan", "sightings")}
    for entry in connection.execute(select(ENTRY).order_by(ENTRY.c.entry)):
        expected += 1
        if entry.entry != expected:
            yield f"entry {expected} is missing: the next is {entry.entry}"
            expected = entry.entry
        if entry.hash_before != before:
            yield f"entry {entry.entry} does not follow the one before it"
        told = _hash(entry.entry, entry.recorded, entry.who, entry.what, entry.body, entry.hash_before)
        if entry.hash != told:
            yield f"entry {entry.entry} was changed: its hash is not that of what it says"
        before = entry.hash
        found_pin = found_pin or entry.hash == pinned
        if entry.what in rows:
            rows[entry.what][entry.entry] = entry.body
    if not found_pin:
        yield "the hash that was given is not in the log: the log was cut off or replaced"
    yield from _rows(connection, rows)


def _rows(connection: Connection, entries: Mapping[str, Mapping[int, str]]) -> Iterator[str]:
    """Rows that say something else than their entries, rows without one, and entries without a row."""
    for name, table in RECORDED.items():
        there = {
            row.entry: _canonical({k: v for k, v in row._asdict().items() if k != "entry"})
            for row in connection.execute(select(table))
        }
        for number in sorted({*there, *entries[name]}):
            if there.get(number) != entries[name].get(number):
                yield f"{name} {number} is not what the log says of it"
    told = {json.loads(body)["scan"]["scan_id"]: json.loads(body) for body in entries["scan"].values()}
    for scan_id in sorted({*told, *connection.execute(select(SCAN.c.scan_id)).scalars()}):
        if scan_id not in told or told[scan_id]["digest"] != scan_digest(connection, scan_id):
            yield f"scan {scan_id} is not what the log says of it"
    read = {number: json.loads(body)["digest"] for number, body in entries["sightings"].items()}
    for number in sorted({*read, *connection.execute(select(SIGHTING.c.entry).distinct()).scalars()}):
        if read.get(number) != sightings_digest(connection, number):
            yield f"the sightings of entry {number} are not what the log says of them"


def sightings_digest(connection: Connection, entry: int) -> str:
    """A digest of all that one act of reading brought."""
    return told_digest(
        row.told
        for row in connection.execute(
            select(SIGHTING.c.told).where(SIGHTING.c.entry == entry).order_by(SIGHTING.c.number)
        )
    )


def told_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """The same, of values that are not kept yet."""
    digest = hashlib.sha256()
    for told in rows:
        digest.update(_canonical(told).encode() + b"\n")
    return digest.hexdigest()


def scan_digest(connection: Connection, scan_id: int) -> str:
    """A digest of all rows of a scan: itself, its campaigns, their members and marks."""
    digest = hashlib.sha256()
    appeared = select(APPEARANCE.c.appearance_id).where(APPEARANCE.c.scan_id == scan_id)
    queries = (
        select(SCAN).where(SCAN.c.scan_id == scan_id),
        select(CAMPAIGN.c.campaign_id, CAMPAIGN.c.split_from).where(CAMPAIGN.c.first_scan == scan_id),
        select(CAMPAIGN.c.campaign_id, CAMPAIGN.c.merged_into).where(CAMPAIGN.c.merged_in_scan == scan_id),
        select(APPEARANCE).where(APPEARANCE.c.scan_id == scan_id),
        select(MEMBER).where(MEMBER.c.appearance_id.in_(appeared)),
        select(MARK).where(MARK.c.appearance_id.in_(appeared)),
    )
    for query in queries:
        for told in sorted(_canonical(row._asdict()) for row in connection.execute(query)):
            digest.update(told.encode() + b"\n")
        digest.update(b"\n")
    spoken = select(SPOKEN).where(SPOKEN.c.appearance_id.in_(appeared))
    for told in sorted(_canonical(row._asdict()) for row in connection.execute(spoken)):
        digest.update(told.encode() + b"\n")
    return digest.hexdigest()


def count(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _hash(*told: int | str) -> str:
    return hashlib.sha256(_canonical(told).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def now() -> str:
    """This moment, as the log writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
