"""The log that a scan is asked for, opened, and the engine that holds its tables: here, or with the executors of a session."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from stillwatch.engine.open import Engine, EngineSettings, open_engine, open_executors
from stillwatch.errors import UsageError
from stillwatch.fingerprint.limit import memory_limit
from stillwatch.sources.layout import Input, open_input
from stillwatch.sources.spread.places import open_spread


def opened(
    path: str | Path,
    settings: EngineSettings,
    stack: ExitStack,
    *,
    log_format: str | None,
    tables: Mapping[str, str | Path | None],
) -> tuple[Engine, Input]:
    """The engine, until the stack closes it, and the log; `tables` are those that lie elsewhere, if any do."""
    beside = {name: str(place) for name, place in tables.items() if place is not None}
    if settings.name == "spark":
        executors = stack.enter_context(open_executors(settings))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stillwatch-scan-")))
        return executors, open_spread(str(path), executors, beside, log_format=log_format, scratch=scratch)
    places = {name: Path(place) for name, place in beside.items()}
    log_input = open_input(Path(path), log_format=log_format, **places)
    return stack.enter_context(open_engine(settings, memory_limit())), log_input


def only_here(settings: EngineSettings, **asked: object) -> None:
    """Refuse, where executors read the log, what needs its text or its files on this machine."""
    found = [f"--{name}" for name, value in asked.items() if value is not None]
    if settings.name == "spark" and found:
        raise UsageError(
            f"{' and '.join(found)} cannot be had with --engine spark: the log is read by executors, and its text and files are not here. "
            "Leave it out, or scan without --engine."
        )
