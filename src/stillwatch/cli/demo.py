"""`stillwatch demo`: the whole way from a log to a report, on a small simulated world."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from stillwatch.cli import summary
from stillwatch.cli.progress import shown
from stillwatch.cli.screen import console, harmless
from stillwatch.cli.simulate import make_room
from stillwatch.model.finding import Campaign
from stillwatch.scan import scan as scan_log
from stillwatch.scoring import score as score_findings
from stillwatch.simulate.worlds import build

WORLD = "easy"
EXCHANGES = 60_000
SEED = 7


@click.command(short_help="Make a small simulated world, scan it, show what was found.")
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    default="stillwatch-demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the world and the findings.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def demo(folder: Path, *, quiet: bool) -> None:
    """Make a small simulated world, scan it, and show what was found.

    Everything lies in DIR afterwards: the log (world), its truth (world.truth) and the findings, with
    report.html to open in a browser.
    """
    world, findings_folder = folder / "world", folder / "findings"
    make_room(world)
    with shown(is_quiet=quiet) as progress:
        progress("simulate", 0, EXCHANGES)
        build(WORLD, seed=SEED, exchanges=EXCHANGES, out=world)
        progress("simulate", EXCHANGES, EXCHANGES)
        findings = scan_log(world, out=findings_folder, progress=progress)
    if quiet:
        return
    summary.print_findings(findings, findings_folder)
    screen = console()
    measures = score_findings(world.with_name("world.truth"), findings_folder)
    screen.print(f"Against the simulated truth: {in_a_line(measures)}")
    screen.print(
        f"Why: stillwatch explain {harmless(findings_folder)} {_first(findings.campaigns)}", style="dim"
    )


def in_a_line(measures: Mapping[str, Any]) -> str:
    """How the findings compare with the truth, in one line."""
    account, planted = measures["account"], len(measures["recall_by_campaign"])
    found = round((measures["campaigns_found"] or 0.0) * planted)
    return (
        f"{found} of {planted} campaigns found, {measures['false_campaigns']} false; "
        f"accounts: precision {_shown(account['precision'])}, recall {_shown(account['recall'])}"
    )


def _shown(share: float | None) -> str:
    return "-" if share is None else f"{share:.2f}"


def _first(campaigns: tuple[Campaign, ...]) -> str:
    return harmless(campaigns[0].campaign_id) if campaigns else "ACCOUNT"
