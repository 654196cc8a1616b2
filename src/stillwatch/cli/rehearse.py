"""`stillwatch rehearse`: plant simulated campaigns in a log and tell how many a scan finds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from stillwatch import settings
from stillwatch.bench.design import Design
from stillwatch.bench.power import TARGET
from stillwatch.bench.rehearsal import SIMULATED, Rehearsal
from stillwatch.bench.rehearse import PAGE, RESULT
from stillwatch.bench.rehearse import rehearse as rehearse_log
from stillwatch.bench.stealth import STEALTH, planned
from stillwatch.bench.wording import how_small, works
from stillwatch.cli.progress import shown
from stillwatch.cli.scan import assigned, existing, existing_file
from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.errors import UsageError
from stillwatch.report.wording import count, of, percent, small
from stillwatch.simulate.single import archetypes

MOST_SHOWN = 10


def many(kind: Callable[[str], Any], what: str) -> Callable[..., tuple[Any, ...]]:
    """A callback that reads `20,60,180`."""

    def read(_ctx: click.Context, option: click.Parameter, value: str) -> tuple[Any, ...]:
        parts = [part.strip() for part in value.split(",") if part.strip()]
        try:
            return tuple(kind(part) for part in parts)
        except ValueError as error:
            raise UsageError(
                f"{option.opts[0]} takes {what} with commas between; {value!r} was given. {HINT}"
            ) from error

    return read


HINT = "The log's table of accounts is named with --accounts-table."


@click.command(
    short_help="Plant simulated campaigns in your log, see what would be found.",
    epilog="Levels of stealth:\n\n\b\n"
    + "\n".join(f"- {name}: {level.description}" for name, level in STEALTH.items())
    + "\n\nArchetypes:\n\n"
    + "\n\n".join(f"- {name}: {works(plan)}" for name, plan in archetypes().items()),
)
@click.argument("path", type=existing)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the rehearsal. An earlier rehearsal there is replaced at the end, as a whole.",
)
@click.option(
    "--archetype",
    multiple=True,
    default=Design.archetype,
    show_default=True,
    metavar="NAME",
    help="How the planted campaigns work; may be repeated.",
)
@click.option(
    "--accounts",
    default=",".join(map(str, Design.accounts)),
    show_default=True,
    metavar="N,N,...",
    callback=many(int, "whole numbers"),
    help="Sizes of campaigns.",
)
@click.option(
    "--rates",
    default=",".join(f"{rate:g}" for rate in Design.rates),
    show_default=True,
    metavar="X,X,...",
    callback=many(float, "numbers"),
    help="Exchanges per account and active day.",
)
@click.option(
    "--stealth",
    default=",".join(Design.stealth),
    show_default=True,
    metavar="LEVEL,...",
    callback=many(str, "names"),
    help="How careful the campaigns are.",
)
@click.option(
    "--camouflage",
    type=float,
    default=Design.camouflage,
    show_default=True,
    metavar="SHARE",
    help="Share of traffic copied from the log's innocent requests, at the levels that copy.",
)
@click.option(
    "--repeats", type=int, default=Design.repeats, show_default=True, metavar="N", help="Trials a point."
)
@click.option(
    "--seed", type=int, default=Design.seed, show_default=True, metavar="N", help="Seed of the planting."
)
@click.option(
    "--false-alarm-budget",
    metavar="X",
    help="Expected number of falsely reported distillation campaigns in one scan.",
)
@click.option(
    "--accounts-table", type=existing_file, help="Table of accounts, where it does not lie beside the log."
)
@click.option(
    "--networks",
    type=existing_file,
    help="Table of address ranges; convert makes one of .mmdb files and lists.",
)
@click.option("--models", type=existing_file, help="Table of models and their release times.")
@click.option("--settings", "settings_file", type=existing_file, help="Settings file (TOML).")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="ROOM.NAME=VALUE",
    help="Set one setting; may be repeated. The manual lists all.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option(
    "--json", "is_json", is_flag=True, help="Print rehearsal.json on standard output, and nothing else."
)
def rehearse(
    path: Path,
    out: Path,
    false_alarm_budget: str | None,
    settings_file: Path | None,
    assignments: tuple[str, ...],
    *,
    quiet: bool,
    is_json: bool,
    **named: Any,
) -> None:
    """Plant simulated campaigns in the log at PATH, scan it with each, and tell how many are found.

    PATH is a log as `stillwatch scan` reads it. It is only read: planted copies lie in a temporary folder and
    are removed. One campaign is planted for each size, rate, archetype, level of stealth and repeat, and the log
    is scanned with it, at your own budget. DIR then holds rehearsal.html, with a power curve, and rehearsal.json.
    """
    budget = {} if false_alarm_budget is None else {"judge.false_alarm_budget": false_alarm_budget}
    chosen = settings.load(settings_file, {**budget, **assigned(assignments)})
    with shown(is_quiet=quiet or is_json, unit="scans") as progress:
        rehearsal = rehearse_log(path, out=out, **named, settings=chosen, progress=progress)
    if is_json:
        click.echo((out / RESULT).read_text("ascii"), nl=False)
    elif not quiet:
        print_rehearsal(rehearsal, out)


def print_rehearsal(rehearsal: Rehearsal, folder: Path) -> None:
    """Print the power table, where each curve reaches the target, and which accounts of the log were touched."""
    screen = console()
    screen.print()
    screen.print(SIMULATED, style="bold magenta")
    if rehearsal.run.simulated:
        screen.print("The log is simulated too.", style="bold magenta")
    found = sum(trial.is_found for trial in rehearsal.trials)
    screen.print(f"{found} of {of(len(rehearsal.trials), 'planted campaign')} found", style="bold")
    screen.print(_baseline(rehearsal))
    for (archetype, stealth), group in groupby(
        rehearsal.points, key=lambda point: (point.cell.archetype, point.cell.stealth)
    ):
        screen.print()
        screen.print(
            f"{archetype}, {stealth}: {works(planned(archetype, stealth, rehearsal.design.camouflage))}"
        )
        screen.print(_table(rehearsal, list(group)))
    screen.print()
    _print_touched(rehearsal)
    for note in rehearsal.notes:
        screen.print(note, style="dim")
    screen.print(f"Report: {harmless(folder / PAGE)}")


def _baseline(rehearsal: Rehearsal) -> str:
    base = rehearsal.baseline
    return (
        f"Without planting the log shows {of(base.distillation, 'distillation campaign')}, {of(base.relay, 'relay')} "
        f"and {of(base.coordinated, 'coordinated group')}; these are not counted."
    )


def _table(rehearsal: Rehearsal, points: list[Any]) -> Table:
    right = ("A day", "Accounts", "Exchanges", "Found", "Power", "95 %", "Named")
    made = table(*right, f"Smallest at {percent(TARGET)}", right=right)
    ends = {(s.archetype, s.stealth, s.rate): how_small(s) for s in rehearsal.smallest}
    before = None
    for point in points:
        cell, is_first = point.cell, point.cell.rate != before
        before = cell.rate
        made.add_row(
            small(cell.rate) if is_first else "",
            count(cell.accounts),
            count(point.exchanges),
            f"{point.found} of {point.trials}",
            percent(point.power),
            f"{percent(point.low)} to {percent(point.high)}",
            percent(point.named),
            text(ends[cell.archetype, cell.stealth, cell.rate]) if is_first else "",
        )
    return made


def _print_touched(rehearsal: Rehearsal) -> None:
    screen, touched = console(), rehearsal.newly_named
    if not touched:
        screen.print("No planting got an account of your log named that was not named before.")
        return
    listed = ", ".join(harmless(account) for account, _ in touched[:MOST_SHOWN])
    more = f" and {len(touched) - MOST_SHOWN} more" if len(touched) > MOST_SHOWN else ""
    screen.print(
        text(
            f"Plantings got {of(len(touched), 'account')} of your log named that no scan of it named before: {listed}{more}.",
            "yellow",
        )
    )
