"""`stillwatch formats`: which log formats can be read."""

from __future__ import annotations

import click

from stillwatch.cli.screen import console, table, text
from stillwatch.registry import extensions
from stillwatch.sources._base import Source


@click.command(short_help="Which log formats can be read.")
def formats() -> None:
    """List the log formats that can be read, and the file names they go by."""
    made = table("Format", "Recognised by", "What it is")
    for name, extension in extensions("sources", Source).items():
        first_line = extension.manual.strip().partition("\n")[0]
        made.add_row(text(name), text(", ".join(extension.value.suffixes) or "content"), text(first_line))
    console().print(made)
