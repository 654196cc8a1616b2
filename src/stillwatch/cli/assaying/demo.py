"""`stillwatch assay demo`: a simulated theft from nothing, found in the log and in the stolen model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stillwatch.casebook.door import casebook_room
from stillwatch.cli.dossier import dossier
from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.errors import UsageError
from stillwatch.model.assay import TestResult

if TYPE_CHECKING:
    from stillwatch.bench.rehearsed.way import Rehearsed

NAMES = ("T1", "T2", "T3", "T4")
CASEBOOK, DOSSIERS, FOUND = "cases.db", "dossiers", "trained on served text"
WHO, WHY = "the rehearsal", "simulated: taught from this campaign's traffic"


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

    A simulated log is scanned, a small teacher is trained and served over HTTP to the campaign that was found, with marks, the log of it is scanned, a student
    is distilled from that campaign's traffic, the assay tests it beside innocent models and is recorded for the campaign, whose dossier tells it. All of it is simulated.
    Ends with status 1 if the student is not called.
    """
    from stillwatch.distil.tokens import needed  # noqa: PLC0415  an extra

    needed()
    casebook_room("store")
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
    entry = into_the_casebook(folder, made)
    if not quiet:
        _tell(screen, made, entry)
        screen.print(f"The dossier with it: {harmless(folder / DOSSIERS / made.campaign.campaign_id)}")
        screen.print(f"Everything lies in {harmless(folder)}", style="dim")
    click.get_current_context().exit(0 if made.assay.report.word == FOUND else 1)


def into_the_casebook(folder: Path, made: Rehearsed) -> int:
    """Keep the report for the campaign that the scan found, whose account set was served, and write the dossier that tells it; gives its number in the casebook."""
    assert made.campaign is not None  # noqa: S101  its callers asked
    assert made.assay is not None  # noqa: S101  as above
    campaign_id, casebook = made.campaign.campaign_id, str(folder / CASEBOOK)
    book = casebook_room("store").Casebook(casebook)
    try:
        with book.writing() as connection:
            entry = int(
                casebook_room("assays").keep(connection, campaign_id, made.assay.report, who=WHO, reason=WHY)
            )
    finally:
        book.close()
    told = ["--campaign", campaign_id, "--casebook", casebook, "--formats", "html,json,zip", "--quiet"]
    dossier(
        [str(folder / "findings"), "--out", str(folder / DOSSIERS), *told],
        standalone_mode=False,
    )
    return entry


def _tell(screen: Any, made: Rehearsed, entry: int) -> None:
    assert made.campaign is not None  # noqa: S101  its caller asked
    assert made.assay is not None  # noqa: S101  as above
    screen.print(
        f"Simulated. {made.campaign.campaign_id} ({made.campaign.verdict}): {made.right} of the {made.planted} accounts that took answers; "
        f"{made.marked:,} of {made.served:,} answers marked."
    )
    report = made.assay.report
    rows = table("Model", *NAMES, right=NAMES)
    for name, found in _by_model((*report.results, *made.assay.innocent)).items():
        rows.add_row(text(name), *(_p(found.get(test), report.level) for test in NAMES))
    screen.print(rows)
    screen.print(f"* rejects at {report.level:g}, held over each family of tests.", style="dim")
    screen.print(text(f"The suspect: {report.word}. {report.sentence}"), soft_wrap=True)
    screen.print(
        f"Recorded for {made.campaign.campaign_id} as entry {entry} of {CASEBOOK}; it counts once somebody else agrees."
    )


def _p(result: TestResult | None, level: float) -> str:
    if result is None:
        return "-"
    return f"{result.p_value:.2g}{'*' if (result.adjusted_p or 1.0) <= level else ' '}"


def _by_model(results: tuple[TestResult, ...]) -> dict[str, dict[str, TestResult]]:
    """The p-values of the served set's keys, and of the unkeyed tests; those of the unserved set stand in the report."""
    found: dict[str, dict[str, TestResult]] = {}
    for result in results:
        if result.account_set != "set-0":
            found.setdefault(result.subject, {})[result.test] = result
    return found
