"""`stillwatch share verify`: whether a watchlist is what its signer signed, and still good."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless
from stillwatch.model.sealed import opened
from stillwatch.model.watchlist import WATCHLIST_TYPE, read_watchlist

EXPIRED = 1


@click.command(short_help="Check the signature of a watchlist, and whether it is still good.")
@click.argument("file", type=existing_file)
@click.option(
    "--public-key", type=existing_file, required=True, help="Ed25519 public key (PEM) of who signed it."
)
@click.option("--payload", is_flag=True, help="Print the watchlist itself, as JSON, and nothing else.")
@click.pass_context
def verify(ctx: click.Context, file: Path, public_key: Path, *, payload: bool) -> None:
    """Check that the watchlist in FILE is as its signer signed it, and say what it holds.

    Ends with status 1 if it has expired, and 2 if it is not what the owner of the key signed.
    """
    content = opened(file.read_bytes(), WATCHLIST_TYPE, public_key)
    watchlist = read_watchlist(content)
    if payload:
        click.echo(content, nl=False)
    else:
        kinds = Counter(entry.kind for entry in watchlist.entries)
        told = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())) or "nothing"
        state = "withdrawn" if watchlist.withdrawn else f"good until {watchlist.expires}"
        screen = console()
        if watchlist.simulated:
            screen.print("Simulated traffic: nobody named here exists.", style="bold magenta")
        screen.print(f"{harmless(file)}: signed, {harmless(state)}; {harmless(told)}")
    ctx.exit(EXPIRED if watchlist.expires < datetime.now(UTC).isoformat() else 0)
