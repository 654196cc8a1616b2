"""Progress of long work on standard error: stage, rows and rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from stillwatch.cli.screen import console

Report = Callable[[str, int, int | None], None]


class Rows(ProgressColumn):
    """Rows, or whatever else is counted, done; empty for a stage that counts none."""

    def __init__(self, unit: str) -> None:
        """Name what is counted."""
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        """Return the rows of this stage."""
        rows = task.fields["rows"]
        return Text(f"{rows:>12,} {self.unit}" if rows else "")


class Rate(ProgressColumn):
    """Rows a second, empty until there are some."""

    def render(self, task: Task) -> Text:
        """Return the rate of this stage."""
        rows, seconds = task.fields["rows"], task.elapsed
        return Text(f"{rows / seconds:>10,.0f} rows/s" if rows and seconds else "", style="dim")


@contextmanager
def shown(*, is_quiet: bool, unit: str = "rows") -> Iterator[Report]:
    """A progress callback: bars on a terminal, one line a stage elsewhere, nothing when quiet.

    `unit` is what the stages count; a rate is shown for rows only.
    """
    screen = console(is_error=True)
    if is_quiet:
        yield lambda _stage, _done, _total: None
    elif screen.is_terminal:
        with _bars(screen, unit) as bars:
            yield _moving(bars)
            for task in bars.task_ids:
                bars.update(task, total=1, completed=1)
    else:
        yield _lines(screen)


def _bars(screen: Console, unit: str) -> Progress:
    rate = (Rate(),) if unit == "rows" else ()
    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        Rows(unit),
        *rate,
        TimeElapsedColumn(),
        console=screen,
    )


def _moving(bars: Progress) -> Report:
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int | None) -> None:
        if stage not in tasks:
            for earlier in tasks.values():
                bars.update(earlier, total=1, completed=1)
            tasks[stage] = bars.add_task(stage, total=total, rows=0)
        bars.update(tasks[stage], completed=done, total=total, rows=done)

    return report


def _lines(screen: Console) -> Report:
    seen: set[str] = set()

    def report(stage: str, _done: int, _total: int | None) -> None:
        if stage not in seen:
            seen.add(stage)
            screen.print(f"{stage} ...")

    return report
