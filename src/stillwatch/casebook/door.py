"""The door of the room for a scan, with or without a casebook; the library that keeps it is needed only with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from stillwatch.errors import UsageError
from stillwatch.model.attributed import Review
from stillwatch.model.finding import Findings

F = TypeVar("F", bound=Findings)
Place: TypeAlias = str | Path | Mapping[str, str] | None
"""A file or a URL. What one scan took from a casebook stands for it where that scan is repeated by somebody who has none."""


def confirmed(place: Place, *, out: str | Path | None = None) -> Mapping[str, str]:
    """Accounts of confirmed campaigns, and until when that counts; none without a casebook.

    A casebook that lies in `out` is refused: the folder of the results is replaced as a whole by every scan.
    """
    if isinstance(place, Mapping):
        return place
    if place is not None and out is not None and Path(out).resolve() in Path(place).resolve().parents:
        raise UsageError(
            f"The casebook {place} lies in {out}, which every scan replaces as a whole. Keep it beside the results."
        )
    found: Mapping[str, str] = {} if place is None else casebook_room("keeping").confirmed(place)
    return found


@contextmanager
def kept(findings: F, place: Place, sign: Callable[[F, Sequence[Review]], F]) -> Iterator[F]:
    """The findings as the casebook knows them, kept there if the block ends well; as they are without a casebook."""
    if place is None or isinstance(place, Mapping):
        yield findings
        return
    with casebook_room("keeping").kept(findings, place, sign) as told:
        yield told


def casebook_room(name: str) -> Any:
    """A module of the room, or a word on what it needs."""
    try:
        return import_module(f"stillwatch.casebook.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sqlalchemy":
            raise
        raise UsageError("A casebook needs SQLAlchemy: pip install 'stillwatch[cases]'.") from error
