"""Options of commands that ask models: how much, how fast, how long, how many at a time."""

from __future__ import annotations

import click

from stillwatch.assay.client._base import Bounds
from stillwatch.cli.numbers import FiniteRange

budget_option = click.option(
    "--budget",
    default=Bounds.budget,
    show_default=True,
    type=click.IntRange(0),
    help="Queries at most, tries included.",
)
rate_option = click.option(
    "--per-second",
    default=Bounds.per_second,
    show_default=True,
    type=FiniteRange(0, min_open=True),
    help="Queries a second at most.",
)
timeout_option = click.option(
    "--timeout",
    default=Bounds.timeout_seconds,
    show_default=True,
    type=FiniteRange(0, min_open=True),
    help="Seconds to wait for a server.",
)
threads_option = click.option(
    "--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Questions at a time."
)
