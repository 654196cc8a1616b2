"""The keys that blind what is shared, from a file or the environment."""

from __future__ import annotations

from pathlib import Path

import click

from stillwatch.cli.scan import existing_file
from stillwatch.sources.privacy.key import Key, key_from_environment, key_from_file

KEY_VARIABLE = "STILLWATCH_SHARE_KEY"

key_option = click.option(
    "--key-file",
    type=existing_file,
    help=f"File with the key of the house; else the variable {KEY_VARIABLE}.",
)
circle_option = click.option(
    "--circle-key-file",
    type=existing_file,
    help="File with a key that a circle of providers shares: tokens of texts, programs and reasoning blocks can then be compared.",
)


def house_key(file: Path | None) -> Key:
    """The key of the house."""
    return key_from_environment(KEY_VARIABLE) if file is None else key_from_file(file)


def circle_key(file: Path | None) -> Key | None:
    """The key of the circle, if there is one."""
    return None if file is None else key_from_file(file)
