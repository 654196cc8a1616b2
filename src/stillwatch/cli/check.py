"""`stillwatch check`: what a log holds, which signals can run on it, and which column would help most."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.registry import discover
from stillwatch.settings import Settings
from stillwatch.signals._base import Signal
from stillwatch.signals.measure import chosen
from stillwatch.sources.files import TABLES, sources
from stillwatch.sources.gather import open_logs, wanted
from stillwatch.sources.layout import Input
from stillwatch.sources.rejected import Reject

PARTIAL = 3


@dataclass(frozen=True)
class Checked:
    """What was found: rows by fate, for each table the rows that hold each column, signals and what they wait for."""

    read: int
    good: int
    rejected: Mapping[str, int]
    excluded: Mapping[str, int]
    held: Mapping[str, Counter[str]]
    running: Sequence[str]
    waiting: Mapping[str, Sequence[str]]


@click.command(short_help="What a log holds, and which signals can run on it.")
@click.argument("inputs", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--from", "log_format", metavar="FORMAT", help="Format of the log, if it is not to be recognised."
)
@click.option("--map", "mapping", type=existing_file, help="Mapping file (TOML) of a house format of logs.")
@click.pass_context
def check(
    ctx: click.Context, /, inputs: tuple[str, ...], log_format: str | None, mapping: Path | None
) -> None:
    """Read the logs at PATH once and tell what is there, what is lacking, and what that costs.

    PATH is a file, a folder, a pattern, - for standard input, or an address such as s3://bucket/logs/.
    """
    known = sources()
    asked = wanted(log_format, mapping, known)
    with tempfile.TemporaryDirectory(prefix="stillwatch-check-") as scratch:
        log = open_logs(inputs, known, asked, Path(scratch))
        checked = examined(log)
    _show(checked, log)
    ctx.exit(PARTIAL if log.failures or not checked.good else 0)


def examined(log: Input) -> Checked:
    """Read every table once and count what its rows hold."""
    reject, held = Reject(), {name: Counter[str]() for name in TABLES}
    good = 0
    for batch in log.exchanges(reject):
        good += batch.num_rows
        held["exchanges"].update({n: batch.num_rows - batch.column(n).null_count for n in batch.schema.names})
    for name in ("accounts", "networks", "models"):
        whole = getattr(log, name)(reject)
        held[name].update({n: whole.num_rows - whole.column(n).null_count for n in whole.schema.names})
    running, skipped = chosen(discover("signals", Signal), log.present, Settings().signals)
    there = {f"{name}.{column}" for name, columns in held.items() for column, rows in columns.items() if rows}
    signals = discover("signals", Signal)
    waiting = {s.signal: sorted(set(signals[s.signal].needs) - there) for s in skipped}
    return Checked(
        read=log.rows_read["exchanges"],
        good=good,
        rejected=dict(reject.reasons),
        excluded=log.excluded,
        held=held,
        running=sorted(signal.name for signal in running),
        waiting={name: needs for name, needs in waiting.items() if needs},
    )


def _show(checked: Checked, log: Input) -> None:
    screen = console()
    screen.print(
        f"{checked.good:,} exchanges of {checked.read:,} records read; {sum(checked.rejected.values()):,} rejected, "
        f"{sum(checked.excluded.values()):,} excluded."
    )
    for word, reasons in (("Rejected", checked.rejected), ("Excluded", checked.excluded)):
        for reason, rows in sorted(reasons.items(), key=lambda one: -one[1]):
            screen.print(f"  {word} {rows:,}: {harmless(reason)}", style="yellow")
    screen.print(_columns(checked))
    screen.print(f"{len(checked.running)} signals can run; {len(checked.waiting)} lack a column:")
    screen.print(_lacking(checked))
    for name, why in log.failures.items():
        screen.print(f"Not read in full: {harmless(name)}: {harmless(why)}", style="red")
    for note in log.notes:
        screen.print(harmless(note), style="dim")


def _columns(checked: Checked) -> object:
    made = table("Column", "Rows that hold it", "What it is", right=("Rows that hold it",))
    for name, columns in checked.held.items():
        rows = max(columns.values(), default=0)
        for column in TABLES[name].columns if rows else ():
            share = f"{columns[column.name] / rows:.0%}" if columns[column.name] else "none"
            made.add_row(text(f"{name}.{column.name}"), text(share), text(column.meaning))
    return made


def _lacking(checked: Checked) -> object:
    """Columns that signals wait for, those that alone would let most of them run first."""
    alone = Counter(needs[0] for needs in checked.waiting.values() if len(needs) == 1)
    any_of = Counter(column for needs in checked.waiting.values() for column in needs)
    made = table(
        "Column", "Signals it alone would add", "Signals that need it", right=("Signals it alone would add",)
    )
    for column, _ in sorted(any_of.items(), key=lambda one: (-alone[one[0]], -one[1], one[0])):
        waiting = sorted(name for name, needs in checked.waiting.items() if column in needs)
        made.add_row(text(column), text(str(alone[column])), text(", ".join(waiting)))
    return made
