"""`stillwatch assay demo`: a simulated theft from nothing, found in the log and in the stolen model."""

from __future__ import annotations

from pathlib import Path

import click

from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.errors import UsageError
from stillwatch.model.assay import TestResult

NAMES = ("T1", "T2", "T3", "T4")


@click.command(short_help="A simulated theft, found in the log and in the model.")
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    default="stillwatch-assay-demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder for everything that is made.",
)
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="The seed.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def demo(folder: Path, seed: int, *, quiet: bool) -> None:
    """Rehearse a theft, from nothing, on this machine.

    A small teacher is trained and served over HTTP with marks, a simulated campaign takes its answers, the log is scanned, a student
    is distilled from the traffic of the campaign that was found, and the assay tests it beside innocent models. All of it is simulated.
    """
    from stillwatch.distil.tokens import needed  # noqa: PLC0415  an extra

    needed()
    from stillwatch.bench.rehearsed.way import whole_way  # noqa: PLC0415  an extra

    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"The folder {folder} is not empty. Name a new folder with --out.")
    folder.mkdir(parents=True, exist_ok=True)
    screen = console()
    made = whole_way(
        folder, seed=seed, told=lambda line: None if quiet else screen.print(f"{line} ...", style="dim")
    )
    if made.campaign is None or made.assay is None:
        raise UsageError(f"The scan found no campaign of the {made.planted} accounts. Try another --seed.")
    if quiet:
        return
    screen.print(
        f"Simulated. {made.campaign.campaign_id} ({made.campaign.verdict}): {made.right} of the {made.planted} accounts that took answers; "
        f"{made.marked:,} of {made.served:,} answers marked."
    )
    report = made.assay.report
    rows = table("Model", *NAMES, right=NAMES)
    for name, found in _by_model((*report.results, *made.assay.innocent)).items():
        rows.add_row(text(name), *(f"{found[test].p_value:.2g}" if test in found else "-" for test in NAMES))
    screen.print(rows)
    screen.print(text(f"The suspect: {report.word}. {report.sentence}"), soft_wrap=True)
    screen.print(f"Everything lies in {harmless(folder)}", style="dim")


def _by_model(results: tuple[TestResult, ...]) -> dict[str, dict[str, TestResult]]:
    """The p-values of the served set's keys, and of the unkeyed tests; those of the unserved set stand in the report."""
    found: dict[str, dict[str, TestResult]] = {}
    for result in results:
        if result.account_set != "set-0":
            found.setdefault(result.subject, {})[result.test] = result
    return found
