"""The tables of a casebook, made and brought up to date step by step; each step is one transaction with its number.

A step, once released, is never edited: a later one changes what it made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, inspect, select

from stillwatch.casebook.assay_tables import ASSAY, ASSAY_REVIEW, ASSAYED_ONLY
from stillwatch.casebook.tables import APPEND_ONLY, METADATA, SIGHTED_ONLY, SIGHTING, SPOKEN, VERSION
from stillwatch.errors import InputError


def _tables(connection: Connection) -> None:
    """1: all tables."""
    METADATA.create_all(connection)


def _append_only(connection: Connection) -> None:
    """2: rows of the log and of what people recorded cannot be changed or taken away, but by whoever owns the database."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION stillwatch_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a casebook only grows'; END $$"
        )
    _only_grow(connection, APPEND_ONLY)


def _sighted(connection: Connection) -> None:
    """3: what others told, and for which campaigns it spoke."""
    METADATA.create_all(connection, tables=[SIGHTING, SPOKEN])
    _only_grow(connection, SIGHTED_ONLY)


def _assayed(connection: Connection) -> None:
    """4: assays of suspect models, and who reviewed them."""
    METADATA.create_all(connection, tables=[ASSAY, ASSAY_REVIEW])
    _only_grow(connection, ASSAYED_ONLY)


def _only_grow(connection: Connection, tables: Sequence[str]) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    for table in tables:
        for act in ("UPDATE", "DELETE"):
            name = f"{table}_no_{act.lower()}"
            body = (
                "FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'a casebook only grows'); END"
                if is_sqlite
                else "FOR EACH ROW EXECUTE FUNCTION stillwatch_append_only()"
            )
            connection.exec_driver_sql(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {body}")


STEPS: tuple[Callable[[Connection], None], ...] = (_tables, _append_only, _sighted, _assayed)


def version_of(connection: Connection) -> int:
    """The number of the last step that was taken; 0 in an empty database; others are refused."""
    names = set(inspect(connection).get_table_names())
    if VERSION.name in names:
        return int(connection.execute(select(VERSION.c.version)).scalar_one_or_none() or 0)
    if names:
        raise InputError(
            f"The database holds other tables ({', '.join(sorted(names)[:4])}) and no casebook. Name a new file or database."
        )
    return 0


def migrate(connection: Connection) -> None:
    """Take the steps that are missing, in the transaction of the connection; a newer casebook is refused."""
    version = version_of(connection)
    if version > len(STEPS):
        raise InputError(
            f"The casebook has version {version}, and this stillwatch knows versions up to {len(STEPS)}. Update stillwatch."
        )
    for step in STEPS[version:]:
        step(connection)
    if version < len(STEPS):
        connection.execute(VERSION.delete())
        connection.execute(VERSION.insert().values(version=len(STEPS)))
