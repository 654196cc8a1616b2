"""`stillwatch explain`: the evidence for and against, in bits, family by family."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.text import Text

from stillwatch.cli.screen import console, harmless, text
from stillwatch.cli.summary import percent
from stillwatch.errors import UsageError
from stillwatch.model.finding import FAMILIES
from stillwatch.report.files import Filed, read

BITS = math.log2(10)
BAR_WIDTH = 24
MOST_SENTENCES = 6
Row = Mapping[str, Any]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("subject", metavar="CAMPAIGN_OR_ACCOUNT")
@click.option("--all", "is_all", is_flag=True, help="Print every sentence, not only the weightiest.")
def explain(folder: Path, subject: str, *, is_all: bool) -> None:
    """Show why: the evidence on a campaign or an account, for and against, in bits.

    Ten bits make a claim about a thousand times as likely as before. DIR is a findings folder.
    """
    filed = read(folder)
    screen = console()
    if bool(filed.run.get("simulated")):
        screen.print("Simulated traffic: nobody named here exists.", style="bold magenta")
    heading = _campaign(filed, subject) or _account(filed, subject)
    if heading is None:
        raise _unknown(filed, subject, folder)
    screen.print(heading)
    rows = _evidence(filed.evidence, subject)
    if rows:
        _print_waterfall(screen, rows, most=None if is_all else MOST_SENTENCES)
    else:
        screen.print("No evidence names it by itself.")
    _print_weighed(screen, filed, subject)


def _campaign(filed: Filed, subject: str) -> Text | None:
    found = next((c for c in filed.campaigns if c["campaign_id"] == subject), None)
    if found is None:
        return None
    accounts, exchanges = found["accounts"]["best"], found["exchanges"]["best"]
    return Text.assemble(
        text(subject, "bold"),
        text(f": {found['verdict']}, {accounts:,} accounts, {exchanges:,} exchanges\n"),
        text("One party "),
        text(percent(found["coordination"]["probability"]), "bold"),
        text("; builds a training set "),
        text(percent(found["distillation"]["probability"]), "bold"),
    )


def _account(filed: Filed, subject: str) -> Text | None:
    rows = filed.accounts.filter(pc.equal(filed.accounts["account_id"], subject)).to_pylist()
    if not rows:
        return None
    row = rows[0]
    belongs = (
        f"in {row['campaign_id']}, membership {percent(row['membership'])}"
        if row["campaign_id"]
        else "in no campaign"
    )
    return Text.assemble(
        text(subject, "bold"), text(f": {row['verdict']}, {belongs}; risk {percent(row['risk'])}")
    )


def _unknown(filed: Filed, subject: str, folder: Path) -> UsageError:
    known = [*(str(c["campaign_id"]) for c in filed.campaigns), *filed.accounts["account_id"].to_pylist()]
    near = get_close_matches(subject, known, n=3, cutoff=0.6)
    advice = f"Did you mean {' or '.join(near)}?" if near else "The campaigns are listed in report.html."
    return UsageError(f"{folder} holds no campaign and no account {subject!r}. {advice}")


def _evidence(evidence: pa.Table, subject: str) -> list[Row]:
    rows = evidence.filter(pc.equal(evidence["subject"], subject)).to_pylist()
    return [{**row, "bits": (row["log10_bayes_factor"] or 0.0) * BITS} for row in rows]


def _print_waterfall(screen: Console, rows: list[Row], *, most: int | None) -> None:
    families = _by_family(rows)
    strongest = max(1.0, *(abs(_bits(members)) for members in families.values()))
    for family, members in families.items():
        bits = _bits(members)
        screen.print()
        screen.print(
            Text.assemble(
                _bar(bits, strongest),
                text(f" {bits:+7.1f} bits  "),
                text(family, "bold"),
                text(f"  {FAMILIES.get(family, '')}", "dim"),
            )
        )
        _print_sentences(screen, members, most)


def _print_weighed(screen: Console, filed: Filed, subject: str) -> None:
    """Print what the judge made of all of it; families that follow from one cause count once there."""
    for campaign in filed.campaigns:
        if campaign["campaign_id"] == subject:
            one_party = campaign["coordination"]["log10_bayes_factor"] * BITS
            training = campaign["distillation"]["log10_bayes_factor"] * BITS
            screen.print()
            screen.print(
                f"Weighed together: one party {one_party:+.1f} bits, builds a training set {training:+.1f} bits."
            )
            screen.print("Families that follow from one cause count once there.", style="dim")


def _by_family(rows: Iterable[Row]) -> dict[str, list[Row]]:
    families: dict[str, list[Row]] = {}
    for row in rows:
        families.setdefault(str(row["family"]), []).append(row)
    return dict(sorted(families.items(), key=lambda item: (-_bits(item[1]), item[0])))


def _bits(members: Iterable[Row]) -> float:
    return math.fsum(row["bits"] for row in members)


def _bar(bits: float, strongest: float) -> Text:
    length = round(BAR_WIDTH * abs(bits) / strongest)
    mark = "█" if console().encoding.lower().startswith("utf") else "#"
    return Text((mark * length).rjust(BAR_WIDTH), style="green" if bits >= 0 else "red")


def _print_sentences(screen: Console, members: list[Row], most: int | None) -> None:
    ordered = sorted(members, key=lambda row: (-abs(row["bits"]), row["signal"], row["text"] or ""))
    for row in ordered[:most]:
        side = "for    " if row["bits"] >= 0 else "against"
        screen.print(f"  {row['bits']:+6.1f} {side} {harmless(row['text'] or row['signal'])}", soft_wrap=True)
    if most is not None and len(ordered) > most:
        screen.print(f"  ... and {len(ordered) - most} more (--all)", style="dim")
