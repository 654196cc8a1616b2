"""The `stillwatch` command: its commands in order, its errors and its exit statuses."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from stillwatch.cli import ending
from stillwatch.cli.screen import harmless
from stillwatch.errors import StillwatchError

FAILED = 3
BROKEN_PIPE = 141
RINGS_AFTER = 50_000
"""Objects made between two looks of the garbage collector; Python's own figure is 700."""

SECTIONS = {
    "Start here": ("demo",),
    "Prepare": ("check", "convert"),
    "Find campaigns": ("scan", "explain"),
    "Tell and check": ("dossier", "verify"),
    "Keep cases": ("case", "actors"),
    "Tell others": ("share", "psi"),
    "Suspect models": ("assay", "mark"),
    "Distil with leave": ("distill", "provenance"),
    "Measure": ("rehearse", "simulate", "score"),
    "Look up": ("signals", "techniques", "formats"),
}


class Commands(click.Group):
    """A group that lists its commands by purpose, reads only the file of the one asked for, and keeps the exit statuses.

    Python ends with status 1 on an unexpected error; in our contract 1 means that something was found.
    So an unexpected error shows its traceback and ends with 3.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, section after section."""
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, from the file of that name: a scan does not wait for the simulator."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = getattr(import_module(f"{__package__}.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under headings that say what they are for."""
        for heading, names in SECTIONS.items():
            with formatter.section(heading):
                found = [(name, self.get_command(ctx, name)) for name in names]
                formatter.write_dl([(name, c.get_short_help_str(limit=90)) for name, c in found if c])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn what goes wrong into the contract's exit status."""
        try:
            with ending.kept():
                return super().invoke(ctx)
        except StillwatchError as error:
            click.echo("Error: " + "\n".join(harmless(line) for line in str(error).splitlines()), err=True)
            ctx.exit(error.exit_status)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(BROKEN_PIPE)
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted. An earlier result, if there was one, is untouched.", err=True)
            ctx.exit(ending.INTERRUPTED)
        except Exception:  # noqa: BLE001  the traceback is shown; only the exit status is ours
            click.echo(traceback.format_exc(), err=True)
            click.echo(
                "stillwatch failed in a way it did not foresee. Please report the lines above.", err=True
            )
            ctx.exit(FAILED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="stillwatch", message="%(prog)s %(version)s")
def stillwatch() -> None:
    """Find distillation campaigns in a model provider's logs, and show why.

    A campaign is a group of accounts that together draw a model's outputs to train another model.
    stillwatch links accounts by what they share, judges the joint traffic, looks for an innocent
    explanation, and reports. It never acts: people do.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    What was imported stays until the end, so the garbage collector need not look through it again and again, and
    a scan makes few rings of objects, so it need not look often. A call to end lets go of temporary files first.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(RINGS_AFTER, *usual[1:])
    try:
        with ending.heard():
            stillwatch.main(args=arguments, prog_name="stillwatch")
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
