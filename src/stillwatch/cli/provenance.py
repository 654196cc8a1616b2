"""`stillwatch provenance`: whether a student is what its signed statement says."""

from __future__ import annotations

from pathlib import Path

import click

from stillwatch.cli.screen import console, harmless, text
from stillwatch.distil.manifest import altered
from stillwatch.errors import InputError

ALTERED = 1


@click.group(short_help="Check the signed statement of how a student was made.")
def provenance() -> None:
    """Check the signed statement of how a student was made."""


@provenance.command(short_help="Name every file that was altered since.")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--public-key", metavar="HEX", help="The signer's Ed25519 key, if you have it by another way.")
@click.pass_context
def verify(ctx: click.Context, folder: Path, public_key: str | None) -> None:
    """Check the statement of DIR; end with status 1 if anything in it was altered, added or taken away."""
    try:
        key = bytes.fromhex(public_key) if public_key else None
    except ValueError as error:
        raise InputError("--public-key is no hexadecimal text. Give 64 digits.") from error
    found = altered(folder, key)
    screen = console()
    for line in found:
        screen.print(text(line, "red"))
    if found:
        ctx.exit(ALTERED)
    told = "" if key else " The key lies beside it: this shows accidents, not forgery."
    screen.print(f"{harmless(folder)} is as it was signed.{told}")
