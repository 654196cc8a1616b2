"""Open a casebook and write to it: one writer at a time, whole transactions or nothing, errors that say what to do.

SQLite keeps its rollback journal, so that a process that is killed leaves the last whole state, and locks the file before
the first read of a transaction that may write (BEGIN IMMEDIATE), so that nobody decides on what is out of date. PostgreSQL
locks the log for the same end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
)

from stillwatch.casebook.migrations import STEPS, migrate, version_of
from stillwatch.errors import BusyError, InputError, UsageError

WAIT_SECONDS = 60
"""How long a writer waits for another."""
ONLY_ITS_OWNER = 0o600
"""A casebook holds account ids."""


class Casebook:
    """A casebook by the path of its SQLite file, or by the URL of a PostgreSQL database."""

    def __init__(self, place: str | Path, *, is_new_allowed: bool = False) -> None:
        """Open it; a file that is not there is made only where that is allowed."""
        self.place = str(place)
        self._engine = _engine(self.place, is_new_allowed=is_new_allowed)
        with self.reading() as connection:
            version = version_of(connection)
        if not is_new_allowed and version == 0:
            raise InputError(f"{self.shown} holds no casebook. `stillwatch scan --casebook` begins one.")
        if version != len(STEPS):
            with self.writing() as connection:
                migrate(connection)

    @property
    def shown(self) -> str:
        """The place without a password."""
        return make_url(self.place).render_as_string() if is_url(self.place) else self.place

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction in which nobody else writes; at the end of the block all of it is there, on an error nothing."""
        with self._told(), self._engine.begin() as connection:
            if connection.dialect.name != "sqlite":
                connection.execute(text("SELECT pg_advisory_xact_lock(7717)"))
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of the casebook, whoever writes meanwhile."""
        with self._told(), self._engine.connect().execution_options(is_reading=True) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One state of the whole casebook for all that is read in the block."""
        is_file = self._engine.dialect.name == "sqlite"
        options = {"is_reading": True} | ({} if is_file else {"isolation_level": "REPEATABLE READ"})
        with self._told(), self._engine.connect().execution_options(**options) as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say of what the database refuses what to do about it."""
        try:
            yield
        except (DataError, IntegrityError) as error:
            raise InputError(
                f"{self.shown} refuses a row: {error.orig}. `stillwatch case verify` checks it."
            ) from error
        except OperationalError as error:
            if "locked" in str(error.orig):
                raise BusyError(
                    f"Another process has been writing into the casebook {self.shown} for {WAIT_SECONDS} seconds. Try again."
                ) from error
            raise UsageError(f"The casebook {self.shown} cannot be used: {error.orig}.") from error
        except DatabaseError as error:
            raise InputError(
                f"{self.shown} is no casebook, or a damaged one: {error.orig}. Name another file, or bring back a copy."
            ) from error
        except SQLAlchemyError as error:
            raise InputError(f"The casebook {self.shown} cannot be read: {error}.") from error


def is_url(place: str) -> bool:
    """Whether it names a database by its URL, and no file."""
    return "://" in place


def _engine(place: str, *, is_new_allowed: bool) -> Engine:
    if not is_url(place):
        return _sqlite(Path(place), is_new_allowed=is_new_allowed)
    try:
        url = make_url(place)
        if url.get_backend_name() == "sqlite" and url.database:
            return _sqlite(Path(url.database), is_new_allowed=is_new_allowed)
        if url.get_backend_name() != "postgresql":
            raise UsageError(
                f"A casebook lies in an SQLite file or in PostgreSQL, not in {url.get_backend_name()}."
            )
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return create_engine(url, isolation_level="READ COMMITTED")
    except ArgumentError as error:
        raise UsageError(
            f"The casebook's URL cannot be read: {error}. Write postgresql://USER@HOST/NAME."
        ) from error
    except ImportError as error:
        raise UsageError("PostgreSQL needs a driver: pip install 'stillwatch[cases,postgres]'.") from error


def _sqlite(path: Path, *, is_new_allowed: bool) -> Engine:
    if not path.exists():
        if not is_new_allowed:
            raise UsageError(f"There is no casebook {path}. `stillwatch scan --casebook {path}` begins one.")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, ONLY_ITS_OWNER))
        except FileExistsError:
            pass
        except OSError as error:
            raise UsageError(f"The casebook {path} cannot be made: {error.strerror}.") from error
    elif not path.is_file():
        raise UsageError(f"The casebook {path} is no file. Name a file.")
    engine = create_engine(f"sqlite:///{path.resolve()}", connect_args={"timeout": WAIT_SECONDS})
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begun)
    return engine


def _connected(connection: Any, _: Any) -> None:
    """Leave transactions to us; refuse rows that point nowhere; be on the disk before it is said."""
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    is_reading = connection.get_execution_options().get("is_reading", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
