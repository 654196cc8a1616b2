"""The engine's settings, checked in their own constructor, and the door that opens an engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from stillwatch.engine.duckdb import DuckDBEngine
from stillwatch.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from stillwatch.engine.spark import SparkEngine

MOST_THREADS = 1024

Engine: TypeAlias = "DuckDBEngine | SparkEngine"
"""Where tables live: both kinds read, and answer queries."""
_MEMORY = re.compile(r"\s*(?P<amount>[1-9]\d*(\.\d+)?)\s*(?P<unit>[KMGT]i?B)\s*", re.IGNORECASE)
QUERIES_PART = 0.5
"""What queries may take of the memory; the rest is for accounts, links and what is read in between."""


@dataclass(frozen=True)
class EngineSettings:
    """Where tables live, and how much of the machine the engine may take; None leaves the choice to the database."""

    name: Literal["duckdb", "spark"] = field(
        default="duckdb", metadata={"help": "duckdb: on this machine; spark: with the executors of a session"}
    )
    master: str | None = field(
        default=None,
        metadata={
            "help": "where Spark runs, such as local[4], sc://host:15002 or spark://host:7077; unset: the session or the configuration of the job"
        },
    )

    threads: int | None = field(
        default=None, metadata={"help": "threads of a scan; unset: one for each core"}
    )
    memory: str | None = field(
        default=None,
        metadata={
            "help": "memory to do with, e.g. 4GB: columns lie on disk, and queries take half of it and spill; unset: all that there is, columns in memory while they fill less than a third"
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
        if self.master is not None and self.name != "spark":
            raise SettingsError(
                f"engine.master is {self.master!r}, and the engine is {self.name}; ask for --engine spark, or leave the master out."
            )
        if self.threads is not None and self.name == "spark":
            raise SettingsError(
                f"engine.threads is {self.threads}, and Spark's threads are the master's; write --master local[{self.threads}], or leave it out."
            )


def open_engine(settings: EngineSettings | None = None, there_is: int | None = None) -> DuckDBEngine:
    """The engine on this machine that the settings ask for; use it as a context manager.

    `there_is` are the bytes of memory to do with where the settings name none; without either the database decides.
    """
    chosen = settings or EngineSettings()
    memory = chosen.memory or (there_is and f"{max(1.0, there_is / 1e6)}MB")
    return DuckDBEngine(threads=chosen.threads, memory_limit=_part(memory) if memory else None)


def _part(memory: str) -> str:
    """The database's part of the memory that the whole scan should do with."""
    found = _MEMORY.fullmatch(memory)
    assert found is not None  # noqa: S101  checked by the settings
    return f"{float(found['amount']) * QUERIES_PART}{found['unit']}"


def open_executors(settings: EngineSettings) -> SparkEngine:
    """The engine with executors that the settings ask for; use it as a context manager."""
    try:
        from stillwatch.engine.spark import SparkEngine  # noqa: PLC0415  an optional extra
    except ImportError as error:
        raise UsageError(
            f"The Spark engine was asked for, and {error.name} is not installed here. Install it with "
            "pip install 'stillwatch[spark]', or leave --engine spark out."
        ) from error
    return SparkEngine(settings.master, settings.memory)
