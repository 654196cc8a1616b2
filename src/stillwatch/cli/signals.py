"""`stillwatch signals`: what is looked at, and the manual page of each."""

from __future__ import annotations

from difflib import get_close_matches

import click

from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.errors import UsageError
from stillwatch.registry import extensions
from stillwatch.signals._base import Signal


@click.command(short_help="What is looked at, and the manual page of each signal.")
@click.argument("name", required=False)
def signals(name: str | None) -> None:
    """List the signals, or print the manual page of the one called NAME."""
    found = extensions("signals", Signal)
    screen = console()
    if name is None:
        made = table("Signal", "Family", "Level", "Needs", "Techniques")
        for known, extension in found.items():
            signal = extension.value
            needs, techniques = ", ".join(signal.needs), ", ".join(signal.techniques)
            made.add_row(*(text(t) for t in (known, signal.family, signal.level, needs, techniques)))
        screen.print(made)
    elif name in found:
        page = "\n".join(harmless(line) for line in found[name].manual.strip().splitlines())
        screen.print(f"{harmless(name)}\n\n{page}", soft_wrap=True)
    else:
        near = get_close_matches(name, found, n=3, cutoff=0.4)
        advice = f"Did you mean {' or '.join(near)}?" if near else "`stillwatch signals` lists them all."
        raise UsageError(f"There is no signal {name!r}. {advice}")
