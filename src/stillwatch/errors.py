"""Every error a caller can meet, as one tree.

    StillwatchError              show this without a traceback; carries an exit status
    ├── UsageError               the arguments or settings cannot be used (exit 2)
    │   ├── SettingsError        a setting is unknown or out of range
    │   └── BusyError            another scan is writing into the same folder
    ├── InputError               the input cannot be used at all (exit 2)
    │   └── SchemaError          a required column is missing or a table has the wrong shape
    ├── PartialInputError        only part of the input could be read (exit 3)
    ├── EngineError              a query failed; carries its SQL (exit 3)
    ├── DiskError                temporary files could not be written (exit 3)
    └── PluginError              an installed extension does not load (exit 2)

Every message says what was asked, what was found, where, and what to do next.
"""

from __future__ import annotations


class StillwatchError(Exception):
    """Base of all errors that stillwatch raises on purpose; shown without a traceback."""

    exit_status = 3


class UsageError(StillwatchError):
    """The arguments cannot be used."""

    exit_status = 2


class SettingsError(UsageError):
    """A setting is unknown or its value is out of range."""


class BusyError(UsageError):
    """Another process is writing into the same folder."""


class InputError(StillwatchError):
    """The input cannot be used."""

    exit_status = 2


class SchemaError(InputError):
    """A required column is missing, or a table has the wrong shape."""


class PartialInputError(StillwatchError):
    """Only a part of the input could be read."""


class EngineError(StillwatchError):
    """A query failed; the message ends with its SQL."""

    def __init__(self, message: str, sql: str) -> None:
        super().__init__(f"{message}\n\nThe query was:\n{sql.strip()}")
        self.sql = sql


class DiskError(StillwatchError):
    """Temporary files could not be written."""


class PluginError(StillwatchError):
    """An installed extension does not load, or two of them share a name."""

    exit_status = 2
