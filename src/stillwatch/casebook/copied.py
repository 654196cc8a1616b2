"""A casebook, copied as it is at one moment into an SQLite file: what is tried with the copy leaves no trace in the casebook."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url

from stillwatch.casebook.store import Casebook, is_url
from stillwatch.casebook.tables import METADATA, VERSION
from stillwatch.errors import UsageError

ROWS_AT_ONCE = 5_000


def copied(place: str | Path, to: Path) -> None:
    """Copy the casebook, a file or a database by its URL, into a new file; nothing is written to it."""
    file = _file(str(place))
    if file is None:
        _rows(str(place), to)
    elif file.is_file():
        _pages(file, to)
    else:
        raise UsageError(f"There is no casebook {file}. Give the one that held the sightings and decisions.")


def _file(place: str) -> Path | None:
    """The file of an SQLite casebook; None where it is a database elsewhere."""
    if not is_url(place):
        return Path(place)
    url = make_url(place)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _pages(file: Path, to: Path) -> None:
    """Page by page, as SQLite copies a file that somebody may be writing to."""
    try:
        with (
            closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(to)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise UsageError(f"The casebook {file} cannot be read: {error}.") from error


def _rows(place: str, to: Path) -> None:
    """Row by row in one transaction, in an order in which no row points to one that is still missing."""
    old, new = Casebook(place), Casebook(to, is_new_allowed=True)
    try:
        with old.snapshot() as reading, new.writing() as writing:
            for table in (t for t in METADATA.sorted_tables if t is not VERSION):
                for part in reading.execute(select(table)).mappings().partitions(ROWS_AT_ONCE):
                    writing.execute(table.insert(), [dict(row) for row in part])
    finally:
        old.close()
        new.close()
