"""`stillwatch case assay`: record for a campaign what an assay of its suspected student says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from stillwatch.casebook.door import casebook_room
from stillwatch.cli.assaying.reported import key_option, reported, tokenizer_option, unserved_option
from stillwatch.cli.assaying.told import keys
from stillwatch.cli.screen import harmless
from stillwatch.model.recorded import RecordedAssay


@click.command("assay", short_help="Record an assay of a campaign's suspected student.")
@click.option(
    "--casebook",
    "place",
    envvar="STILLWATCH_CASEBOOK",
    required=True,
    metavar="FILE_OR_URL",
    help="The casebook that scans keep; also from STILLWATCH_CASEBOOK.",
)
@click.option(
    "--by",
    envvar="STILLWATCH_ANALYST",
    required=True,
    metavar="NAME",
    help="Who; also from STILLWATCH_ANALYST.",
)
@click.argument("campaign_id")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@key_option
@unserved_option
@tokenizer_option
@click.option("--reason", required=True, help="Why this model is suspected; whoever reviews it reads this.")
def record_assay(
    place: str,
    by: str,
    campaign_id: str,
    folder: Path,
    key: Sequence[str],
    unserved_key: Sequence[str],
    tokenizer: str,
    reason: str,
) -> None:
    """Record the assay in DIR for CAMPAIGN_ID: its verdict, its tests and controls, its plan's seal, when and by whom.

    The report is made again from DIR first. It stands in the campaign's dossier as evidence about a model; it changes no judgement of the
    campaign and names nobody. It counts once somebody else agrees.
    """
    report = reported(folder, {**keys(key), **keys(unserved_key)}, tokenizer)
    book = casebook_room("store").Casebook(place)
    try:
        with book.writing() as connection:
            number = casebook_room("assays").keep(connection, campaign_id, report, who=by, reason=reason)
    finally:
        book.close()
    click.echo(f"Assay {number} is kept: {report.word}. {harmless(report.sentence)}")
    if report.word == "uncalibrated":
        click.echo("Without its controls it counts for nothing, whoever agrees.")
        return
    click.echo(
        f"It counts once somebody else agrees: stillwatch case review {campaign_id} --assay {number} --agree"
    )


def assay_line(assay: RecordedAssay) -> str:
    """One recorded assay, as `case show` tells it."""
    agreed = ", ".join(assay.agreed) or "nobody yet"
    against = f", against it {', '.join(assay.disagreed)}" if assay.disagreed else ""
    counts = "counts" if assay.counts else "does not count"
    return (
        f"assay {assay.entry} of {assay.report.suspect}: {assay.report.word}, by {assay.who} on {assay.recorded[:10]}, agreed {agreed}{against}; "
        f"{counts}. Plan {assay.report.plan_seal[:16]}. {assay.report.sentence} {assay.reason}"
    )
