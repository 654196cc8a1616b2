"""`stillwatch explain`: the evidence for and against, in bits, family by family."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import pyarrow.compute as pc
from rich.console import Console
from rich.text import Text

from stillwatch.cli.screen import console, harmless, text
from stillwatch.errors import UsageError
from stillwatch.model.dossier import EvidenceLine, FamilyWeight
from stillwatch.report.attributed import who
from stillwatch.report.evidence import coordination, extraction, family_weights, purpose_told
from stillwatch.report.false_alarms import beside_innocents
from stillwatch.report.files import Filed, read
from stillwatch.report.techniques import technique
from stillwatch.report.wording import BITS_PER_LOG10, percent, signed_bits, to_bits

BAR_WIDTH = 24
MOST_SENTENCES = 6


@click.command(short_help="Show the evidence on a campaign or an account, in bits.")
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
    weights = family_weights(filed.evidence, subject)
    most = None if is_all else MOST_SENTENCES
    _print_waterfall(screen, "One party?", coordination(weights), most)
    _print_waterfall(screen, "A training set?", extraction(weights), most)
    if not weights:
        screen.print("No evidence names it by itself.")
    _print_weighed(screen, filed, subject)
    _print_beside_innocents(screen, filed, subject)
    _print_who(screen, filed, subject)
    _print_techniques(screen, filed, subject)


def _campaign(filed: Filed, subject: str) -> Text | None:
    found = next((c for c in filed.campaigns if c["campaign_id"] == subject), None)
    if found is None:
        return None
    accounts, exchanges = found["accounts"]["best"], found["exchanges"]["best"]
    return Text.assemble(
        text(subject, "bold"),
        text(f": {found['verdict']}, {accounts:,} accounts, {exchanges:,} exchanges"),
        "\n",
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


def _print_waterfall(
    screen: Console, question: str, weights: tuple[FamilyWeight, ...], most: int | None
) -> None:
    if weights:
        screen.print(f"\n{question}", style="bold underline")
    strongest = max((abs(weight.bits) for weight in weights), default=0.0) or 1.0
    for weight in weights:
        screen.print()
        screen.print(
            Text.assemble(
                _bar(weight.bits, strongest, is_blocks=screen.encoding.startswith("utf")),
                text(f"{signed_bits(weight.bits):>8} bits  "),
                text(weight.family, "bold"),
                text(f"  {weight.meaning}", "dim"),
            ),
            soft_wrap=True,
        )
        _print_sentences(screen, weight.lines, most)


def _bar(bits: float, strongest: float, *, is_blocks: bool) -> Text:
    length = round(BAR_WIDTH * abs(bits) / strongest)
    return Text(
        (("█" if is_blocks else "#") * length).rjust(BAR_WIDTH), style="green" if bits >= 0 else "red"
    )


def _print_sentences(screen: Console, lines: tuple[EvidenceLine, ...], most: int | None) -> None:
    for line in lines[:most]:
        side = "for    " if line.bits >= 0 else "against"
        told = harmless(line.text or line.signal)
        screen.print(f"  {signed_bits(line.bits):>8}  {side}  {told}", soft_wrap=True)
    if most is not None and len(lines) > most:
        screen.print(f"{'':12}... and {len(lines) - most} more (--all)", style="dim")


def _print_weighed(screen: Console, filed: Filed, subject: str) -> None:
    """Print what the judge made of it; families that follow from one cause count once there."""
    for campaign in filed.campaigns:
        if campaign["campaign_id"] == subject:
            one_party = signed_bits(campaign["coordination"]["log10_bayes_factor"] * BITS_PER_LOG10)
            training = signed_bits(campaign["distillation"]["log10_bayes_factor"] * BITS_PER_LOG10)
            screen.print(
                f"\nWeighed together: one party {one_party} bits, builds a training set {training} bits."
            )
            if told := _purpose_told(filed, campaign):
                screen.print(told, soft_wrap=True)
            screen.print("Families that follow from one cause are one witness there.", style="dim")


def _purpose_told(filed: Filed, campaign: Mapping[str, Any]) -> str | None:
    purpose = campaign["distillation"]
    weights = family_weights(filed.evidence, campaign["campaign_id"])
    bits = to_bits(purpose["log10_bayes_factor"])
    return purpose_told(weights, campaign["verdict"], bits, purpose["probability"])


def _print_beside_innocents(screen: Console, filed: Filed, subject: str) -> None:
    """Print how rare it is among innocent clusters, and how firm; the verdict does not rest on it."""
    told = beside_innocents(filed.false_alarms, subject)
    if told:
        screen.print("\nHow rare among the innocent, and how firm", style="bold underline")
    for sentence in told:
        screen.print(text(f"  {sentence}"), soft_wrap=True)


def _print_who(screen: Console, filed: Filed, subject: str) -> None:
    """Print who could be behind it, and what stands in the way of saying so."""
    told = who(filed.attributed, subject)
    if told:
        screen.print("\nWho is behind it?", style="bold underline")
    for sentence in told:
        screen.print(text(f"  {sentence}"), soft_wrap=True)


def _print_techniques(screen: Console, filed: Filed, subject: str) -> None:
    """Print how the campaign works, by public name."""
    for campaign in filed.campaigns:
        if campaign["campaign_id"] == subject and campaign["techniques"]:
            screen.print("\nTechniques that it shows", style="bold underline")
            for known in map(technique, campaign["techniques"]):
                screen.print(
                    text(f"  {known.technique_id:<14}{known.name}{' (weak)' if known.is_weak else ''}")
                )
