"""What a check is: one named demand on an extension, which holds or says why it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stillwatch.errors import StillwatchError


class ConformanceError(StillwatchError, AssertionError):
    """An extension does not do what every extension of its room must do."""


@dataclass(frozen=True)
class Check:
    """One demand on an extension; calling it raises `ConformanceError` if the demand is not met."""

    subject: str
    demand: str
    run: Callable[[], None]

    def __call__(self) -> None:
        """Run the check; an error of any other kind on the way counts as a demand not met."""
        try:
            self.run()
        except ConformanceError as error:
            raise ConformanceError(f"{self}: {error}") from None
        except Exception as error:
            raise ConformanceError(f"{self}: {type(error).__name__}: {error}") from error

    def __str__(self) -> str:
        """Name the check as test reports show it."""
        return f"{self.subject} {self.demand}"


def demand(holds: bool, otherwise: str) -> None:  # noqa: FBT001
    """Refuse with that sentence unless the condition holds."""
    if not holds:
        raise ConformanceError(otherwise)


def run_all(checks: Iterable[Check]) -> None:
    """Run every check and raise one error that names all demands not met."""
    failed: list[str] = []
    for check in checks:
        try:
            check()
        except ConformanceError as error:
            failed.append(str(error))
    if failed:
        raise ConformanceError("\n".join(failed))
