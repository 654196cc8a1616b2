"""`stillwatch provenance`: whether a student is what its signed statement says."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.distil.verified import BESIDE, Given, checks
from stillwatch.model.checked import Check

ALTERED = 1
STYLE = {"same": "green", "not checked": "dim"}
model_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(short_help="Check the signed statement of how a student was made.")
def provenance() -> None:
    """Check the signed statement of how a student was made."""


@provenance.command(short_help="Name what was altered, what is missing, and what was not checked.")
@click.argument("folder", metavar="DIR", type=model_folder)
@click.option(
    "--public-key",
    "keys",
    multiple=True,
    type=existing_file,
    help="The signer's public key (PEM), if you have it by another way; may be repeated, one of each kind.",
)
@click.option("--authorisation", type=existing_file, help="The authorisation record, to compare.")
@click.option(
    "--data", "material", type=existing_file, help="The exchanges that were taught from, to compare."
)
@click.option("--teacher", type=model_folder, help="The teacher's folder, to compare.")
@click.option("--base", type=model_folder, help="The folder of what the student was before, to compare.")
@click.option("--json", "is_json", is_flag=True, help="Print the checks as JSON.")
@click.pass_context
def verify(
    ctx: click.Context, /, folder: Path, keys: tuple[Path, ...], *, is_json: bool, **given: Path | None
) -> None:
    """Check DIR: signatures, every file, the bill of materials and the data set's card, and what lies elsewhere if you name it.

    Ends with status 0 if nothing speaks against it, 1 if something was altered, added or taken away, 2 if it holds no statement.
    """
    found = checks(folder, keys, Given(**given))
    bad = [check for check in found if check.is_bad]
    if is_json:
        click.echo(json.dumps([asdict(check) for check in found], indent=2, sort_keys=True))
    else:
        _print(folder, found, bad)
    ctx.exit(ALTERED if bad else 0)


def _print(folder: Path, found: tuple[Check, ...], bad: list[Check]) -> None:
    made = table("What", "Outcome", "How")
    for check in found:
        style = STYLE.get(check.outcome, "bold red")
        made.add_row(text(check.name), text(check.outcome, style), text(check.told))
    screen = console()
    screen.print(made)
    if unchecked := [check.name for check in found if check.outcome == "not checked"]:
        screen.print(text(f"Not checked: {', '.join(unchecked)}.", "yellow"), soft_wrap=True)
    if bad:
        told = ", ".join(f"{harmless(check.name)} ({check.outcome})" for check in bad)
        screen.print(text(f"{folder}: not as it was signed: {told}.", "bold red"), soft_wrap=True)
        return
    screen.print(text(f"{folder}: what was checked is as it was signed.", "bold green"), soft_wrap=True)
    if any(BESIDE in check.told for check in found):
        screen.print(
            "The key lies in the folder: this shows accidents, not forgery. Give the signer's with --public-key.",
            style="yellow",
        )
