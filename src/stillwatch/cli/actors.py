"""`stillwatch actors`: check, list, show and import what is known of possible actors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import click

from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.errors import InputError, UsageError
from stillwatch.model.actor import CREDIBILITY, NOT_JUDGED, RELIABILITY, Actor, Statement
from stillwatch.report.wording import of
from stillwatch.sources.actors.profiles import read_actors
from stillwatch.sources.actors.shape import schema_text
from stillwatch.sources.actors.stix import read_bundle
from stillwatch.sources.actors.written import to_yaml

existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(short_help="Check, list, show and import profiles of possible actors.")
def actors() -> None:
    """Check, list, show and import what is known of possible actors: the files for `scan --actors`.

    A file is JSON, YAML or TOML. Whoever keeps one accuses somebody: write down who says so, how reliable that is, and
    until when it holds.
    """


@actors.command(short_help="Read a file and say what in it is wrong, unknown, expired or missing.")
@click.argument("file", type=existing, required=False)
@click.option(
    "--schema", is_flag=True, help="Print the shape of an actors file as JSON Schema, and nothing else."
)
def check(file: Path | None, *, schema: bool) -> None:
    """Read FILE and say what in it is unknown, missing or has expired; end with status 2 if it cannot be used."""
    if schema:
        click.echo(schema_text(), nl=False)
        return
    if file is None:
        raise UsageError("Name the actors file to check, or ask for its shape with --schema.")
    known = read_actors(file)
    day = _today()
    statements = [s for actor in known.actors for s in actor.statements]
    ended = sum(not s.counts_on(day) for s in statements)
    screen = console()
    screen.print(
        f"{of(len(known.actors), 'actor')}, {of(len(statements), 'statement')}, {ended} of them expired by {day}."
    )
    for note in (*known.notes, *_bare(statements)):
        screen.print(text(note, "yellow"))
    for actor in known.actors:
        if not any(s.kind in ("staff_domain", "payment_fingerprint") for s in actor.statements):
            screen.print(
                text(
                    f"{actor.name}: nothing in it is hard to fake, so no campaign can be attributed to it.",
                    "dim",
                )
            )


@actors.command("list", short_help="List the actors of a file.")
@click.argument("file", type=existing)
def list_(file: Path) -> None:
    """List the actors of FILE with the number of statements that count today."""
    made = table("Actor", "Class", "Statements", "Expired", "Kinds", right=("Statements", "Expired"))
    day = _today()
    for actor in read_actors(file).actors:
        counting = [s for s in actor.statements if s.counts_on(day)]
        kinds = ", ".join(sorted({s.kind.replace("_", " ") for s in counting}))
        ended = len(actor.statements) - len(counting)
        made.add_row(text(actor.name), text(actor.actor_class), str(len(counting)), str(ended), text(kinds))
    console().print(made)


@actors.command(short_help="Show every statement on one actor.")
@click.argument("file", type=existing)
@click.argument("name")
def show(file: Path, name: str) -> None:
    """Show every statement on the actor NAME of FILE, with its source, Admiralty code and days."""
    actor = _named(name, read_actors(file).actors, file)
    screen = console()
    screen.print(text(f"{actor.name} ({actor.actor_class})", "bold"))
    if actor.aliases:
        screen.print(text(f"also known as {', '.join(actor.aliases)}"))
    if actor.note:
        screen.print(text(actor.note), soft_wrap=True)
    made = table("Kind", "What is said", "Code", "Source", "Date", "Expires")
    for statement in actor.statements:
        ended = "" if statement.counts_on(_today()) else " (expired)"
        made.add_row(
            text(statement.kind.replace("_", " ")),
            text(_said(statement)),
            text(statement.code),
            text(statement.source),
            text(statement.date or "-"),
            text((statement.expires or "-") + ended),
        )
    screen.print(made)
    for code in sorted({s.code for s in actor.statements}):
        screen.print(
            text(f"{code}: source {RELIABILITY[code[0]]}, what it says {CREDIBILITY[code[1]]}", "dim")
        )


@actors.command("import", short_help="Make an actors file of a STIX bundle.")
@click.argument("bundle", type=existing)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The YAML file to write."
)
def import_(bundle: Path, out: Path) -> None:
    """Make an actors file of the threat actors and intrusion sets of a STIX 2.1 BUNDLE.

    Countries and motives are not taken. The source is coded F, not judged: judge it before you use the file.
    """
    if out.exists():
        raise UsageError(f"{out} is there already. Name a new file.")
    imported = read_bundle(bundle)
    if not imported.actors:
        raise InputError(
            f"{bundle} holds no threat-actor and no intrusion-set that is named and not revoked."
        )
    note = f"Imported from {bundle.name}. Judge each source, and give each statement a day of expiry."
    out.write_text(to_yaml(imported.actors, note), "utf-8")
    read_actors(out)
    screen = console()
    screen.print(f"{of(len(imported.actors), 'actor')} written to {harmless(out)}.")
    for reason, number in imported.left_out.items():
        screen.print(text(f"Left out: {number} {reason}.", "dim"))


def _bare(statements: Sequence[Statement]) -> Iterator[str]:
    """What statements leave out that whoever relies on them will ask for."""
    counts = {
        "day of expiry: they count for ever": sum(s.expires is None for s in statements),
        f"judged code: they are taken as {NOT_JUDGED}": sum(s.code == NOT_JUDGED for s in statements),
        "date: nobody can tell how old they are": sum(s.date is None for s in statements),
    }
    yield from (f"{of(number, 'statement')} without {what}." for what, number in counts.items() if number)


def _named(name: str, known: tuple[Actor, ...], file: Path) -> Actor:
    wanted = name.casefold()
    for actor in known:
        if wanted in (actor.name.casefold(), *(alias.casefold() for alias in actor.aliases)):
            return actor
    near = get_close_matches(name, [a.name for a in known], n=3, cutoff=0.4)
    advice = f"Did you mean {' or '.join(near)}?" if near else "`stillwatch actors list` lists them."
    raise UsageError(f"{file} holds no actor {name!r}. {advice}")


def _said(statement: Statement) -> str:
    return ", ".join(
        f"{part} {value}" if len(statement.value) > 1 else value for part, value in statement.value.items()
    )


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
