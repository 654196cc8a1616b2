"""The ways to read a log: in one go, or with what earlier scans kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Protocol

from stillwatch.errors import UsageError
from stillwatch.fingerprint.assemble import Passed
from stillwatch.keep.door import Door
from stillwatch.keep.keeping import Keeping
from stillwatch.keep.noted import KeepSettings
from stillwatch.keep.window import asked
from stillwatch.model.kept import KeptFiles
from stillwatch.sources.layout import Input
from stillwatch.sources.rejected import Reject

Place = str | Path


class Way(Protocol):
    """How a scan brings the exchanges of a log through the door."""

    @property
    def told(self) -> KeptFiles | None:
        """What was taken as an earlier scan had kept it, once all was read; None if nothing is kept."""

    def passed(
        self, log: Input, reject: Reject, door: Door, show: Callable[[str, int, int | None], None]
    ) -> Iterator[Passed]:
        """The good rows in file order; those that break the contract go to `reject`."""


class AtOnce:
    """All of the log, batch after batch."""

    told: KeptFiles | None = None

    def passed(
        self, log: Input, reject: Reject, door: Door, show: Callable[[str, int, int | None], None]
    ) -> Iterator[Passed]:
        """The good rows in file order."""
        done, total = 0, log.rows
        for passed in door.passed(log.exchanges(reject)):
            yield passed
            done += passed.keyed.num_rows
            show("reading exchanges", done, total)


def way_of(
    log: Place,
    *,
    out: Place | None,
    keep: Place | None,
    days: int | None,
    until: str | date | None,
    settings: KeepSettings,
) -> Way:
    """How a scan is asked to read; a folder to keep things in that lies in the log or in the result is refused."""
    window = asked(days, until)
    if keep is None:
        return AtOnce() if window is None else Keeping(None, window)
    keep = Path(keep)
    places = {"the log": Path(log) if Path(log).is_dir() else None, "the findings": out}
    for what, place in places.items():
        if place is not None and keep.resolve().is_relative_to(Path(place).resolve()):
            raise UsageError(
                f"What is read of the log should be kept in {keep}, which lies in the folder of {what}, {place}. "
                "Name a folder of its own."
            )
    return Keeping(keep, window, settings)
