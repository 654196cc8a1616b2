"""`stillwatch simulate`: make a world whose truth is known."""

from __future__ import annotations

from pathlib import Path

import click

from stillwatch.cli.screen import console, harmless
from stillwatch.errors import UsageError
from stillwatch.simulate.worlds import WORLDS, build

MARK = "SIMULATED"
OURS = frozenset({"exchanges", "accounts", "networks", "models", MARK})


@click.command(
    short_help="Make a simulated log whose truth is known.",
    epilog="The worlds:\n\n\b\n" + "\n".join(f"- {name}: {line}" for name, line in WORLDS.items()),
)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--world", type=click.Choice(list(WORLDS)), required=True, help="Which world to make.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The same seed makes the same world.",
)
@click.option(
    "--exchanges",
    type=click.IntRange(min=1),
    default=300_000,
    show_default=True,
    help="About how many exchanges to make.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def simulate(folder: Path, world: str, seed: int, exchanges: int, *, quiet: bool) -> None:
    """Make a simulated log in DIR, with planted campaigns and innocent look-alikes.

    The truth is written to DIR.truth, and what would be known of actors beforehand to DIR.prior.
    """
    make_room(folder)
    build(world, seed=seed, exchanges=exchanges, out=folder)
    if not quiet:
        screen = console()
        screen.print(f"Simulated world {world!r}, seed {seed}: {harmless(folder)}")
        screen.print(f"Its truth: {harmless(folder.with_name(folder.name + '.truth'))}")


def make_room(folder: Path) -> None:
    """Clear away an earlier simulated world; refuse to touch anything else."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    foreign = sorted(entry.name for entry in folder.iterdir() if entry.name.partition(".")[0] not in OURS)
    if foreign or not (folder / MARK).is_file():
        raise UsageError(
            f"The folder {folder} is not empty and holds no simulated world of ours"
            f"{' alone (there is ' + foreign[0] + ')' if foreign else ''}. Name a new folder, or empty this one."
        )
    for entry in folder.iterdir():
        for file in [*entry.iterdir()] if entry.is_dir() else []:
            file.unlink()
        if entry.is_dir():
            entry.rmdir()
        else:
            entry.unlink()
