"""`stillwatch score`: compare findings with the truth of a labelled world."""

from __future__ import annotations

import json
from pathlib import Path

import click

from stillwatch.cli.screen import console, table, text
from stillwatch.scoring import score as score_findings
from stillwatch.scoring import summary

folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(short_help="Compare findings with the truth of a simulated log.")
@click.argument("truth", type=folder)
@click.argument("findings", metavar="DIR", type=folder)
@click.option("--json", "is_json", is_flag=True, help="Print all measures as JSON.")
def score(truth: Path, findings: Path, *, is_json: bool) -> None:
    """Compare the findings in DIR with a labelled world's TRUTH: precision, recall and the rest."""
    measures = score_findings(truth, findings)
    if is_json:
        click.echo(json.dumps(measures, indent=2, sort_keys=True))
        return
    made = table("Measure", "Value")
    for row in summary(measures):
        made.add_row(text(row.label), text(row.text))
    console().print(made)
    for message in measures["messages"]:
        console(is_error=True).print(text(message, "yellow"))
