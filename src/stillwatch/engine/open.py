"""The engine's settings, checked in their own constructor, and the door that opens an engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.errors import SettingsError

MOST_THREADS = 1024
_MEMORY = re.compile(r"\s*[1-9]\d*(\.\d+)?\s*([KMGT]i?B)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class EngineSettings:
    """How much of the machine the engine may take; None leaves the choice to the database."""

    threads: int | None = field(
        default=None, metadata={"help": "threads for queries; unset: one for each core"}
    )
    memory: str | None = field(
        default=None,
        metadata={
            "help": "memory to do with, e.g. 4GB: columns lie on disk and queries spill; unset: 80 % of the machine, columns in memory"
        },
    )

    def __post_init__(self) -> None:
        """Refuse values that the database would refuse later, in the middle of a scan."""
        if self.threads is not None and not 1 <= self.threads <= MOST_THREADS:
            raise SettingsError(
                f"engine.threads is {self.threads}; give a whole number from 1 to {MOST_THREADS}, or leave it out."
            )
        if self.memory is not None and not _MEMORY.fullmatch(self.memory):
            raise SettingsError(
                f"engine.memory is {self.memory!r}; give an amount with its unit, such as 500MB or 2GB, or leave it out."
            )


def open_engine(settings: EngineSettings | None = None) -> DuckDBEngine:
    """The engine that the settings ask for; use it as a context manager."""
    chosen = settings or EngineSettings()
    return DuckDBEngine(threads=chosen.threads, memory_limit=chosen.memory)
